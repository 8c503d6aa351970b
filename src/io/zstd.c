/*
 * Zstandard (RFC 8878) over libzstd: frames in a row, skippable frames among them (zstd:chunked
 * puts its table of contents into one), content checksums verified. Windows up to 2^27 bytes, as
 * zstd(1) takes without --long: a larger one is refused before its memory is taken.
 */
#include "io/decoder.h"

#include <zstd.h>
#include <zstd_errors.h>

enum { ZSTD_WINDOW_LOG = 27 };

struct zstd {
	struct decoder decoder;
	ZSTD_DCtx *context;
	uint64_t held; /* of the charge: what the context holds */
	bool between;  /* a frame is complete, another may follow */
};

static int failure(struct zstd *z, size_t code, struct err *e)
{
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_memory_allocation:
		return ERR_NOMEM(e);
	case ZSTD_error_frameParameter_windowTooLarge:
		return err_set(e, ERR_LIMIT, "zstd: a window of more than %u MiB",
			       (1U << ZSTD_WINDOW_LOG) >> 20);
	case ZSTD_error_dictionary_wrong:
		return err_set(e, ERR_UNSUPPORTED, "zstd: the data needs a dictionary");
	case ZSTD_error_prefix_unknown:
		if (z->between)
			return decoder_junk_behind(&z->decoder, e);
		break;
	default:
		break;
	}
	return decoder_malformed(&z->decoder, ZSTD_getErrorName(code), e);
}

/* The context takes a window once it has seen a frame's header. */
static int charge_window(struct zstd *z, struct err *e)
{
	uint64_t now = ZSTD_sizeof_DCtx(z->context);

	if (now <= z->held)
		return 0;
	if (decoder_charge(&z->decoder, now - z->held, e) < 0)
		return -1;
	z->held = now;
	return 0;
}

static int zstd_step(struct decoder *d, char *out, size_t room, size_t *made, struct err *e)
{
	struct zstd *z = (struct zstd *)d;
	int more = decoder_input(d, e);
	ZSTD_inBuffer in = {d->in.data, d->in.len, 0};
	ZSTD_outBuffer to = {out, room, 0};
	size_t code;

	if (more < 0 || (more == 0 && z->between))
		return more;
	code = ZSTD_decompressStream(z->context, &to, &in);
	d->in = str_from(d->in, in.pos);
	*made = to.pos;
	if (ZSTD_isError(code))
		return failure(z, code, e);
	if (charge_window(z, e) < 0)
		return -1;
	z->between = code == 0;
	if (!more && !*made && !z->between)
		return decoder_cut_short(d, e);
	return 1;
}

static void zstd_done(struct decoder *d)
{
	ZSTD_freeDCtx(((struct zstd *)d)->context);
}

static const struct decoder_ops zstd_ops = {
	.stream = DECODER_STREAM_OPS("zstd"),
	.step = zstd_step,
	.done = zstd_done,
};

static struct stream *zstd_open(struct stream *below, struct budget *budget, struct err *e)
{
	struct zstd *z = decoder_new(sizeof(*z), &zstd_ops, below, budget, e);

	if (!z)
		return NULL;
	z->context = ZSTD_createDCtx();
	if (!z->context || ZSTD_isError(ZSTD_DCtx_setParameter(z->context, ZSTD_d_windowLogMax,
							       ZSTD_WINDOW_LOG))) {
		ERR_NOMEM(e);
		decoder_close(&z->decoder.stream);
		return NULL;
	}
	return &z->decoder.stream;
}

/* A frame, or a skippable frame: their magic numbers are little endian. */
static bool zstd_probe(struct str head)
{
	return str_starts(head, STR("\x28\xb5\x2f\xfd")) ||
	       (head.len >= 4 && ((uint8_t)head.data[0] & 0xf0) == 0x50 &&
		str_starts(str_from(head, 1), STR("\x2a\x4d\x18")));
}

const struct codec codec_zstd = {
	.name = "zstd",
	.suffix = ".zst",
	.probe = zstd_probe,
	.open = zstd_open,
};
