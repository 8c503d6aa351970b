/*
 * Stages that only count: no more than so many bytes, no more than so many times the input. They
 * hand chunks on untouched.
 */
#include "io/stream.h"

struct limit_stream {
	struct stream stream;
	struct stream *below;
	struct stream *input; /* NULL: a plain limit */
	uint64_t passed;
	uint64_t max; /* plain: the limit; ratio: what passes in any case */
	unsigned ratio;
};

static int check(struct limit_stream *l, struct err *e)
{
	uint64_t max;

	if (l->passed <= l->max)
		return 1;
	if (!l->input)
		return err_set(e, ERR_LIMIT, "more than %llu bytes", (unsigned long long)l->max);
	if (__builtin_mul_overflow(l->input->position, l->ratio, &max) || l->passed <= max)
		return 1;
	return err_set(e, ERR_LIMIT, "%llu bytes inflate to more than %u times as much",
		       (unsigned long long)l->input->position, l->ratio);
}

static int limit_next(struct stream *s, struct str *ret_chunk, struct err *e)
{
	struct limit_stream *l = (struct limit_stream *)s;
	int r = stream_next(l->below, ret_chunk, e);

	if (r <= 0)
		return r;
	l->passed += ret_chunk->len;
	return check(l, e);
}

static int64_t limit_skip(struct stream *s, uint64_t n, struct err *e)
{
	struct limit_stream *l = (struct limit_stream *)s;
	int64_t dropped = stream_drop(l->below, n, e);

	if (dropped < 0)
		return -1;
	l->passed += (uint64_t)dropped;
	return check(l, e) < 0 ? -1 : dropped;
}

static void limit_close(struct stream *s)
{
	struct limit_stream *l = (struct limit_stream *)s;

	stream_close(l->below);
	mem_free(l);
}

static const struct stream_ops limit_ops = {
	.name = "limit",
	.next = limit_next,
	.skip = limit_skip,
	.close = limit_close,
};

/* A ratio may fail only once its chunk is out: skipping by gigabytes would defeat it. */
static const struct stream_ops ratio_ops = {
	.name = "ratio",
	.next = limit_next,
	.close = limit_close,
};

static struct stream *open_limit(struct limit_stream set, const struct stream_ops *ops,
				 struct err *e)
{
	struct limit_stream *l = mem_zero(1, sizeof(*l));

	if (!l) {
		stream_close(set.below);
		ERR_NOMEM(e);
		return NULL;
	}
	*l = set;
	stream_init(&l->stream, ops, set.below->ring);
	return &l->stream;
}

struct stream *stream_open_limit(struct stream *below, uint64_t max, struct err *e)
{
	return open_limit((struct limit_stream){.below = below, .max = max}, &limit_ops, e);
}

struct stream *stream_open_ratio(struct stream *below, struct stream *input, unsigned ratio,
				 uint64_t grace, struct err *e)
{
	struct limit_stream set = {.below = below, .input = input, .max = grace, .ratio = ratio};

	return open_limit(set, &ratio_ops, e);
}
