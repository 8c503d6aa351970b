/*
 * A stream over memory in chunks of n bytes, of the worst legal kind: each chunk is a copy of its
 * own that is freed as soon as the stream's promise ends (ring further calls), so that a stage
 * which holds on to a chunk too long reads freed memory; not random, not skippable. It can fail at
 * an offset.
 */
#ifndef PLIMSOLL_TESTS_TINY_H
#define PLIMSOLL_TESTS_TINY_H

#include <stdlib.h>

#include "io/stream.h"

struct tiny {
	struct stream stream;
	struct str data;
	size_t at, chunk;
	size_t fail_at; /* ERR_IO instead of the byte there; SIZE_MAX never */
	char *kept[8];
	unsigned slot;
	int *closed; /* counts closes; NULL */
};

static int tiny_next(struct stream *s, struct str *ret_chunk, struct err *e)
{
	struct tiny *t = (struct tiny *)s;
	size_t n = t->data.len - t->at;

	if (n > t->chunk)
		n = t->chunk;
	if (t->at >= t->fail_at)
		return err_set(e, ERR_IO, "made to fail");
	if (n > t->fail_at - t->at)
		n = t->fail_at - t->at;
	if (n == 0)
		return 0;
	t->slot = (t->slot + 1) % s->ring;
	free(t->kept[t->slot]);
	t->kept[t->slot] = malloc(n);
	memcpy(t->kept[t->slot], t->data.data + t->at, n);
	*ret_chunk = str_make(t->kept[t->slot], n);
	t->at += n;
	return 1;
}

static void tiny_close(struct stream *s)
{
	struct tiny *t = (struct tiny *)s;

	for (int i = 0; i < 8; i++)
		free(t->kept[i]);
	if (t->closed)
		++*t->closed;
	free(t);
}

static const struct stream_ops tiny_ops = {
	.name = "tiny",
	.next = tiny_next,
	.close = tiny_close,
};

static inline struct tiny *tiny_new(struct str data, size_t chunk, unsigned ring)
{
	struct tiny *t = calloc(1, sizeof(*t));

	stream_init(&t->stream, &tiny_ops, ring);
	t->data = data;
	t->chunk = chunk;
	t->fail_at = SIZE_MAX;
	return t;
}

static inline struct stream *tiny_open(struct str data, size_t chunk)
{
	return &tiny_new(data, chunk, 1)->stream;
}

#endif
