/*
 * A tar that passes once: standard input, or a compressed archive. What it is shows only when it
 *has passed, for the manifest may stand anywhere in it. So it is read as everything it may be:
 *
 *	- the tar itself is walked as a layer, task `whole`
 *	- every member that may be a layer, by its place and its head, is walked as one: these
 *bodies are then gone for `whole`, which matters only if somebody wanted them and the tar turns out
 *	  to be no image
 *	- members that may be JSON documents are kept
 *
 * Which members may be layers: images are flat, so those at the top, those one folder down, and
 * "blobs/ALGORITHM/HEX". A layer elsewhere is found when the archive can be opened a second time.
 */
#include "image/walk.h"

enum { KEEP_JSON_MAX = 4 << 20, KEEP_ALL_MAX = 64 << 20 };

struct passing {
	struct walk *walk;
	struct task *whole; /* NULL: a form is forced that is no single layer */
	bool whole_ended;   /* its visitor stopped, or it failed */
	bool want_members;  /* the form may be one that has members */
	struct members members;
	struct layer_stack stack;
	struct tar *tar;
	const struct layer_visitor *visitor;
	uint64_t walked;       /* members so far */
	uint64_t kept;	       /* bytes of documents */
	passing_member *again; /* in a second pass */
	void *context;
};

/* --- a member as a stream -----------------------------------------------------------------------
 */

struct member_stream {
	struct stream stream;
	struct tar *tar;
};

static int member_next(struct stream *s, struct str *ret_chunk, struct err *e)
{
	return tar_read_chunk(((struct member_stream *)s)->tar, ret_chunk, e);
}

static void member_close(struct stream *s)
{
	mem_free(s);
}

static const struct stream_ops member_ops = {
	.name = "member", .next = member_next, .close = member_close};

/* Chunks of the body are chunks of the stream below, and stay as long; made-up holes do not. */
static struct stream *open_member(struct passing *p, const struct tar_entry *entry, struct err *e)
{
	struct member_stream *m = mem_zero(1, sizeof(*m));

	if (!m) {
		ERR_NOMEM(e);
		return NULL;
	}
	stream_init(&m->stream, &member_ops, entry->sparse ? 1 : p->stack.top->ring);
	m->tar = p->tar;
	return &m->stream;
}

/* --- what a member may be -----------------------------------------------------------------------
 */

static bool flat(struct str path)
{
	ptrdiff_t slash = str_find_char(path, '/');

	return str_starts(path, STR("blobs/")) || slash < 0 ||
	       str_find_char(str_from(path, (size_t)slash + 1), '/') < 0;
}

static bool may_be_json(struct str head)
{
	struct str trimmed = str_trim(head);

	if (!trimmed.len)
		return false;
	return trimmed.data[0] == '{' || trimmed.data[0] == '[' ||
	       str_starts(trimmed, STR("\xef\xbb\xbf"));
}

/* A tar, or something compressed: whether a tar is in it shows when it is walked. */
static bool may_be_layer(struct str head)
{
	const struct codec *codec = codec_probe(str_to(head, CODEC_HEAD));

	return tar_probe(head) || (codec && strcmp(codec->name, "none") != 0);
}

/* --- handing on ---------------------------------------------------------------------------------
 */

static int hand_whole(struct passing *p, const struct tar_entry *entry, struct body *body,
		      struct err *e)
{
	struct walk *w = p->walk;
	struct task *t = p->whole;
	int r = 0;

	if (t && !p->whole_ended) {
		if (w->once && keeper_take(w, t, entry, body, e) < 0)
			return -1;
		r = layer_hand(w, t, p->visitor, &entry->entry, body, e);
		if (body->kind == BODY_GONE && body->failure.code)
			t->lost = true;
		else if (r < 0)
			p->whole_ended = true;
	}
	body_done(body);
	if (w->cancelled || (body->kind == BODY_TAR && body->failure.code))
		return body->failure.code
			       ? err_set(e, body->failure.code, "%s", body->failure.message)
			       : -1;
	return 0;
}

static int keep_document(struct passing *p, const struct tar_entry *entry, struct member *m,
			 struct err *e)
{
	struct body body;

