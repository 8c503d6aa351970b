/* bzip2 over libbz2: streams in a row, as pbzip2 writes them; block and stream CRCs verified. */
#include "io/decoder.h"

#include <bzlib.h>
#include <limits.h>

struct bzip2 {
	struct decoder decoder;
	bz_stream bz;
	bool open;    /* bz holds memory */
	bool between; /* a stream is complete, another may follow */
};

static void *bzip2_alloc(void *d, int count, int size)
{
	return count < 0 || size < 0 ? NULL : decoder_alloc(d, (size_t)count, (size_t)size);
}

static void bzip2_free(void *d, void *p)
{
	decoder_free(d, p);
}

static int begin(struct bzip2 *b, struct err *e)
{
	b->bz = (bz_stream){.bzalloc = bzip2_alloc, .bzfree = bzip2_free, .opaque = b};
	if (BZ2_bzDecompressInit(&b->bz, 0, 0) != BZ_OK)
		return ERR_NOMEM(e);
	b->open = true;
	return 0;
}

static void end(struct bzip2 *b)
{
	if (b->open)
		BZ2_bzDecompressEnd(&b->bz);
	b->open = false;
}

static int failure(struct bzip2 *b, int code, struct err *e)
{
	if (code == BZ_MEM_ERROR)
		return ERR_NOMEM(e);
	if (code == BZ_DATA_ERROR_MAGIC && b->between)
		return decoder_junk_behind(&b->decoder, e);
	return decoder_malformed(&b->decoder, "the data is corrupt", e);
}

static int bzip2_step(struct decoder *d, char *out, size_t room, size_t *made, struct err *e)
{
	struct bzip2 *b = (struct bzip2 *)d;
	int more = decoder_input(d, e);
	unsigned take;
	int code;

	if (more < 0 || (more == 0 && !b->open))
		return more;
	if (!b->open && begin(b, e) < 0)
		return -1;
	take = d->in.len < UINT_MAX ? (unsigned)d->in.len : UINT_MAX;
	b->bz.next_in = (char *)(uintptr_t)d->in.data;
	b->bz.avail_in = take;
	b->bz.next_out = out;
	b->bz.avail_out = (unsigned)room;
	code = BZ2_bzDecompress(&b->bz);
	d->in = str_from(d->in, take - b->bz.avail_in);
	*made = room - b->bz.avail_out;
	if (code == BZ_STREAM_END) {
		end(b);
		b->between = true;
		return 1;
	}
	if (code != BZ_OK)
		return failure(b, code, e);
	if (!more && !*made)
		return decoder_cut_short(d, e);
	return 1;
}

static void bzip2_done(struct decoder *d)
{
	end((struct bzip2 *)d);
}

static const struct decoder_ops bzip2_ops = {
	.stream = DECODER_STREAM_OPS("bzip2"),
	.step = bzip2_step,
	.done = bzip2_done,
};

static struct stream *bzip2_open(struct stream *below, struct budget *budget, struct err *e)
{
	struct bzip2 *b = decoder_new(sizeof(*b), &bzip2_ops, below, budget, e);

	if (!b)
		return NULL;
	if (begin(b, e) < 0) {
		decoder_close(&b->decoder.stream);
		return NULL;
	}
	return &b->decoder.stream;
}

/* The magic and that of the first block (or of an empty stream's end): "BZh" alone may be a name.
 */
static bool bzip2_probe(struct str head)
{
	struct str block = str_sub(head, 4, 10);

	return str_starts(head, STR("BZh")) && head.len >= 10 && head.data[3] >= '1' &&
	       head.data[3] <= '9' &&
	       (str_eq(block, STR("\x31\x41\x59\x26\x53\x59")) ||
		str_eq(block, STR("\x17\x72\x45\x38\x50\x90")));
}

const struct codec codec_bzip2 = {
	.name = "bzip2",
	.suffix = ".bz2",
	.probe = bzip2_probe,
	.open = bzip2_open,
};
