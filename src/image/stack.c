/*
 * The streams between a blob as stored and its tar:
 *
 *	raw -> tail -> digest of the blob -> codec -> ratio -> digest of what is unpacked -> tar
 *
 * A plain blob is its own unpacked form: it is hashed once. Without digests a plain blob stays
 * seekable, so that the walk over its headers does not drag the bodies in.
 *
 * Codecs go by magic, as the runtime's do, whatever the media type says. The runtime knows gzip and
 * zstd; bzip2 and xz are taken where the head is no tar header: a member named "BZh..." is no
 *bzip2.
 */
#include "image/walk.h"

enum { TAIL = 64 };

struct tail_stream {
	struct stream stream;
	struct stream *below;
	char last[TAIL];
	size_t len;
};

static void remember(struct tail_stream *t, struct str chunk)
{
	size_t keep;

	if (chunk.len >= TAIL) {
		memcpy(t->last, chunk.data + chunk.len - TAIL, TAIL);
		t->len = TAIL;
		return;
	}
	keep = t->len + chunk.len > TAIL ? TAIL - chunk.len : t->len;
	memmove(t->last, t->last + t->len - keep, keep);
	memcpy(t->last + keep, chunk.data, chunk.len);
	t->len = keep + chunk.len;
}

static int tail_next(struct stream *s, struct str *ret_chunk, struct err *e)
{
	struct tail_stream *t = (struct tail_stream *)s;
	int r = stream_next(t->below, ret_chunk, e);

	if (r > 0)
		remember(t, *ret_chunk);
	return r;
}

static void tail_close(struct stream *s)
{
	stream_close(((struct tail_stream *)s)->below);
	mem_free(s);
}

static const struct stream_ops tail_ops = {.name = "tail", .next = tail_next, .close = tail_close};

static struct stream *tail_open(struct stream *below, struct err *e)
{
	struct tail_stream *t = mem_zero(1, sizeof(*t));

	if (!t) {
		stream_close(below);
		ERR_NOMEM(e);
		return NULL;
	}
	stream_init(&t->stream, &tail_ops, below->ring);
	t->below = below;
	return &t->stream;
}

/* The 51 bytes of an empty gzip member whose extra field says where the index of an estargz is. */
static bool has_estargz_footer(const struct stream *tail)
{
	enum { FOOTER = 51 };
	static const char head[] = "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x1a\0SG\x16\0";
	static const char magic[] = "STARGZ\x01\0\0\xff\xff";
	const struct tail_stream *t = (const struct tail_stream *)tail;
	const char *at;

	if (!tail || t->len < FOOTER)
		return false;
	at = t->last + t->len - FOOTER;
	return memcmp(at, head, 16) == 0 && memcmp(at + 32, magic, 11) == 0;
}

const struct codec *layer_codec(struct str head)
{
	const struct codec *codec = codec_probe(str_to(head, CODEC_HEAD));

	if (!codec || strcmp(codec->name, "none") == 0)
		return NULL;
	if (strcmp(codec->name, "gzip") == 0 || strcmp(codec->name, "zstd") == 0)
		return codec;
	return tar_probe(head) ? NULL : codec;
}

static struct stream *add_digest(struct stream *below, enum digest_algorithm algorithm,
				 struct stream **ret, struct err *e)
{
	*ret = stream_open_digest(below, algorithm, true, e);
	return *ret;
}

static int add_codec(struct walk *w, struct task *t, struct layer_stack *s, struct err *e)
{
	s->top = s->codec->open(s->top, w->request.budget, e);
	if (!s->top)
		return -1;
	s->top = stream_open_ratio(s->top, s->raw, w->limits->ratio_max, w->limits->ratio_grace, e);
	if (s->top && t && t->diff_algorithm != DIGEST_NONE)
		s->top = add_digest(s->top, t->diff_algorithm, &s->diff, e);
	return s->top ? 0 : -1;
}