	if (tar_read_all(p->tar, &p->walk->arena, KEEP_JSON_MAX, &m->bytes, e) < 0)
		return -1;
	m->kept = true;
	p->kept += m->bytes.len;
	body_init_memory(&body, m->bytes);
	return hand_whole(p, entry, &body, e);
}

static int walk_member(struct passing *p, const struct tar_entry *entry, size_t index,
		       struct err *e)
{
	struct walk *w = p->walk;
	struct body gone = {.kind = BODY_GONE, .size = entry->entry.size};
	struct task *t = walk_add_task(w, entry->entry.path, e);
	struct stream *s = t ? open_member(p, entry, e) : NULL;

	if (!s)
		return -1;
	t->inner = true;
	t->blob = (struct blob){.member = index, .size = entry->entry.size};
	if (w->request.verify)
		t->blob_algorithm = t->diff_algorithm = DIGEST_SHA256;
	p->members.list.items[index].task = t;
	if (layer_walk(w, t, s, p->visitor, e) < 0)
		return -1;
	return hand_whole(p, entry, &gone, e);
}

/*
 * Images have few members that are tars beside their layers. Where there are more, the others are
 * walked in a second pass should they be layers, or are a gap.
 */
static uint64_t candidates_max(const struct walk *w)
{
	return 2 * w->limits->layers_max + 100;
}

static int take_entry(struct passing *p, const struct tar_entry *entry, struct err *e)
{
	struct body body;
	size_t index = SIZE_MAX;
	struct str head;

	if (p->want_members && members_add(&p->members, entry, &index, e) < 0)
		return -1;
	if (p->want_members && p->whole && members_tell_image(entry->entry.path))
		layer_stack_drop_digests(&p->stack);
	if (index != SIZE_MAX && entry->entry.type == ENTRY_FILE && !entry->sparse &&
	    flat(entry->entry.path)) {
		if (stream_peek(p->stack.top, STREAM_PEEK, &head, e) < 0)
			return -1;
		if (entry->entry.size < head.len)
			head.len = (size_t)entry->entry.size;
		if (may_be_layer(head) && p->walked++ < candidates_max(p->walk))
			return walk_member(p, entry, index, e);
		if ((may_be_json(head) || members_decides(entry->entry.path)) &&
		    entry->entry.size <= KEEP_JSON_MAX &&
		    p->kept + entry->entry.size <= KEEP_ALL_MAX)
			return keep_document(p, entry, &p->members.list.items[index], e);
	}
	body_init_tar(&body, entry, p->tar, &p->stack);
	return hand_whole(p, entry, &body, e);
}

/* To the end of the tar; an error is that of the stream. */
static int take_all(struct passing *p, struct err *e)
{
	struct walk *w = p->walk;
	struct tar_entry entry;
	struct tar_end end;
	int r;

	while ((r = tar_next(p->tar, &entry, e)) > 0) {
		if (take_entry(p, &entry, e) < 0)
			return -1;
		layer_stack_progress(w, &p->stack);
		if (progress_cancelled(w->request.progress)) {
			w->cancelled = 1;
			return err_set(e, ERR_CANCELLED, "interrupted");
		}
	}
	if (r < 0 || tar_finish(p->tar, &end, e) < 0)
		return -1;
	if (!p->whole)
		return 0;
	p->whole->empty = !p->whole->entries && !end.marker && !end.trailing;
	layer_judge_end(p->whole, &p->stack, &end);
	return 0;
}

/* The outcome of the tar as such: of its walk as a layer, or of the archive around the layers. */
static void end_tar(struct passing *p, int r, const struct err *why)
{
	struct walk *w = p->walk;
	struct err e = ERR_INIT;

	if (p->whole_ended)
		p->whole->state = LAYER_INCOMPLETE;
	if (r == 0 && p->whole && layer_stack_end(&p->stack, p->whole, &e) < 0)
		why = &e;
	else if (r == 0)
		return;
	/* of the layer or of the archive around layers: which of the two it is shows later */
	layer_explain(w, &p->stack, why, &w->cut);
	if (!p->whole)
		return;
	p->whole->state = LAYER_INCOMPLETE;
	/* a second walk would end at the same place: the digest is all that is missing */
	layer_stack_end_blob(&p->stack, p->whole);
}

