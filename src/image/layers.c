/*
 * The layers that a plan lists: which blob each one is, the walks over them side by side, largest
 * first, and what is said of each at the end.
 */
#include "image/walk.h"

#include "base/work.h"

static void want_digests(struct walk *w, struct task *t, const struct plan_layer *l)
{
	if (!w->request.verify)
		return;
	t->blob_algorithm = l->digest.algorithm ? l->digest.algorithm : DIGEST_SHA256;
	t->diff_algorithm = l->diff_id.algorithm ? l->diff_id.algorithm : DIGEST_SHA256;
}

static struct task *task_of_member(struct walk *w, size_t member)
{
	for (size_t i = 0; i < w->tasks.count; i++)
		if (w->tasks.items[i]->blob.member == member && w->tasks.items[i]->layer >= 0)
			return w->tasks.items[i];
	return NULL;
}

/* The walk that is, or will be, the layer's; two layers of the same bytes share one. */
static int give_task(struct walk *w, const struct plan_layer *l, int index, const struct blob *blob,
		     struct task **ret, struct err *e)
{
	struct task *t = task_of_member(w, blob->member);

	if (!t && w->store->ops->walked)
		t = w->store->ops->walked(w->store, blob);
	if (!t) {
		t = walk_add_task(w, l->message, e);
		if (!t)
			return -1;
		t->blob = *blob;
		want_digests(w, t, l);
	}
	if (t->layer < 0)
		t->layer = index;
	*ret = t;
	return 0;
}

static void say_missing(struct walk *w, const struct plan_layer *l, int index,
			const struct err *why)
{
	const char *names = l->place.len ? "names" : "there is no";

	diag_add(w->request.diags, DIAG_layer_missing, DIAG_LAYER(index),
		 "%.*s%s\"Layers\" %s '%.*s', which %s", STR_ARG(l->place),
		 l->place.len ? ": " : "", names, STR_ARG(l->message), why->message);
}

int layers_find(struct walk *w, const struct plan *p, struct task **tasks, struct err *ret_first,
		struct err *e)
{
	for (size_t i = 0; i < p->layers.count; i++) {
		const struct plan_layer *l = &p->layers.items[i];
		struct err why = ERR_INIT;
		struct blob blob;

		if (l->refused) {
			diag_add(w->request.diags, DIAG_layer_unreadable, DIAG_LAYER((int)i),
				 "'%.*s' %s", STR_ARG(l->message), l->refused);
			continue;
		}
		if (w->store->ops->find(w->store, l->name, &blob, &why) == 0) {
			if (give_task(w, l, (int)i, &blob, &tasks[i], e) < 0)
				return -1;
			continue;
		}
		if (ret_first->code == ERR_NONE)
			err_set(ret_first, ERR_NOT_FOUND, "%.*s: \"Layers\" names '%.*s', which %s",
				STR_ARG(l->place), STR_ARG(l->message), why.message);
		say_missing(w, l, (int)i, &why);
	}
	return 0;
}

/* --- walks side by side -------------------------------------------------------------------------
 */

struct side_by_side {
	struct walk *walk;
	struct task **order;
};

static void walk_one(void *context, size_t i)
{
	struct side_by_side *s = context;
	struct walk *w = s->walk;
	struct task *t = s->order[i];
	struct layer_stack none = {0};
	struct err e = ERR_INIT;
	struct stream *raw;

	if (w->cancelled)
		return;
	raw = w->store ? w->store->ops->open(w->store, &t->blob, &e) : walk_open_whole(w, &e);
	if (raw)
		(void)layer_walk(w, t, raw, w->visitor, &e);
	else
		layer_failed(w, t, &none, &e);
	if (w->request.progress)
		atomic_fetch_add(&w->request.progress->layers_done, 1);
}

static int heavier_first(const void *a, const void *b)
{
	const struct task *x = *(struct task *const *)a, *y = *(struct task *const *)b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

/* A member of a compressed archive that was not known to be a layer when it passed. */
static int walk_passed_member(struct walk *w, struct task *t, struct stream *member, void *context,
			      struct err *e)
{
	(void)context;
	t->inner = true;
	return layer_walk(w, t, member, w->visitor, e);
}

/* Those that were kept, because they are empty or look like documents; gives how many are left. */
static size_t walk_kept(struct walk *w, struct task **todo, size_t count)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		struct err e = ERR_INIT;
		struct stream *raw = w->store->ops->open(w->store, &todo[i]->blob, &e);

		if (raw)
			(void)layer_walk(w, todo[i], raw, w->visitor, &e);
		else
			todo[left++] = todo[i];
	}
	return left;
}

static int walk_passed(struct walk *w, struct task **todo, size_t count, struct err *e)
{
	struct err why = ERR_INIT;

	count = walk_kept(w, todo, count);
	for (size_t i = 0; w->once && i < count; i++) {
		todo[i]->state = LAYER_INCOMPLETE;
		task_say(todo[i], DIAG_layer_unreadable, STR_NULL, -1,
			 "passed before it was known to be a layer, and the input cannot be read "
			 "twice");
	}
	if (!count || w->once || passing_again(w, todo, count, walk_passed_member, NULL, &why) == 0)
		return 0;
	if (w->cancelled)
		return err_set(e, ERR_CANCELLED, "interrupted");
	for (size_t i = 0; i < count; i++)
		if (!todo[i]->began)
			task_say(todo[i], DIAG_layer_unreadable, STR_NULL, -1, "%s", why.message);
	return 0;
}

