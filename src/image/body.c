/*
 * The body of one entry, whatever it comes from. A failure is remembered: the walk looks at it
 * behind the visitor's back, so that a visitor that swallows an error cannot make a cut layer look
 * whole.
 */
#include "image/walk.h"

#include <stdio.h>
#include <unistd.h>

/* The text of a failure is not cleared: a body a file of an image is made, and seldom one fails. */
static void init(struct body *b, enum body_kind kind, uint64_t size)
{
	memset(b, 0, offsetof(struct body, failure));
	b->kind = kind;
	b->size = size;
	b->failure.code = ERR_NONE;
	b->failure.message[0] = b->failure.hint[0] = '\0';
}

void body_init_tar(struct body *b, const struct tar_entry *t, struct tar *tar,
		   const struct layer_stack *s)
{
	init(b, BODY_NONE, t->entry.size);
	if (t->entry.type != ENTRY_FILE)
		return;
	b->kind = BODY_TAR;
	b->tar = tar;
	/* plain bytes lie in the blob as they lie in the tar, hashed or not */
	if (s && !s->codec && !t->sparse && stream_is_random(s->raw))
		b->raw = s->raw;
	b->offset = t->body_offset;
}

void body_init_memory(struct body *b, struct str bytes)
{
	init(b, BODY_MEMORY, bytes.len);
	b->memory = bytes;
}

void body_done(struct body *b)
{
	stream_close(b->file);
	b->file = NULL;
}

uint64_t body_size(const struct body *b)
{
	return b->size;
}

static int fail(struct body *b, const struct err *why, struct err *e)
{
	b->failure = *why;
	if (e)
		*e = *why;
	return -1;
}

/* The broker opens the file when it is first looked at. */
static int open_file(struct body *b, struct err *e)
{
	struct ask_reply reply;
	char name[24];

	if (b->file)
		return 0;
	snprintf(name, sizeof(name), "%zu", b->index);
	if (ask(b->walk->request.link, ASK_FILE, str_of(name), &reply, e) < 0)
		return -1;
	if (reply.fd < 0)
		return err_set(e, ERR_INTERNAL, "no descriptor came");
	b->file = stream_open_fd(reply.fd, true, 0, b->size, e);
	return b->file ? 0 : -1;
}

static int next_of_file(struct body *b, struct str *ret, struct err *e)
{
	int r;

	if (open_file(b, e) < 0)
		return -1;
	r = stream_next(b->file, ret, e);
	if (r == 0 && b->file->position < b->size)
		return err_set(e, ERR_TRUNCATED, "became shorter while it was read");
	return r;
}

static int next_of(struct body *b, struct str *ret, struct err *e)
{
	switch (b->kind) {
	case BODY_TAR:
		return tar_read_chunk(b->tar, ret, e);
	case BODY_FOLDER:
		return next_of_file(b, ret, e);
	case BODY_MEMORY:
		if (b->taken || !b->memory.len)
			return 0;
		b->taken = true;
		*ret = b->memory;
		return 1;
	case BODY_GONE:
		return err_set(e, ERR_UNSUPPORTED,
			       "its bytes have passed and cannot be read again");
	case BODY_NONE:
		break;
	}
	return 0;
}

int body_next(struct body *b, struct str *ret_chunk, struct err *e)
{
	struct err why = ERR_INIT;
	int r;

	b->touched = true;
	if (b->failure.code)
		return fail(b, &b->failure, e);
	r = next_of(b, ret_chunk, &why);
	return r < 0 ? fail(b, &why, e) : r;
}

static int read_into(struct body *b, struct arena *a, struct str *ret, struct err *e)
{
	char *all = arena_bytes(a, (size_t)b->size + 1);
	size_t len = 0;
	struct str chunk;
	int r;

	if (!all)
		return ERR_NOMEM(e);
	while ((r = body_next(b, &chunk, e)) > 0) {
		/* sizes are of the entry, and no stream gives more; but nothing is taken on trust
		 */
		if (chunk.len > (size_t)b->size - len)
			return err_set(e, ERR_INTERNAL, "more bytes than the entry has");
		memcpy(all + len, chunk.data, chunk.len);
		len += chunk.len;
	}
	if (r < 0)
		return -1;
	all[len] = '\0';
	*ret = str_make(all, len);
	return 0;
}

int body_read(struct body *b, struct arena *a, size_t max, struct str *ret, struct err *e)
{
	b->touched = true;
	if (b->size > max)
		return err_set(e, ERR_LIMIT, "%llu bytes, more than the %zu that are read whole",
			       (unsigned long long)b->size, max);
	return read_into(b, a, ret, e);
}

bool body_is_random(const struct body *b)
{
	return b->raw || b->kind == BODY_MEMORY || b->kind == BODY_FOLDER;
}

static int64_t read_memory_at(const struct body *b, uint64_t offset, void *buf, size_t len)
{
	struct str part = offset < b->memory.len ? str_from(b->memory, (size_t)offset) : STR_NULL;

	part = str_to(part, len);
	if (part.len)
		memcpy(buf, part.data, part.len);
	return (int64_t)part.len;
}

static int64_t read_raw_at(struct body *b, struct stream *s, uint64_t start, uint64_t offset,
			   void *buf, size_t len, struct err *e)
{
	struct err why = ERR_INIT;
	uint64_t left = offset < b->size ? b->size - offset : 0;
	int64_t n;

	if (len > left)
		len = (size_t)left;
	n = s->ops->read_at(s, start + offset, buf, len, &why);
	return n < 0 ? fail(b, &why, e) : n;
}

int64_t body_read_at(struct body *b, uint64_t offset, void *buf, size_t len, struct err *e)
{
	struct err why = ERR_INIT;

	b->touched = true;
	if (b->kind == BODY_MEMORY)
		return read_memory_at(b, offset, buf, len);
	if (b->raw)
		return read_raw_at(b, b->raw, b->offset, offset, buf, len, e);
	if (b->kind != BODY_FOLDER)
		return err_set(e, ERR_UNSUPPORTED, "cannot be read here and there");
	if (open_file(b, &why) < 0)
		return fail(b, &why, e);
	if (!stream_is_random(b->file))
		return err_set(e, ERR_UNSUPPORTED, "cannot be read here and there");
	return read_raw_at(b, b->file, 0, offset, buf, len, e);
}
