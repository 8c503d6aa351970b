/*
 * gzip (RFC 1952) and raw deflate (RFC 1951) over ISA-L's igzip, which checks CRC-32 and length of
 * each member. Several members in a row are one stream, as pigz and estargz write them. The headers
 * are read here: ISA-L 2.30 gets their checksum wrong when it stands in another chunk than the
 * rest.
 *
 * Behind the last member nothing may stand: gzip(1) drops trailing zeros, Go's reader, which is the
 * container runtime's, refuses them.
 */
#include "io/decoder.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

enum { FLAG_HCRC = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16 };

/* Parts of a member in their order; what its flags do not name is stepped over. */
enum part { PART_FIXED, PART_XLEN, PART_EXTRA, PART_NAME, PART_COMMENT, PART_HCRC, PART_BODY };

struct gzip {
	struct decoder decoder;
	struct inflate_state inflate;
	bool raw;
	bool between; /* a member is complete, another may follow */
	enum part part;
	uint8_t flags;
	uint16_t extra_left;
	uint8_t field[10]; /* a part of fixed length, as far as read */
	size_t field_len;
	uint32_t header_crc;
};

static int failure(struct gzip *g, int code, struct err *e)
{
	static const char *const what[] = {
		[-ISAL_INVALID_BLOCK] = "an invalid block",
		[-ISAL_INVALID_SYMBOL] = "an invalid symbol",
		[-ISAL_INVALID_LOOKBACK] = "a reference to before the start",
		[-ISAL_INVALID_WRAPPER] = "an invalid header",
		[-ISAL_UNSUPPORTED_METHOD] = "an unknown method in the header",
		[-ISAL_INCORRECT_CHECKSUM] = "the checksum differs",
	};
	unsigned i = (unsigned)-code;

	return decoder_malformed(&g->decoder,
				 i < sizeof(what) / sizeof(what[0]) ? what[i] : "invalid data", e);
}

/* Between members: 1 another begins, 0 the end. */
static int next_member(struct gzip *g, struct err *e)
{
	int r = g->raw ? 0 : decoder_input(&g->decoder, e);

	if (r <= 0)
		return r;
	if ((uint8_t)g->decoder.in.data[0] != 0x1f)
		return decoder_junk_behind(&g->decoder, e);
	isal_inflate_reset(&g->inflate);
	g->between = false;
	g->part = PART_FIXED;
	g->field_len = 0;
	g->header_crc = 0;
	return 1;
}

/* Takes n bytes of the header off the input and into its checksum, which does not count itself. */
static struct str take(struct gzip *g, size_t n)
{
	struct str s = str_to(g->decoder.in, n);

	if (g->part != PART_HCRC)
		g->header_crc = crc32_gzip_refl(g->header_crc, (const uint8_t *)s.data, s.len);
	g->decoder.in = str_from(g->decoder.in, s.len);
	return s;
}

/* True once g->field holds n bytes. */
static bool take_field(struct gzip *g, size_t n)
{
	struct str s = take(g, n - g->field_len);

	memcpy(g->field + g->field_len, s.data, s.len);
	g->field_len += s.len;
	if (g->field_len < n)
		return false;
	g->field_len = 0;
	return true;
}

/* True once the NUL that ends a name is taken. */
static bool take_text(struct gzip *g)
{
	ptrdiff_t end = str_find_char(g->decoder.in, '\0');

	take(g, end < 0 ? g->decoder.in.len : (size_t)end + 1);
	return end >= 0;
}

static unsigned field16(const struct gzip *g)
{
	return g->field[0] | (unsigned)g->field[1] << 8;
}

