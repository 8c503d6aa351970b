/* The rows of the table: findings, or packages where nothing could be matched. */
#include "report/table.h"

enum { CELLS = 6, GAP = 2, INSTRUCTION = 48, LAYER_MIN = 4, FLOW_INDENT = 4 };

struct line {
	struct str cells[CELLS]; /* printable */
	enum severity severity;
};

struct grid {
	const char *const *heads;
	size_t columns;
	struct line *lines;
	size_t count;
	size_t widths[CELLS];
};

static const char *color_of(enum severity s)
{
	static const char *const codes[SEVERITIES] = {
		[SEVERITY_CRITICAL] = "\033[1;31m", [SEVERITY_HIGH] = "\033[31m",
		[SEVERITY_MEDIUM] = "\033[33m",	    [SEVERITY_LOW] = "\033[36m",
		[SEVERITY_NEGLIGIBLE] = "\033[2m",
	};

	return codes[s];
}

static void measure(struct grid *g)
{
	for (size_t c = 0; c < g->columns; c++) {
		g->widths[c] = strlen(g->heads[c]);
		for (size_t i = 0; i < g->count; i++) {
			size_t width = label_width(g->lines[i].cells[c]);

			if (width > g->widths[c])
				g->widths[c] = width;
		}
	}
}

/* Of a line with these columns, the blank in front included. */
static size_t line_width(const struct grid *g, size_t columns)
{
	size_t width = 1;

	for (size_t c = 0; c < columns; c++)
		width += g->widths[c] + (c ? GAP : 0);
	return width;
}

static void add_cell(struct table *t, struct str cell, enum severity s, bool colored)
{
	const char *color = colored && t->o->color ? color_of(s) : NULL;

	if (color)
		buf_add_cstr(t->out, color);
	buf_add(t->out, cell);
	if (color)
		buf_add_cstr(t->out, "\033[0m");
}

/* Cells in columns; the first has the colour. */
static void write_columns(struct table *t, const struct grid *g, const struct str *cells,
			  enum severity s, bool colored)
{
	size_t blanks = 1;

	for (size_t c = 0; c < g->columns; c++) {
		if (!cells[c].len) {
			blanks += g->widths[c] + GAP;
			continue;
		}
		buf_printf(t->out, "%*s", (int)blanks, "");
		add_cell(t, cells[c], s, colored && c == 0);
		blanks = g->widths[c] - label_width(cells[c]) + GAP;
	}
	buf_add_char(t->out, '\n');
}

/* Where lines go on: under the second column, where that leaves half of the terminal. */
static size_t flow_indent(const struct table *t, const struct grid *g)
{
	return line_width(g, 2) * 2 <= t->o->width ? line_width(g, 1) + GAP : FLOW_INDENT;
}

/*
 * Cells one after the other, on as many lines as they need; none is cut. The first two stay
 * columns, and lines go on under the second, where that leaves half of the terminal.
 */
static void write_flow(struct table *t, const struct grid *g, const struct line *l)
{
	size_t indent = flow_indent(t, g), at = 0, blanks = 1;
	bool columns = indent != FLOW_INDENT;

	for (size_t c = 0; c < g->columns; c++) {
		size_t width = label_width(l->cells[c]);

		if (!width)
			continue;
		if (at && at + blanks + width > t->o->width) {
			buf_printf(t->out, "\n%*s", (int)indent, "");
			at = indent;
		} else {
			buf_printf(t->out, "%*s", (int)blanks, "");
			at += blanks;
		}
		add_cell(t, l->cells[c], l->severity, c == 0);
		at += width;
		blanks = GAP + (columns && c < 2 ? g->widths[c] - width : 0);
	}
	buf_add_char(t->out, '\n');
}

static void write_grid(struct table *t, struct grid *g)
{
	struct str heads[CELLS];
	bool fits;

	measure(g);
	fits = !t->o->width || line_width(g, g->columns) <= t->o->width;
	for (size_t c = 0; c < g->columns; c++)
		heads[c] = str_of(g->heads[c]);
	if (fits)
		write_columns(t, g, heads, SEVERITY_UNKNOWN, false);
	for (size_t i = 0; i < g->count; i++) {
		if (fits)
			write_columns(t, g, g->lines[i].cells, g->lines[i].severity, true);
		else
			write_flow(t, g, &g->lines[i]);
	}
}

/* A buffer's text into the arena; the failure is the table's. */
static struct str keep(struct table *t, const struct buf *b)
{
	struct str s = buf_failed(b) ? STR_NULL : arena_str(&t->arena, buf_str(b));