int layers_walk(struct walk *w, struct err *e)
{
	struct side_by_side s = {.walk = w};
	struct progress *progress = w->request.progress;
	size_t count = 0;
	uint64_t total = 0;

	s.order = arena_alloc_array(&w->scratch, w->tasks.count + 1, sizeof(*s.order));
	if (!s.order)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < w->tasks.count; i++) {
		struct task *t = w->tasks.items[i];

		if (t->began || t->layer < 0)
			continue;
		t->weight = t->blob.size == UINT64_MAX ? 0 : t->blob.size;
		total += t->weight;
		s.order[count++] = t;
	}
	if (!count)
		return 0;
	if (w->store && w->store->ops->walked)
		return walk_passed(w, s.order, count, e);
	qsort(s.order, count, sizeof(*s.order), heavier_first);
	if (progress) {
		progress->layers = (int)count;
		progress->bytes_total = total;
	}
	work_run(w->request.threads, count, walk_one, &s);
	return w->cancelled ? err_set(e, ERR_CANCELLED, "interrupted") : 0;
}

/* --- what is said of each layer -----------------------------------------------------------------
 */

static bool check(struct walk *w, const struct plan_layer *l, const struct task *t, int index,
		  const struct digest *claimed, const struct digest *computed, const char *what)
{
	char is[DIGEST_TEXT], should[DIGEST_TEXT];

	if (!w->request.verify || !claimed->algorithm || !computed->algorithm)
		return !claimed->algorithm || computed->algorithm;
	if (claimed->algorithm != computed->algorithm) {
		diag_add(w->request.diags, DIAG_digest_mismatch, DIAG_LAYER(index),
			 "the %s %s could not be verified: the layer passed before its kind was "
			 "known",
			 what, digest_format(claimed, should));
		return false;
	}
	if (digest_eq(claimed, computed))
		return true;
	diag_add(w->request.diags, DIAG_digest_mismatch, DIAG_LAYER(index),
		 "'%.*s' has the %s %s, which should be %s", STR_ARG(l->message), what,
		 digest_format(computed, is), digest_format(claimed, should));
	(void)t;
	return false;
}

static void text_of(const struct digest *first, const struct digest *second, char out[DIGEST_TEXT])
{
	if (first->algorithm)
		digest_format(first, out);
	else if (second->algorithm)
		digest_format(second, out);
}

static void fill_layer(struct walk *w, struct image_layer *out, int index,
		       const struct plan_layer *l, const struct task *t)
{
	static const struct digest none;
	const struct digest *blob = t ? &t->digest : &none, *diff = t ? &t->diff_id : &none;
	bool blob_ok = check(w, l, t, index, &l->digest, blob, "digest");
	/* other bytes have another diff_id too: said once */
	bool diff_ok = blob_ok && check(w, l, t, index, &l->diff_id, diff, "diff_id");

	*out = (struct image_layer){
		.index = index,
		.created_by = l->created_by,
		.state = t ? t->state : LAYER_MISSING,
		.task = t ? t->number : SIZE_MAX,
		.size = l->size == UINT64_MAX ? 0 : l->size,
	};
	text_of(&l->digest, blob, out->digest);
	text_of(diff, &l->diff_id, out->diff_id);
	if (t && t->blob.size != UINT64_MAX)
		out->size = t->blob.size;
	else if (t && t->size)
		out->size = t->size;
	out->verified = w->request.verify && t && blob->algorithm && diff->algorithm && blob_ok &&
			diff_ok && (l->diff_id.algorithm || w->image.kind == IMAGE_ARCHIVE);
	if (t && l->size != UINT64_MAX && t->blob.size != UINT64_MAX && l->size != t->blob.size)
		diag_add(w->request.diags, DIAG_manifest_note, DIAG_LAYER(index),
			 "is %llu bytes long, its descriptor says %llu",
			 (unsigned long long)t->blob.size, (unsigned long long)l->size);
}

void layers_gather_diags(struct walk *w)
{
	for (size_t i = 0; i < w->tasks.count; i++) {
		struct task *t = w->tasks.items[i];

		if (t->layer >= 0)
			diags_move(w->request.diags, &t->diags, t->layer);
		diags_done(&t->diags);
		diags_init(&t->diags, NULL);
	}
}

int layers_fill(struct walk *w, const struct plan *p, struct task **tasks, struct err *e)
{
	struct image *image = &w->image;

	image->kind = p->kind;
	image->reference = p->reference.len ? p->reference : w->request.reference;
	image->os = p->os;
	image->architecture = p->architecture;
	image->variant = p->variant;
	if (p->manifest.algorithm)
		digest_format(&p->manifest, image->digest);
	if (p->config.algorithm)
		digest_format(&p->config, image->image_id);
	image->layers = arena_alloc_array(&w->arena, p->layers.count + 1, sizeof(*image->layers));
	if (!image->layers)
		return ERR_NOMEM(e);
	image->layer_count = p->layers.count;
	for (size_t i = 0; i < p->layers.count; i++)
		fill_layer(w, &image->layers[i], (int)i, &p->layers.items[i], tasks[i]);
	return 0;
}
