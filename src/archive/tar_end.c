/*
 * What stands behind the end marker. The runtime reads it only for the digest; here it is looked at
 * block by block for anything that is not zero, and for the one thing that has a good reason to be
 * there: the index of an estargz layer.
 */
#include "archive/tar_parts.h"

/* The first block that is not zero: where it is, and how much of a body it announces. */
static void meet(struct tar *t, const char *block, size_t len, uint64_t offset, uint64_t *body)
{
	struct tar_header h;
	size_t i = 0;

	while (!block[i])
		i++;
	t->end.nonzero = offset + i;
	if (len < TAR_BLOCK || tar_header_parse(block, &h))
		return;
	if (h.prefix.len || h.odd || !str_is(h.name, "stargz.index.json") ||
	    (h.type != '0' && h.type != '\0') || h.size > INT64_MAX - TAR_BLOCK)
		return;
	t->end.only_stargz_index = true;
	*body = ((uint64_t)h.size + TAR_BLOCK - 1) & ~(uint64_t)(TAR_BLOCK - 1);
}

static bool all_zero(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i])
			return false;
	return true;
}

/* From the first non-zero block on: only zeros may follow the index. */
static int rest_is_zero(struct tar *t, struct err *e)
{
	struct str chunk;
	int r;

	while ((r = stream_next(t->s, &chunk, e)) > 0)
		if (t->end.only_stargz_index && !all_zero(chunk))
			t->end.only_stargz_index = false;
	return r;
}

static int find_nonzero(struct tar *t, uint64_t *body, struct err *e)
{
	char block[TAR_BLOCK];

	for (;;) {
		uint64_t offset = t->s->position - t->start;
		int64_t n = stream_read(t->s, block, TAR_BLOCK, e);

		if (n <= 0)
			return (int)n;
		if (!all_zero(str_make(block, (size_t)n))) {
			meet(t, block, (size_t)n, offset, body);
			return 1;
		}
	}
}

int tar_finish(struct tar *t, struct tar_end *ret, struct err *e)
{
	uint64_t begin = t->s->position, body = 0;
	int r;

	if (!t->ended)
		return err_set(e, ERR_INTERNAL, "tar: the archive was not read to its end");
	r = find_nonzero(t, &body, e);
	if (r > 0) {
		int64_t n = stream_drop(t->s, body, e);

		if (n < 0)
			return -1;
		if ((uint64_t)n < body)
			t->end.only_stargz_index = false;
		r = rest_is_zero(t, e);
	}
	if (r < 0)
		return -1;
	t->end.trailing += t->s->position - begin;
	*ret = t->end;
	return 0;
}
