#include "text/lines.h"

void lines_init(struct lines *l, size_t max, struct budget *budget)
{
	*l = (struct lines){.max = max ? max : LINE_MAX_BYTES};
	buf_init(&l->carry, budget, 0);
}

void lines_done(struct lines *l)
{
	buf_done(&l->carry);
}

void lines_feed(struct lines *l, struct str chunk)
{
	l->rest = chunk;
}

void lines_feed_end(struct lines *l)
{
	l->ended = true;
}

static void begin(struct lines *l)
{
	if (l->begun)
		return;
	l->begun = true;
	l->too_long = false;
	l->line++;
	l->offset = l->next;
	buf_clear(&l->carry);
}

/* Puts bytes of the line aside. One byte over the limit may be the CR of its end. */
static int gather(struct lines *l, struct str bytes, struct err *e)
{
	l->next += bytes.len;
	l->too_long = l->too_long || bytes.len > l->max + 1 - l->carry.len;
	if (l->too_long) {
		buf_clear(&l->carry);
		return 0;
	}
	buf_add(&l->carry, bytes);
	return buf_failed(&l->carry) ? ERR_NOMEM(e) : 0;
}

static int end_line(struct lines *l, struct str line, struct str *ret_line)
{
	l->begun = false;
	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	if (l->too_long || line.len > l->max)
		return LINES_TOO_LONG;
	*ret_line = line;
	return LINES_LINE;
}

int lines_next(struct lines *l, struct str *ret_line, struct err *e)
{
	ptrdiff_t at = str_find_char(l->rest, '\n');
	struct str line = at < 0 ? l->rest : str_to(l->rest, (size_t)at);
	bool whole = !l->begun;

	if (l->rest.len)
		begin(l);
	l->rest = at < 0 ? STR_NULL : str_from(l->rest, (size_t)at + 1);
	if (at >= 0 && whole) {
		l->next += line.len + 1;
		return end_line(l, line, ret_line);
	}
	if (line.len && gather(l, line, e) < 0)
		return -1;
	if (at < 0 && !(l->ended && l->begun))
		return LINES_MORE;
	l->next += at >= 0;
	return end_line(l, buf_str(&l->carry), ret_line);
}