static int pass(struct passing *p, struct stream *raw, struct err *e)
{
	struct walk *w = p->walk;
	struct tar_options options = layer_tar_options(w, p->whole);
	struct err why = ERR_INIT;
	int r = -1;

	if (!p->whole)
		options.diags = &w->outer;
	if (layer_stack_open(w, p->whole, raw, &p->stack, e) < 0)
		return -1;
	p->tar = tar_open(p->stack.top, &options, &why);
	if (p->tar)
		r = take_all(p, &why);
	tar_close(p->tar);
	if (w->cancelled) {
		err_set(e, ERR_CANCELLED, "interrupted");
		layer_stack_close(&p->stack);
		return -1;
	}
	/* not a tar from its first header on: there is nothing to report on */
	if (r < 0 && !p->members.list.count && !(p->whole && p->whole->entries)) {
		*e = why;
		layer_stack_close(&p->stack);
		return -1;
	}
	end_tar(p, r, &why);
	layer_stack_progress(w, &p->stack);
	layer_stack_close(&p->stack);
	return 0;
}

/* Under no forced form, and under that of a single tar, the tar is a layer. */
static int begin_whole(struct passing *p, struct err *e)
{
	struct walk *w = p->walk;

	if (w->request.forced && w->request.kind != IMAGE_ARCHIVE)
		return 0;
	p->whole = walk_add_task(w, STR(""), e);
	if (!p->whole)
		return -1;
	p->whole->blob = (struct blob){.member = SIZE_MAX, .size = w->size};
	if (w->request.verify)
		p->whole->blob_algorithm = p->whole->diff_algorithm = DIGEST_SHA256;
	if (p->visitor->begin(p->visitor->context, p->whole->number, e) < 0)
		return -1;
	p->whole->began = true;
	return 0;
}

int passing_walk(struct walk *w, struct stream *raw, const struct layer_visitor *visitor,
		 struct task **ret_whole, struct err *e)
{
	struct passing p = {
		.walk = w,
		.visitor = visitor,
		.want_members = !(w->request.forced && w->request.kind == IMAGE_ARCHIVE),
	};
	int r;

	members_init(&p.members, &w->arena);
	if (begin_whole(&p, e) < 0) {
		stream_close(raw);
		members_done(&p.members);
		return -1;
	}
	r = pass(&p, raw, e);
	if (p.whole)
		visitor->end(visitor->context, p.whole->number,
			     r == 0 && p.whole->state == LAYER_WALKED);
	if (r < 0) {
		members_done(&p.members);
		return -1;
	}
	w->store = store_open_passed(w, &p.members, e);
	*ret_whole = p.whole;
	return w->store ? 0 : -1;
}

/* --- a second time, for members that were not known to be layers ---------------------------------
 */

static struct task *task_of(struct task **tasks, size_t count, size_t member)
{
	for (size_t i = 0; i < count; i++)
		if (tasks[i]->blob.member == member)
			return tasks[i];
	return NULL;
}

/* The same list of members is made again, so that numbers mean the same. */
static int take_again(struct passing *p, struct task **tasks, size_t count, struct err *e)
{
	struct tar_entry entry;
	int r;

	while ((r = tar_next(p->tar, &entry, e)) > 0) {
		struct stream *s;
		struct task *t;
		size_t index;

		if (members_add(&p->members, &entry, &index, e) < 0)
			return -1;
		t = index == SIZE_MAX || entry.entry.type != ENTRY_FILE
			    ? NULL
			    : task_of(tasks, count, index);
		if (!t)
			continue;
		s = open_member(p, &entry, e);
		if (!s || p->again(p->walk, t, s, p->context, e) < 0)
			return -1;
	}
	return r;
}

int passing_again(struct walk *w, struct task **tasks, size_t count, passing_member *member,
		  void *context, struct err *e)
{
	struct passing p = {.walk = w, .again = member, .context = context};
	struct tar_options options = layer_tar_options(w, NULL);
	struct stream *raw = walk_open_whole(w, e);
	int r = -1;

	if (!raw || layer_stack_open(w, NULL, raw, &p.stack, e) < 0)
		return -1;
	members_init(&p.members, &w->scratch);
	p.tar = tar_open(p.stack.top, &options, e);
	if (p.tar)
		r = take_again(&p, tasks, count, e);
	w->image.second_pass_bytes += p.stack.raw->position;
	tar_close(p.tar);
	members_done(&p.members);
	layer_stack_close(&p.stack);
	return r;
}
