/*
 * deb-822(5) by lines. Traps: a continuation of only blanks is the end of the paragraph for some
 * readers and an error for dpkg; names have no case; dpkg lets blanks stand before the colon.
 */
#include "text/deb822.h"

/* What the continuation lines belong to. */
enum { NOTHING, KEPT, DROPPED };

int deb822_init(struct deb822 *d, const struct deb822_options *options, struct err *e)
{
	*d = (struct deb822){.options = *options};
	if (d->options.paragraph_max == 0)
		d->options.paragraph_max = DEB822_PARAGRAPH;
	lines_init(&d->lines, options->line_max, options->budget);
	buf_init(&d->text, options->budget, 0);
	d->fields = mem_zero(DEB822_FIELDS, sizeof(*d->fields));
	return d->fields ? 0 : ERR_NOMEM(e);
}

void deb822_done(struct deb822 *d)
{
	lines_done(&d->lines);
	buf_done(&d->text);
	mem_free(d->fields);
	d->fields = NULL;
}

const char *deb822_odd_text(enum deb822_odd what)
{
	static const char *const texts[] = {
		[DEB822_LINE_TOO_LONG] = "a line is longer than the limit",
		[DEB822_PARAGRAPH_TOO_LARGE] = "a paragraph is larger than the limit",
		[DEB822_TOO_MANY_FIELDS] = "a paragraph has more fields than the limit",
		[DEB822_NOT_A_FIELD] = "a line is neither a field nor a continuation",
		[DEB822_LOST_CONTINUATION] = "a continuation line has no field",
		[DEB822_DUPLICATE_FIELD] = "a field stands twice in a paragraph",
		[DEB822_BLANK_LINE] = "a line of blanks ends a paragraph",
	};

	return texts[what];
}

static void odd(struct deb822 *d, enum deb822_odd what)
{
	if (d->options.odd)
		d->options.odd(d->options.context, what, d->lines.line);
}

static void dropped(struct deb822 *d, enum deb822_odd what)
{
	d->incomplete = true;
	odd(d, what);
}

static void begin(struct deb822 *d)
{
	if (d->open)
		return;
	d->open = true;
	d->line = d->lines.line;
	d->offset = d->lines.offset;
}

static size_t trailing_blanks(struct str s)
{
	struct str trimmed = str_trim(s);

	return (size_t)(s.data + s.len - (trimmed.data + trimmed.len));
}

/* A first line may be empty: its line break stays. */
static struct str trim_value(struct str s)
{
	while (s.len && (s.data[0] == ' ' || s.data[0] == '\t'))
		s = str_from(s, 1);
	return str_to(s, s.len - trailing_blanks(s));
}

static int end_paragraph(struct deb822 *d, struct err *e)
{
	struct deb822_paragraph p = {d->fields, d->count, d->line, d->offset, d->incomplete};
	bool any = d->count || d->incomplete;

	for (size_t i = 0; i < d->count; i++) {
		struct deb822_field *f = &d->fields[i];

		f->name.data = d->text.data + f->name_at;
		f->value = trim_value(str_make(d->text.data + f->value_at, f->value.len));
	}
	d->open = d->incomplete = d->told_size = false;
	d->count = 0;
	d->current = NOTHING;
	if (any && d->options.paragraph(d->options.context, &p, e) < 0)
		return -1;
	buf_clear(&d->text);
	return 0;
}

static bool fits(struct deb822 *d, size_t more)
{
	if (more <= d->options.paragraph_max - d->text.len)
		return true;
	d->incomplete = true;
	d->current = DROPPED;
	if (!d->told_size)
		odd(d, DEB822_PARAGRAPH_TOO_LARGE);
	d->told_size = true;
	return false;
}

static int add_text(struct deb822 *d, struct str s, struct err *e)
{
	buf_add(&d->text, s);
	return buf_failed(&d->text) ? ERR_NOMEM(e) : 0;
}

