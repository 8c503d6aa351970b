/*
 * What all streams share: bytes pushed back, the peeked head, the sticky end, reading and skipping.
 */
#include "io/stream.h"

void stream_init(struct stream *s, const struct stream_ops *ops, unsigned ring)
{
	*s = (struct stream){.ops = ops, .ring = ring ? ring : 1, .state = 1};
}

static int next_of_stage(struct stream *s, struct str *ret_chunk, struct err *e)
{
	struct str chunk = STR_NULL;
	int r = s->state;

	if (r > 0)
		r = s->state = s->ops->next(s, &chunk, &s->failure);
	if (r < 0 && e)
		*e = s->failure;
	if (r <= 0)
		return r;
	s->position += chunk.len;
	*ret_chunk = chunk;
	return 1;
}

int stream_next(struct stream *s, struct str *ret_chunk, struct err *e)
{
	if (!s->rest.len)
		return next_of_stage(s, ret_chunk, e);
	*ret_chunk = s->rest;
	s->position += s->rest.len;
	s->rest = s->after;
	s->after = STR_NULL;
	return 1;
}

void stream_push_back(struct stream *s, struct str tail)
{
	if (!tail.len)
		return;
	s->position -= tail.len;
	/* rest is filled only when the last chunk was a joined head: the two are neighbours */
	if (s->rest.len)
		s->after = s->rest;
	s->rest = tail;
}

/* Takes chunks until `want` bytes stand in s->head, or the stream ends; gives how many. */
static int join_head(struct stream *s, size_t want, size_t *ret_len, struct err *e)
{
	size_t len = 0;

	while (len < want) {
		struct str chunk;
		int r = stream_next(s, &chunk, e);
		size_t n;

		/* an error behind some bytes: these first, the error again later */
		if (r < 0 && !len)
			return -1;
		if (r <= 0)
			break;
		n = chunk.len < want - len ? chunk.len : want - len;
		memmove(s->head + len, chunk.data, n);
		len += n;
		stream_push_back(s, str_from(chunk, n));
	}
	*ret_len = len;
	return 0;
}

int stream_peek(struct stream *s, size_t want, struct str *ret_head, struct err *e)
{
	struct str chunk;
	size_t len;
	int r;

	if (want > STREAM_PEEK)
		return err_set(e, ERR_INTERNAL, "a peek of %zu bytes", want);
	if (!s->rest.len) {
		r = stream_next(s, &chunk, e);
		if (r <= 0) {
			*ret_head = STR_NULL;
			return r;
		}
		stream_push_back(s, chunk);
	}
	if (s->rest.len < want && (s->after.len || s->state > 0)) {
		if (!s->head)
			s->head = mem_alloc(STREAM_PEEK);
		if (!s->head)
			return ERR_NOMEM(e);
		if (join_head(s, want, &len, e) < 0)
			return -1;
		s->after = s->rest;
		s->rest = str_make(s->head, len);
		s->position -= len;
	}
	*ret_head = str_to(s->rest, want);
	return 0;
}

int64_t stream_read(struct stream *s, void *buf, size_t len, struct err *e)
{
	char *out = buf;
	size_t done = 0;

	while (done < len) {
		struct str chunk;
		int r = stream_next(s, &chunk, e);
		size_t n;

		if (r < 0)
			return -1;
		if (r == 0)
			break;
		n = chunk.len < len - done ? chunk.len : len - done;
		memcpy(out + done, chunk.data, n);
		done += n;
		stream_push_back(s, str_from(chunk, n));
	}
	return (int64_t)done;
}

/* Drops up to n bytes that were handed up before and pushed back. */
static uint64_t drop_rest(struct stream *s, uint64_t n)
{
	uint64_t done = 0;

	while (done < n && s->rest.len) {
		size_t part = s->rest.len < n - done ? s->rest.len : (size_t)(n - done);

		s->rest = str_from(s->rest, part);
		if (!s->rest.len) {
			s->rest = s->after;
			s->after = STR_NULL;
		}
		done += part;
	}
	s->position += done;
	return done;
}

static int64_t seek_over(struct stream *s, uint64_t n, struct err *e)
{
	int64_t dropped = s->state > 0 ? s->ops->skip(s, n, &s->failure) : s->state;

	if (dropped < 0) {
		s->state = -1;
		if (e)
			*e = s->failure;
		return -1;
	}
	s->position += (uint64_t)dropped;
	return dropped;
}

static int64_t read_over(struct stream *s, uint64_t n, struct err *e)
{
	uint64_t done = 0;

	while (done < n) {
		struct str chunk;
		int r = stream_next(s, &chunk, e);

		if (r < 0)
			return -1;
		if (r == 0)
			break;
		if (chunk.len > n - done) {
			stream_push_back(s, str_from(chunk, (size_t)(n - done)));
			return (int64_t)n;
		}
		done += chunk.len;
	}
	return (int64_t)done;
}

int64_t stream_drop(struct stream *s, uint64_t n, struct err *e)
{
	uint64_t done = drop_rest(s, n);
	int64_t more;

	if (n > INT64_MAX)
		return err_set(e, ERR_LIMIT, "a skip of more than 2^63 bytes");
	if (done == n)
		return (int64_t)n;
	more = s->ops->skip ? seek_over(s, n - done, e) : read_over(s, n - done, e);
	return more < 0 ? -1 : (int64_t)done + more;
}

int stream_skip(struct stream *s, uint64_t n, struct err *e)
{
	int64_t dropped = stream_drop(s, n, e);

	if (dropped < 0)
		return -1;
	if ((uint64_t)dropped < n)
		return err_set(e, ERR_TRUNCATED, "the data ends %llu bytes early",
			       (unsigned long long)(n - (uint64_t)dropped));
	return 0;
}

int stream_read_all(struct stream *s, struct arena *a, size_t max, struct str *ret, struct err *e)
{
	CLEANUP(buf_done) struct buf b = {.budget = a->budget};
	struct str chunk, copy;
	int r;

	while ((r = stream_next(s, &chunk, e)) > 0) {
		if (chunk.len > max - b.len)
			return err_set(e, ERR_LIMIT, "longer than %zu bytes", max);
		buf_add(&b, chunk);
		if (buf_failed(&b))
			return ERR_NOMEM(e);
	}
	if (r < 0)
		return -1;
	copy = arena_str(a, buf_str(&b));
	if (!copy.data)
		return ERR_NOMEM(e);
	*ret = copy;
	return 0;
}

void stream_close(struct stream *s)
{
	if (!s)
		return;
	mem_free(s->head);
	s->ops->close(s);
}

void stream_close_ptr(struct stream **s)
{
	stream_close(*s);
	*s = NULL;
}