	if (!s.data)
		t->out->failed = true;
	return s;
}

static struct str text(struct table *t, struct str s)
{
	struct str printable = label_text(&t->arena, s);

	if (!printable.data)
		t->out->failed = true;
	return printable;
}

/* "glibc  libc6 +3": the source, the first binary package, how many more. */
static struct str package_cell(struct table *t, const struct document_finding *f, size_t count)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	const struct package *p = finding_package(t->d, f);
	struct str source = finding_source(t->d, f);

	buf_add_escaped(&b, source);
	if (p && !str_eq(source, p->name)) {
		buf_add_cstr(&b, "  ");
		buf_add_escaped(&b, p->name);
	}
	if (count > 1)
		buf_printf(&b, " +%zu", count - 1);
	return keep(t, &b);
}

static struct str layer_cell(struct table *t, int layer, size_t max)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	label_layer(&b, t->d, layer, max);
	return keep(t, &b);
}

/*
 * The layer comes last and is the only cell that may be cut: to what the other columns leave of the
 * terminal, or, where they leave nothing, to a line of its own.
 */
static size_t layer_room(struct table *t, struct grid *g, size_t last)
{
	size_t used;

	measure(g);
	used = line_width(g, last) + GAP;
	if (t->o->width && used + LAYER_MIN > t->o->width)
		used = flow_indent(t, g);
	if (!t->o->width || used + INSTRUCTION <= t->o->width)
		return INSTRUCTION;
	return used + LAYER_MIN <= t->o->width ? t->o->width - used : LAYER_MIN;
}

static void write_hidden(struct table *t)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT, line = BUF_INIT;

	for (int s = SEVERITIES - 1; s >= 0; s--) {
		if (t->hidden[s])
			buf_printf(&b, "%s%zu %s", b.len ? ", " : "", t->hidden[s],
				   severity_name((enum severity)s));
	}
	if (!label_any(&b))
		return;
	buf_add_cstr(&line, t->rows.count ? " \xe2\x80\xa6 " : " ");
	label_add(&line, &b);
	buf_add_cstr(&line, " not shown (--all)");
	if (buf_failed(&line))
		t->out->failed = true;
	table_wrapped(t, buf_str(&line), 3, "");
}

int table_body(struct table *t, struct err *e)
{
	static const char *const heads[CELLS] = {"SEVERITY",  "ID",	  "PACKAGE",
						 "INSTALLED", "FIXED IN", "LAYER"};
	struct grid g = {.heads = heads, .columns = CELLS, .count = t->rows.count};
	size_t room, before = t->out->len;

	g.lines = arena_alloc_array(&t->arena, g.count + 1, sizeof(*g.lines));
	if (!g.lines)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < g.count; i++) {
		const struct document_finding *f = row_finding(t->d, &t->rows, i, 0);
		struct line *l = &g.lines[i];

		l->severity = f->severity;
		l->cells[0] = str_of(severity_name(f->severity));
		l->cells[1] = text(t, f->id);
		l->cells[2] = package_cell(t, f, t->rows.items[i].count);
		l->cells[3] = text(t, f->installed_version);
		l->cells[4] = text(t, label_fix(f));
	}
	room = layer_room(t, &g, CELLS - 1);
	for (size_t i = 0; i < g.count; i++)
		g.lines[i].cells[CELLS - 1] =
			layer_cell(t, row_finding(t->d, &t->rows, i, 0)->layer, room);
	if (g.count)
		write_grid(t, &g);
	write_hidden(t);
	if (t->out->len > before)
		buf_add_char(t->out, '\n');
	return 0;
}

int table_packages(struct table *t, struct err *e)
{
	static const char *const heads[] = {"TYPE", "PACKAGE", "VERSION", "ARCH", "LAYER"};
	struct grid g = {.heads = heads, .columns = 5, .count = t->d->packages.count};
	size_t room;

	g.lines = arena_alloc_array(&t->arena, g.count + 1, sizeof(*g.lines));
	if (!g.lines)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < g.count; i++) {
		const struct package *p = &t->d->packages.items[i];
		struct line *l = &g.lines[i];

		l->cells[0] = str_of(package_type_name(p->type));
		l->cells[1] = text(t, p->name);
		l->cells[2] = text(t, p->version);
		l->cells[3] = text(t, p->arch);
	}
	room = layer_room(t, &g, 4);
	for (size_t i = 0; i < g.count; i++)
		g.lines[i].cells[4] = layer_cell(t, t->d->packages.items[i].layer, room);
	write_grid(t, &g);
	return 0;
}
