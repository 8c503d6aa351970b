/*
 * For people: place, level, code, message; the line with a caret below; what the fix is; at the end
 * the counts.
 */
#include "dockerfile/lint_format.h"
#include "dockerfile/waste.h"

/* Columns of source text shown where the terminal does not say. */
enum { EXCERPT_WIDTH = 160 };

static const char *const colors[LEVELS] = {
	[LEVEL_ERROR] = "31;1", [LEVEL_WARNING] = "33;1", [LEVEL_INFO] = "36",
	[LEVEL_STYLE] = "35",	[LEVEL_IGNORE] = "0",
};

static void add_colored(const struct lint_format_options *o, const char *color, const char *text,
			struct buf *out)
{
	if (o->color)
		buf_printf(out, "\033[%sm%s\033[0m", color, text);
	else
		buf_add_cstr(out, text);
}

/* The line around a byte, without its end. */
static struct str line_at(struct str text, uint32_t offset, uint32_t *ret_start)
{
	size_t start = offset, end = offset;

	/* a line of 10 MB must not cost 10 MB for each finding in it */
	while (start > 0 && text.data[start - 1] != '\n' && offset - start < 4096)
		start--;
	while (end < text.len && text.data[end] != '\n' && end - offset < 4096)
		end++;
	while (end > start && text.data[end - 1] == '\r')
		end--;
	*ret_start = (uint32_t)start;
	return str_sub(text, start, end);
}

/* Prints one character (or bad byte) of a line as it may be shown; the columns it takes. */
static size_t show(struct str line, size_t *at, struct buf *out)
{
	size_t n = str_utf8_len(str_from(line, *at)), before = out->len, columns = 0;

	if (line.data[*at] == '\t') {
		buf_add_char(out, ' ');
		++*at;
		return 1;
	}
	buf_add_escaped(out, str_sub(line, *at, *at + (n ? n : 1)));
	*at += n ? n : 1;
	for (size_t i = before; i < out->len; i++)
		columns += ((unsigned char)out->data[i] & 0xc0) != 0x80;
	return columns;
}

static void add_excerpt(const struct lint_format_options *o, struct str text,
			const struct finding *f, struct buf *out)
{
	CLEANUP(buf_done) struct buf source = BUF_INIT;
	CLEANUP(buf_done) struct buf caret = BUF_INIT;
	unsigned width = o->width ? o->width - (o->width > 10 ? 10 : 0) : EXCERPT_WIDTH;
	uint32_t start;
	struct str line = line_at(text, f->span.start, &start);
	size_t from = f->span.start - start, at = 0, columns = 0;

	/* a caret far to the right: the excerpt begins somewhat before it */
	if (from > width * 3 / 4) {
		at = from - width / 4;
		while (at < from && ((unsigned char)line.data[at] & 0xc0) == 0x80)
			at++;
		buf_add_cstr(&source, "...");
		buf_add_cstr(&caret, "   ");
		columns = 3;
	}
	while (at < line.len && columns + 3 < width) {
		bool inside = at >= from && start + at < f->span.end;
		char mark = !inside ? ' ' : at == from ? '^' : '~';
		size_t n = show(line, &at, &source);

		columns += n;
		for (; n > 0; n--, mark = mark == '^' ? '~' : mark)
			buf_add_char(&caret, mark);
	}
	if (at < line.len)
		buf_add_cstr(&source, "...");
	if (f->span.start - start >= line.len)
		buf_add_char(&caret, '^');
	buf_printf(out, "%5u | %.*s\n      | ", f->start.line, STR_ARG(buf_str(&source)));
	while (caret.len && caret.data[caret.len - 1] == ' ')
		caret.len--;
	buf_add_char(&caret, '\0');
	if (!buf_failed(&caret))
		add_colored(o, colors[f->level], caret.data, out);
	buf_add_char(out, '\n');
}

/* "wastes 18.4 MB in layer 3: var/lib/apt/lists" */
static void add_waste(const struct lint_waste *w, struct buf *out)
{
	const struct str *names = w->packages ? w->packages : w->paths;
	uint32_t count = w->packages ? w->package_count : w->path_count;
	uint32_t shown = w->packages ? 6 : 3;

	if (!w->known) {
		buf_printf(out, "      waste not known: %.*s\n", STR_ARG(w->reason));
		return;
	}
	if (w->layer < 0) {
		buf_printf(out, "      wastes nothing: %.*s\n", STR_ARG(w->reason));
		return;
	}
	buf_printf(out, "      wastes %s", w->at_least ? "at least " : "");
	if (w->bytes)
		waste_bytes(w->bytes, out);
	else
		buf_add_cstr(out, w->at_least ? "0 B" : "nothing");
	buf_printf(out, " in layer %d", w->layer);
	for (uint32_t n = 0; n < count && n < shown; n++) {
		buf_add_cstr(out, n ? ", " : ": ");
		buf_add_escaped(out, names[n]);
	}
	if (count > shown)
		buf_printf(out, " and %u more", count - shown);
	buf_add_char(out, '\n');
}

static void file(const struct lint_format_options *o, const struct lint_file_report *f,
		 struct buf *out)
{
	for (size_t i = 0; i < f->result->count; i++) {
		const struct finding *x = f->result->findings[i];

		buf_add_escaped(out, f->path);
		buf_printf(out, ":%u:%u ", x->start.line, x->start.column);
		add_colored(o, colors[x->level], lint_level_name(x->level), out);
		buf_printf(out, " %s ", x->rule->code);
		buf_add_escaped(out, x->message);
		buf_add_char(out, '\n');
		add_excerpt(o, f->result->file->text, x, out);
		if (x->fix) {
			buf_printf(out, "      fix (%s): ", x->fix->safe ? "safe" : "unsafe");
			buf_add_escaped(out, x->fix->reason);
			buf_add_char(out, '\n');
		}
		if (x->waste)
			add_waste(x->waste, out);
	}
}

static void add_count(struct buf *out, bool *some, size_t count, const char *one, const char *many)
{
	if (!count)
		return;
	buf_printf(out, "%s%zu %s", *some ? ", " : "", count, count == 1 ? one : many);
	*some = true;
}

static void tail(const struct lint_format_options *o, const struct lint_totals *t, struct buf *out)
{
	bool some = false;

	(void)o;
	add_count(out, &some, t->per_level[LEVEL_ERROR], "error", "errors");
	add_count(out, &some, t->per_level[LEVEL_WARNING], "warning", "warnings");
	add_count(out, &some, t->per_level[LEVEL_INFO], "info", "info");
	add_count(out, &some, t->per_level[LEVEL_STYLE], "style", "style");
	buf_printf(out, "%s in %zu file%s", some ? "" : "nothing found", t->files,
		   t->files == 1 ? "" : "s");
	if (t->fixed)
		buf_printf(out, "; %zu fixed", t->fixed);
	if (t->safe)
		buf_printf(out, "; %zu can be fixed with --fix", t->safe);
	if (t->unsafe)
		buf_printf(out, "; %zu%s with --fix=unsafe", t->unsafe,
			   t->safe ? " more" : " can be fixed");
	if (t->suppressed)
		buf_printf(out, "; %zu silenced by comments", t->suppressed);
	if (t->image && t->wasted) {
		buf_add_cstr(out, "; ");
		waste_bytes(t->wasted, out);
		buf_add_cstr(out, " of the image wasted");
	}
	buf_add_char(out, '\n');
}

const struct lint_format lint_format_table = {
	.name = "table",
	.aliases = "tty",
	.summary = "for people, with the source line",
	.human = true,
	.file = file,
	.tail = tail,
};