static bool is_wanted(const struct deb822 *d, struct str name)
{
	const char *const *wanted = d->options.wanted;

	if (!wanted)
		return true;
	while (*wanted && !str_eq_nocase(str_of(*wanted), name))
		wanted++;
	return *wanted != NULL;
}

static bool seen(const struct deb822 *d, struct str name)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct deb822_field *f = &d->fields[i];

		if (str_eq_nocase(str_make(d->text.data + f->name_at, f->name.len), name))
			return true;
	}
	return false;
}

static bool has_blank(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.data[i] <= ' ')
			return true;
	return false;
}

static int add_field(struct deb822 *d, struct str name, struct str value, struct err *e)
{
	struct deb822_field *f;

	d->current = DROPPED;
	if (!is_wanted(d, name))
		return 0;
	if (d->count == DEB822_FIELDS) {
		dropped(d, DEB822_TOO_MANY_FIELDS);
		return 0;
	}
	if (seen(d, name))
		odd(d, DEB822_DUPLICATE_FIELD);
	if (!fits(d, name.len + value.len))
		return 0;
	f = &d->fields[d->count];
	*f = (struct deb822_field){.line = d->lines.line};
	f->name_at = d->text.len;
	f->name.len = name.len;
	f->value_at = d->text.len + name.len;
	f->value.len = value.len;
	if (add_text(d, name, e) < 0 || add_text(d, value, e) < 0)
		return -1;
	d->count++;
	d->current = KEPT;
	return 0;
}

static int field_line(struct deb822 *d, struct str line, struct err *e)
{
	ptrdiff_t colon = str_find_char(line, ':');
	struct str name = str_trim(str_to(line, colon < 0 ? 0 : (size_t)colon));

	begin(d);
	if (name.len == 0 || has_blank(name)) {
		d->current = DROPPED;
		dropped(d, DEB822_NOT_A_FIELD);
		return 0;
	}
	return add_field(d, name, str_from(line, (size_t)colon + 1), e);
}

static int continuation(struct deb822 *d, struct str line, struct err *e)
{
	if (d->current == NOTHING) {
		begin(d);
		dropped(d, DEB822_LOST_CONTINUATION);
		d->current = DROPPED;
	}
	if (d->current == DROPPED || !fits(d, line.len + 1))
		return 0;
	d->fields[d->count - 1].value.len += line.len + 1;
	return add_text(d, STR("\n"), e) < 0 ? -1 : add_text(d, line, e);
}

static int add_line(struct deb822 *d, struct str line, struct err *e)
{
	if (line.len == 0)
		return end_paragraph(d, e);
	if (d->options.comments && line.data[0] == '#')
		return 0;
	if (line.data[0] != ' ' && line.data[0] != '\t')
		return field_line(d, line, e);
	if (str_trim(line).len)
		return continuation(d, line, e);
	if (d->open)
		odd(d, DEB822_BLANK_LINE);
	return end_paragraph(d, e);
}

static int run(struct deb822 *d, struct err *e)
{
	struct str line;
	int r;

	while ((r = lines_next(&d->lines, &line, e)) > 0) {
		if (r == LINES_LINE) {
			if (add_line(d, line, e) < 0)
				return -1;
			continue;
		}
		begin(d);
		d->current = DROPPED;
		dropped(d, DEB822_LINE_TOO_LONG);
	}
	return r;
}

int deb822_chunk(struct deb822 *d, struct str chunk, struct err *e)
{
	lines_feed(&d->lines, chunk);
	return run(d, e);
}

int deb822_end(struct deb822 *d, struct err *e)
{
	lines_feed_end(&d->lines);
	return run(d, e) < 0 ? -1 : end_paragraph(d, e);
}

int deb822_parse(struct str text, const struct deb822_options *options, struct err *e)
{
	CLEANUP(deb822_done) struct deb822 d;

	if (deb822_init(&d, options, e) < 0)
		return -1;
	return deb822_chunk(&d, text, e) < 0 ? -1 : deb822_end(&d, e);
}

