#include "text/csv.h"

enum state {
	ROW,	  /* before a row */
	FIELD,	  /* before a field of a begun row */
	PLAIN,	  /* in a field without quotes */
	QUOTED,	  /* between quotes */
	QUOTE,	  /* behind a quote that ends the field or is the first of two */
	QUOTE_CR, /* behind that and a CR: LF must follow */
};

static const char bom[] = "\xef\xbb\xbf";

void csv_init(struct csv *c, size_t row_max, struct budget *budget)
{
	c->count = 0;
	c->line = c->lines = 0;
	c->rest = STR_NULL;
	c->row_max = row_max ? row_max : CSV_ROW;
	c->state = ROW;
	c->bom = 0;
	c->ended = false;
	c->error.code = ERR_NONE;
	buf_init(&c->text, budget, 0);
}

void csv_done(struct csv *c)
{
	buf_done(&c->text);
}

void csv_feed(struct csv *c, struct str chunk)
{
	c->rest = chunk;
}

void csv_feed_end(struct csv *c)
{
	c->ended = true;
}

static int fail(struct csv *c, struct err *e, enum err_code code, const char *text)
{
	err_set(&c->error, code, "line %llu: %s", (unsigned long long)c->line, text);
	if (e)
		*e = c->error;
	return -1;
}

static int add(struct csv *c, struct str s, struct err *e)
{
	if (s.len > c->row_max - c->text.len)
		return fail(c, e, ERR_LIMIT, "the row is longer than the limit");
	buf_add(&c->text, s);
	return buf_failed(&c->text) ? fail(c, e, ERR_MEMORY, "not enough memory") : 0;
}

static int end_field(struct csv *c, struct err *e)
{
	if (c->count == CSV_FIELDS)
		return fail(c, e, ERR_LIMIT, "the row has more fields than the limit");
	c->ends[c->count++] = c->text.len;
	return 0;
}

static int end_row(struct csv *c, struct err *e)
{
	size_t start = 0;

	if (end_field(c, e) < 0)
		return -1;
	for (size_t i = 0; i < c->count; i++) {
		c->fields[i] =
			str_make(c->text.len ? c->text.data + start : "", c->ends[i] - start);
		start = c->ends[i];
	}
	c->state = ROW;
	return 1;
}

static void begin_row(struct csv *c)
{
	c->count = 0;
	c->line = c->lines + 1;
	buf_clear(&c->text);
	c->state = FIELD;
}

/* Drops a CR before the LF of a row; it belongs to the last field where that has no quotes. */
static void drop_cr(struct csv *c)
{
	size_t start = c->count ? c->ends[c->count - 1] : 0;

	if (c->state == PLAIN && c->text.len > start && c->text.data[c->text.len - 1] == '\r')
		c->text.len--;
}

/* Length of what the state takes as it is. */
static size_t run_length(const struct csv *c)
{
	size_t i = 0;

	if (c->state == QUOTED) {
		ptrdiff_t quote = str_find_char(c->rest, '"');

		return quote < 0 ? c->rest.len : (size_t)quote;
	}
	while (i < c->rest.len && c->rest.data[i] != ',' && c->rest.data[i] != '\n')
		i++;
	return i;
}

static void count_lines(struct csv *c, struct str s)
{
	ptrdiff_t at;

	for (; (at = str_find_char(s, '\n')) >= 0; s = str_from(s, (size_t)at + 1))
		c->lines++;
}

/* Takes a run in the states that copy. */
static int take_run(struct csv *c, struct err *e)
{
	struct str run = str_to(c->rest, run_length(c));

	if (c->state == QUOTED)
		count_lines(c, run);
	c->rest = str_from(c->rest, run.len);
	return add(c, run, e);
}

/* One byte that ends a field or a row: 1 at the end of a row. */
static int end_by(struct csv *c, char byte, struct err *e)
{
	if (byte == ',') {
		c->state = FIELD;
		return end_field(c, e);
	}
	drop_cr(c);
	c->lines++;
	if (c->state == PLAIN && c->count == 0 && c->text.len == 0) {
		c->state = ROW; /* an empty line that ends in CR LF */
		return 0;
	}
	return end_row(c, e);
}

static int take_byte(struct csv *c, struct err *e)
{
	char byte = c->rest.data[0];

	c->rest = str_from(c->rest, 1);
	switch ((enum state)c->state) {
	case ROW:
	case FIELD:
	case PLAIN:
		return end_by(c, byte, e);
	case QUOTED:
		c->state = QUOTE;
		return 0;
	case QUOTE:
		if (byte == '"') {
			c->state = QUOTED;
			return add(c, STR("\""), e);
		}
		if (byte == '\r') {
			c->state = QUOTE_CR;
			return 0;
		}
		break;
	case QUOTE_CR:
		if (byte == ',')
			byte = 'x';
		break;
	}
	if (byte != ',' && byte != '\n')
		return fail(c, e, ERR_FORMAT, "text stands behind a closing quote");
	return end_by(c, byte, e);
}

/* Between rows: skips empty lines and the mark at the start; false when the chunk is read. */
static bool skip_to_row(struct csv *c)
{
	while (c->rest.len && c->bom < 3 && c->rest.data[0] == bom[c->bom]) {
		c->bom++;
		c->rest = str_from(c->rest, 1);
	}
	if (c->rest.len && c->bom > 0 && c->bom < 3) {
		/* what looked like the start of a mark is text */
		begin_row(c);
		buf_add(&c->text, str_make(bom, c->bom));
		c->state = PLAIN;
		c->bom = 3;
		return true;
	}
	if (c->rest.len)
		c->bom = 3;
	while (c->rest.len && c->rest.data[0] == '\n') {
		c->lines++;
		c->rest = str_from(c->rest, 1);
	}
	if (c->rest.len)
		begin_row(c);
	return c->rest.len > 0;
}

static int at_end(struct csv *c, struct err *e)
{
	if (!c->ended || c->state == ROW)
		return 0;
	if (c->state == QUOTED)
		return fail(c, e, ERR_TRUNCATED, "a quoted field has no end");
	drop_cr(c);
	return end_row(c, e);
}

int csv_next(struct csv *c, struct err *e)
{
	int r = 0;

	if (c->error.code) {
		if (e)
			*e = c->error;
		return -1;
	}
	while (r == 0) {
		if (c->state == ROW && !skip_to_row(c))
			return at_end(c, e);
		if (c->rest.len == 0)
			return at_end(c, e);
		if (c->state == FIELD && c->rest.data[0] == '"') {
			c->state = QUOTED;
			c->rest = str_from(c->rest, 1);
			continue;
		}
		if (c->state == FIELD)
			c->state = PLAIN;
		if ((c->state == PLAIN || c->state == QUOTED) && take_run(c, e) < 0)
			return -1;
		r = c->rest.len ? take_byte(c, e) : 0;
	}
	return r;
}

struct str csv_field(const struct csv *c, ptrdiff_t index)
{
	return index >= 0 && (size_t)index < c->count ? c->fields[index] : STR_NULL;
}

ptrdiff_t csv_column(const struct csv *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (str_is(c->fields[i], name))
			return (ptrdiff_t)i;
	return -1;
}
