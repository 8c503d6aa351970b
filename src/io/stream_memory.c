/* Borrowed memory: one chunk, random, never invalid. */
#include "io/stream.h"

#include <limits.h>

struct memory_stream {
	struct stream stream;
	struct str data;
	size_t at;
};

static int memory_next(struct stream *s, struct str *ret_chunk, struct err *e)
{
	struct memory_stream *m = (struct memory_stream *)s;

	(void)e;
	if (m->at == m->data.len)
		return 0;
	*ret_chunk = str_from(m->data, m->at);
	m->at = m->data.len;
	return 1;
}

static int64_t memory_skip(struct stream *s, uint64_t n, struct err *e)
{
	struct memory_stream *m = (struct memory_stream *)s;
	size_t left = m->data.len - m->at;
	size_t part = n < left ? (size_t)n : left;

	(void)e;
	m->at += part;
	return (int64_t)part;
}

static int64_t memory_read_at(struct stream *s, uint64_t offset, void *buf, size_t len,
			      struct err *e)
{
	const struct memory_stream *m = (struct memory_stream *)s;
	size_t at = offset < m->data.len ? (size_t)offset : m->data.len;
	struct str part = str_to(str_from(m->data, at), len);

	(void)e;
	if (part.len)
		memcpy(buf, part.data, part.len);
	return (int64_t)part.len;
}

static void memory_close(struct stream *s)
{
	mem_free(s);
}

static const struct stream_ops memory_ops = {
	.name = "memory",
	.next = memory_next,
	.skip = memory_skip,
	.read_at = memory_read_at,
	.close = memory_close,
};

struct stream *stream_open_memory(struct str data, struct err *e)
{
	struct memory_stream *m = mem_zero(1, sizeof(*m));

	if (!m) {
		ERR_NOMEM(e);
		return NULL;
	}
	stream_init(&m->stream, &memory_ops, UINT_MAX);
	m->data = data;
	return &m->stream;
}
