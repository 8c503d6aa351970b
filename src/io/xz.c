/*
 * xz over liblzma: streams in a row with padding between, checks verified. A stream whose check
 * this liblzma cannot compute is refused: unverified bytes would pass as verified.
 */
#include "io/decoder.h"

#include <lzma.h>

static const uint64_t xz_memory_max = 160 << 20; /* dictionaries up to 128 MiB */

struct xz {
	struct decoder decoder;
	lzma_stream lzma;
	lzma_allocator allocator;
};

static void *xz_alloc(void *d, size_t count, size_t size)
{
	return decoder_alloc(d, count, size);
}

static void xz_free(void *d, void *p)
{
	decoder_free(d, p);
}

static int failure(struct xz *x, lzma_ret code, struct err *e)
{
	switch (code) {
	case LZMA_MEM_ERROR:
		return ERR_NOMEM(e);
	case LZMA_MEMLIMIT_ERROR:
		return err_set(e, ERR_LIMIT, "xz: needs %llu MiB to unpack, more than %llu",
			       (unsigned long long)lzma_memusage(&x->lzma) >> 20,
			       (unsigned long long)xz_memory_max >> 20);
	case LZMA_UNSUPPORTED_CHECK:
		return err_set(e, ERR_UNSUPPORTED, "xz: an unknown kind of check");
	case LZMA_OPTIONS_ERROR:
		return err_set(e, ERR_UNSUPPORTED, "xz: options that are not supported");
	case LZMA_BUF_ERROR:
		return decoder_cut_short(&x->decoder, e);
	case LZMA_FORMAT_ERROR:
		return decoder_malformed(&x->decoder, "not the start of a stream", e);
	default:
		return decoder_malformed(&x->decoder, "the data is corrupt", e);
	}
}

static int xz_step(struct decoder *d, char *out, size_t room, size_t *made, struct err *e)
{
	struct xz *x = (struct xz *)d;
	int more = decoder_input(d, e);
	lzma_ret code;

	if (more < 0)
		return -1;
	x->lzma.next_in = (const uint8_t *)d->in.data;
	x->lzma.avail_in = d->in.len;
	x->lzma.next_out = (uint8_t *)out;
	x->lzma.avail_out = room;
	/* with LZMA_CONCATENATED the end is only the end once told so */
	code = lzma_code(&x->lzma, more ? LZMA_RUN : LZMA_FINISH);
	d->in = str_from(d->in, d->in.len - x->lzma.avail_in);
	*made = room - x->lzma.avail_out;
	if (code == LZMA_STREAM_END)
		return 0;
	return code == LZMA_OK ? 1 : failure(x, code, e);
}

static void xz_done(struct decoder *d)
{
	lzma_end(&((struct xz *)d)->lzma);
}

static const struct decoder_ops xz_ops = {
	.stream = DECODER_STREAM_OPS("xz"),
	.step = xz_step,
	.done = xz_done,
};

static struct stream *xz_open(struct stream *below, struct budget *budget, struct err *e)
{
	struct xz *x = decoder_new(sizeof(*x), &xz_ops, below, budget, e);

	if (!x)
		return NULL;
	x->allocator = (lzma_allocator){xz_alloc, xz_free, x};
	x->lzma = (lzma_stream)LZMA_STREAM_INIT;
	x->lzma.allocator = &x->allocator;
	if (lzma_stream_decoder(&x->lzma, xz_memory_max,
				LZMA_CONCATENATED | LZMA_TELL_UNSUPPORTED_CHECK) != LZMA_OK) {
		ERR_NOMEM(e);
		decoder_close(&x->decoder.stream);
		return NULL;
	}
	return &x->decoder.stream;
}

static bool xz_probe(struct str head)
{
	return str_starts(head, str_make("\xfd\x37\x7a\x58\x5a\x00", 6));
}

const struct codec codec_xz = {
	.name = "xz",
	.suffix = ".xz",
	.probe = xz_probe,
	.open = xz_open,
};