static int add_stages(struct walk *w, struct task *t, struct layer_stack *s, struct err *e)
{
	struct str head;

	if (stream_peek(s->raw, STREAM_PEEK, &head, e) < 0)
		return -1;
	s->codec = layer_codec(head);
	if (s->codec || (t && t->blob_algorithm != DIGEST_NONE)) {
		s->top = s->tail = tail_open(s->top, e);
		if (!s->top)
			return -1;
	}
	if (t && t->blob_algorithm != DIGEST_NONE &&
	    !(s->top = add_digest(s->top, t->blob_algorithm, &s->blob, e)))
		return -1;
	if (s->codec)
		return add_codec(w, t, s, e);
	/* plain, but the two are claimed in different algorithms */
	if (t && t->diff_algorithm != t->blob_algorithm && t->diff_algorithm != DIGEST_NONE &&
	    !(s->top = add_digest(s->top, t->diff_algorithm, &s->diff, e)))
		return -1;
	return 0;
}

int layer_stack_open(struct walk *w, struct task *t, struct stream *raw, struct layer_stack *ret,
		     struct err *e)
{
	*ret = (struct layer_stack){.raw = raw, .top = raw};
	if (add_stages(w, t, ret, e) == 0)
		return 0;
	/* a stage that could not be opened has closed what is below it */
	if (ret->top)
		stream_close(ret->top);
	*ret = (struct layer_stack){0};
	return -1;
}

void layer_stack_close(struct layer_stack *s)
{
	stream_close(s->top);
	*s = (struct layer_stack){0};
}

void layer_stack_progress(struct walk *w, struct layer_stack *s)
{
	if (s->raw->position <= s->told)
		return;
	progress_bytes(w->request.progress, s->raw->position - s->told);
	s->told = s->raw->position;
}

static int take_digests(const struct layer_stack *s, struct task *t, struct err *e)
{
	if (s->blob && digest_stream_get(s->blob, &t->digest, NULL, e) < 0)
		return -1;
	if (s->diff)
		return digest_stream_get(s->diff, &t->diff_id, NULL, e);
	if (s->blob && !s->codec)
		t->diff_id = t->digest;
	return 0;
}

int layer_stack_end(struct layer_stack *s, struct task *t, struct err *e)
{
	struct str chunk;
	int r;

	/* nobody hashes: the rest needs no reading */
	if (!s->blob && !s->diff)
		return 0;
	while ((r = stream_next(s->top, &chunk, e)) > 0)
		;
	if (r == 0)
		r = take_digests(s, t, e);
	t->size = s->raw->position;
	return r;
}

void layer_stack_end_blob(struct layer_stack *s, struct task *t)
{
	struct err ignored = ERR_INIT;
	struct str chunk;
	int r = -1;

	t->size = s->raw->position;
	if (!s->blob || s->top == s->blob)
		return;
	while ((r = stream_next(s->blob, &chunk, &ignored)) > 0)
		;
	if (r == 0 && digest_stream_get(s->blob, &t->digest, NULL, &ignored) == 0)
		t->size = s->raw->position;
}

void layer_stack_drop_digests(struct layer_stack *s)
{
	if (s->blob)
		digest_stream_drop(s->blob);
	if (s->diff)
		digest_stream_drop(s->diff);
	s->blob = s->diff = NULL;
}

void layer_judge_end(struct task *t, struct layer_stack *s, const struct tar_end *end)
{
	if (end->nonzero == UINT64_MAX)
		return;
	if (end->only_stargz_index && has_estargz_footer(s->tail)) {
		task_say(t, DIAG_archive_note, STR_NULL, (int64_t)end->nonzero,
			 "the index of an estargz layer stands behind the end of the tar");
		return;
	}
	task_say(
		t, DIAG_ambiguous_archive, STR_NULL, (int64_t)end->nonzero,
		"data stands behind the end of the tar, where the container runtime does not look");
}