/* --- reading ---------------------------------------------------------------------------------- */

const struct deb822_field *deb822_find(const struct deb822_paragraph *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++)
		if (str_eq_nocase(p->fields[i].name, str_of(name)))
			return &p->fields[i];
	return NULL;
}

struct str deb822_value(const struct deb822_paragraph *p, const char *name)
{
	const struct deb822_field *f = deb822_find(p, name);

	return f ? f->value : STR_NULL;
}

bool deb822_next_line(struct str *rest, struct str *ret_line)
{
	struct str line;

	if (!str_next(rest, '\n', &line))
		return false;
	if (line.len && (line.data[0] == ' ' || line.data[0] == '\t')) {
		line = str_from(line, 1);
		if (str_is(line, "."))
			line.len = 0;
	}
	*ret_line = line;
	return true;
}

struct str deb822_unfold(struct str value, struct arena *a)
{
	char *out = arena_bytes(a, value.len + 1), *p = out;
	struct str line;

	if (!out)
		return STR_NULL;
	while (str_next(&value, '\n', &line)) {
		line = str_trim(line);
		if (line.len == 0)
			continue;
		if (p > out)
			*p++ = ' ';
		memcpy(p, line.data, line.len);
		p += line.len;
	}
	*p = '\0';
	return str_make(out, (size_t)(p - out));
}

/* --- clear-signed texts ----------------------------------------------------------------------- */

static bool is_armor(struct str line, struct str name)
{
	return str_skip(&line, STR("-----")) && str_skip(&line, name) &&
	       str_is(str_trim(line), "-----");
}

static int skip_armor_header(struct str *rest, struct err *e)
{
	struct str line;

	while (str_next_line(rest, &line))
		if (str_trim(line).len == 0)
			return 0;
	return err_set(e, ERR_TRUNCATED, "the signed text ends in its header");
}

/* Behind the body: nothing but the signature may stand there. */
static int check_tail(struct str rest, struct err *e)
{
	struct str line;

	while (str_next_line(&rest, &line)) {
		if (!is_armor(line, STR("END PGP SIGNATURE")))
			continue;
		if (str_trim(rest).len)
			return err_set(e, ERR_FORMAT, "text stands behind the signature");
		return 1;
	}
	return err_set(e, ERR_TRUNCATED, "the signature has no end");
}

static struct str without_line_break(struct str s)
{
	if (s.len && s.data[s.len - 1] == '\n')
		s.len--;
	if (s.len && s.data[s.len - 1] == '\r')
		s.len--;
	return s;
}

int deb822_skip_signature(struct str text, struct str *ret_body, struct err *e)
{
	struct str rest = text, line = STR_NULL, body;
	const char *start;

	while (str_next_line(&rest, &line) && str_trim(line).len == 0)
		;
	if (!is_armor(line, STR("BEGIN PGP SIGNED MESSAGE"))) {
		if (str_find(text, STR("-----BEGIN PGP SIGNED MESSAGE-----")) >= 0)
			return err_set(e, ERR_FORMAT, "text stands before the signed part");
		*ret_body = text;
		return 0;
	}
	if (skip_armor_header(&rest, e) < 0)
		return -1;
	start = rest.data;
	while (str_next_line(&rest, &line)) {
		if (line.len == 0 || line.data[0] != '-')
			continue;
		if (!is_armor(line, STR("BEGIN PGP SIGNATURE")))
			return err_set(e, ERR_FORMAT, "a signed line starts with a dash");
		body = without_line_break(str_make(start, (size_t)(line.data - start)));
		if (check_tail(rest, e) < 0)
			return -1;
		*ret_body = body;
		return 1;
	}
	return err_set(e, ERR_TRUNCATED, "the signed text has no signature");
}