/* One part from the input at hand: 1 complete, 0 it goes on in the next chunk, <0 invalid. */
static int header_part(struct gzip *g, struct err *e)
{
	switch (g->part) {
	case PART_FIXED:
		if (!take_field(g, 10))
			return 0;
		if (g->field[0] != 0x1f || g->field[1] != 0x8b || g->field[2] != 8)
			return failure(g, ISAL_INVALID_WRAPPER, e);
		g->flags = g->field[3];
		return 1;
	case PART_XLEN:
		if (!(g->flags & FLAG_EXTRA))
			return 1;
		if (!take_field(g, 2))
			return 0;
		g->extra_left = (uint16_t)field16(g);
		return 1;
	case PART_EXTRA:
		if (g->flags & FLAG_EXTRA)
			g->extra_left -= (uint16_t)take(g, g->extra_left).len;
		return !(g->flags & FLAG_EXTRA) || g->extra_left == 0;
	case PART_NAME:
		return !(g->flags & FLAG_NAME) || take_text(g);
	case PART_COMMENT:
		return !(g->flags & FLAG_COMMENT) || take_text(g);
	default:
		if (!(g->flags & FLAG_HCRC))
			return 1;
		if (!take_field(g, 2))
			return 0;
		return field16(g) == (g->header_crc & 0xffff)
			       ? 1
			       : failure(g, ISAL_INCORRECT_CHECKSUM, e);
	}
}

/* 1: the body begins, 0: the input ends inside the header. */
static int read_header(struct gzip *g, struct err *e)
{
	while (g->part < PART_BODY) {
		int r = decoder_input(&g->decoder, e);

		if (r <= 0)
			return r < 0 ? -1 : decoder_cut_short(&g->decoder, e);
		r = header_part(g, e);
		if (r < 0)
			return -1;
		g->part += (enum part)r;
	}
	return 1;
}

static int gzip_step(struct decoder *d, char *out, size_t room, size_t *made, struct err *e)
{
	struct gzip *g = (struct gzip *)d;
	struct inflate_state *state = &g->inflate;
	int r = g->between ? next_member(g, e) : 1;
	int more, code;

	if (r > 0)
		r = read_header(g, e);
	if (r <= 0)
		return r;
	more = decoder_input(d, e);
	if (more < 0)
		return -1;
	state->next_in = (uint8_t *)(uintptr_t)d->in.data;
	state->avail_in = d->in.len < UINT32_MAX ? (uint32_t)d->in.len : UINT32_MAX;
	state->next_out = (uint8_t *)out;
	state->avail_out = (uint32_t)room;
	code = isal_inflate(state);
	d->in = str_from(d->in, (size_t)((const char *)state->next_in - d->in.data));
	*made = room - state->avail_out;
	if (code < 0)
		return failure(g, code, e);
	g->between = state->block_state == ISAL_BLOCK_FINISH;
	if (!more && !*made && !g->between)
		return decoder_cut_short(d, e);
	return 1;
}

static void gzip_done(struct decoder *d)
{
	(void)d;
}

static const struct decoder_ops gzip_ops = {
	.stream = DECODER_STREAM_OPS("gzip"),
	.step = gzip_step,
	.done = gzip_done,
};

static const struct decoder_ops inflate_ops = {
	.stream = DECODER_STREAM_OPS("deflate"),
	.step = gzip_step,
	.done = gzip_done,
};

static struct stream *open_with(const struct decoder_ops *ops, struct stream *below,
				struct budget *budget, struct err *e)
{
	struct gzip *g = decoder_new(sizeof(*g), ops, below, budget, e);

	if (!g)
		return NULL;
	isal_inflate_init(&g->inflate);
	g->raw = ops == &inflate_ops;
	g->inflate.crc_flag = g->raw ? ISAL_DEFLATE : ISAL_GZIP_NO_HDR_VER;
	g->part = g->raw ? PART_BODY : PART_FIXED;
	return &g->decoder.stream;
}

struct stream *stream_open_inflate(struct stream *below, struct budget *budget, struct err *e)
{
	return open_with(&inflate_ops, below, budget, e);
}

static struct stream *gzip_open(struct stream *below, struct budget *budget, struct err *e)
{
	return open_with(&gzip_ops, below, budget, e);
}

static bool gzip_probe(struct str head)
{
	return str_starts(head, STR("\x1f\x8b\x08"));
}

const struct codec codec_gzip = {
	.name = "gzip",
	.suffix = ".gz",
	.probe = gzip_probe,
	.open = gzip_open,
};
