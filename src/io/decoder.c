/*
 * The frame around the decompression libraries. An error behind good bytes is held back until these
 * are handed up: a walker sees all that a cut stream still had.
 */
#include "io/decoder.h"

static const struct decoder_ops *ops_of(const struct decoder *d)
{
	return (const struct decoder_ops *)(const void *)d->stream.ops;
}

void *decoder_new(size_t size, const struct decoder_ops *ops, struct stream *below,
		  struct budget *budget, struct err *e)
{
	uint64_t ring = (uint64_t)DECODER_RING * DECODER_CHUNK;
	struct decoder *d = NULL;

	if (budget_charge(budget, ring + size) < 0) {
		ERR_NOMEM(e);
		stream_close(below);
		return NULL;
	}
	d = mem_zero(1, size);
	if (d)
		d->ring = mem_alloc(ring);
	if (!d || !d->ring) {
		ERR_NOMEM(e);
		mem_free(d);
		budget_release(budget, ring + size);
		stream_close(below);
		return NULL;
	}
	stream_init(&d->stream, &ops->stream, DECODER_RING);
	d->below = below;
	d->budget = budget;
	d->charged = ring + size;
	d->state = 1;
	return d;
}

void decoder_close(struct stream *s)
{
	struct decoder *d = (struct decoder *)s;

	ops_of(d)->done(d);
	stream_close(d->below);
	budget_release(d->budget, d->charged);
	mem_free(d->ring);
	mem_free(d);
}

int decoder_next(struct stream *s, struct str *ret_chunk, struct err *e)
{
	struct decoder *d = (struct decoder *)s;
	char *buf = d->ring + (size_t)d->slot * DECODER_CHUNK;
	size_t len = 0;

	while (d->state > 0 && len < DECODER_CHUNK) {
		size_t made = 0;

		d->state = ops_of(d)->step(d, buf + len, DECODER_CHUNK - len, &made, &d->pending);
		len += made;
	}
	if (len) {
		d->slot = (d->slot + 1) % DECODER_RING;
		*ret_chunk = str_make(buf, len);
		return 1;
	}
	if (d->state < 0 && e)
		*e = d->pending;
	return d->state;
}

int decoder_input(struct decoder *d, struct err *e)
{
	return d->in.len ? 1 : stream_next(d->below, &d->in, e);
}

int decoder_charge(struct decoder *d, uint64_t bytes, struct err *e)
{
	if (budget_charge(d->budget, bytes) < 0)
		return ERR_NOMEM(e);
	d->charged += bytes;
	return 0;
}

/* Before each block stands its size, so that freeing can give it back; 16 bytes keep the alignment.
 */
enum { BLOCK_HEAD = 16 };

void *decoder_alloc(struct decoder *d, size_t count, size_t size)
{
	size_t bytes;
	char *p;

	if (__builtin_mul_overflow(count, size, &bytes) ||
	    __builtin_add_overflow(bytes, BLOCK_HEAD, &bytes))
		return NULL;
	if (decoder_charge(d, bytes, NULL) < 0)
		return NULL;
	p = mem_alloc(bytes);
	if (!p) {
		d->charged -= bytes;
		budget_release(d->budget, bytes);
		return NULL;
	}
	memcpy(p, &bytes, sizeof(bytes));
	return p + BLOCK_HEAD;
}

void decoder_free(struct decoder *d, void *p)
{
	char *block = p ? (char *)p - BLOCK_HEAD : NULL;
	size_t bytes;

	if (!block)
		return;
	memcpy(&bytes, block, sizeof(bytes));
	d->charged -= bytes;
	budget_release(d->budget, bytes);
	mem_free(block);
}

int decoder_cut_short(struct decoder *d, struct err *e)
{
	return err_set(e, ERR_TRUNCATED, "%s: the data is cut short after %llu bytes",
		       d->stream.ops->name, (unsigned long long)d->below->position);
}

int decoder_junk_behind(struct decoder *d, struct err *e)
{
	return err_set(e, ERR_FORMAT,
		       "%s: data that is not %s stands behind the last member, before byte %llu",
		       d->stream.ops->name, d->stream.ops->name,
		       (unsigned long long)d->below->position);
}

int decoder_malformed(struct decoder *d, const char *what, struct err *e)
{
	return err_set(e, ERR_FORMAT, "%s: %s, before byte %llu", d->stream.ops->name, what,
		       (unsigned long long)d->below->position);
}
