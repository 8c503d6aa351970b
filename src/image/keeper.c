/*
 * What is kept of a layer whose bytes pass only once: every entry, and the bodies of small files as
 * long as the budget lasts, so that a second pass can be made from memory.
 */
#include "image/walk.h"

/* Package databases reached through links are small files; the large ones stand at their own paths.
 */
enum { KEEP_BODY_MAX = 256 << 10 };

struct kept_entry {
	struct kept_entry *next;
	struct entry entry; /* slices in the arena */
	struct str bytes;
	bool has_bytes;
};

struct keeper {
	struct arena own; /* all of it: charged to the budget */
	struct kept_entry *first, *last;
};

static struct keeper *keeper_of(struct walk *w, struct task *t)
{
	if (t->kept)
		return t->kept;
	t->kept = mem_zero(1, sizeof(*t->kept));
	if (t->kept)
		arena_init(&t->kept->own, w->request.budget, 0);
	return t->kept;
}

void keeper_free(struct keeper *k)
{
	if (!k)
		return;
	arena_done(&k->own);
	mem_free(k);
}

static bool may_keep(struct walk *w, uint64_t size)
{
	if (size > KEEP_BODY_MAX)
		return false;
	if (atomic_fetch_add(&w->kept_bytes, size) + size <= w->limits->kept_bodies_max)
		return true;
	atomic_fetch_sub(&w->kept_bytes, size);
	return false;
}

int keeper_take(struct walk *w, struct task *t, const struct tar_entry *entry, struct body *body,
		struct err *e)
{
	struct keeper *k = keeper_of(w, t);
	struct kept_entry *slot = k ? arena_alloc(&k->own, sizeof(*slot)) : NULL;

	if (!slot)
		return ERR_NOMEM(e);
	*(k->last ? &k->last->next : &k->first) = slot;
	k->last = slot;
	slot->entry = entry->entry;
	slot->entry.path = arena_str(&k->own, entry->entry.path);
	slot->entry.link = arena_str(&k->own, entry->entry.link);
	if (!slot->entry.path.data || !slot->entry.link.data)
		return ERR_NOMEM(e);
	if (body->kind != BODY_TAR || !may_keep(w, body->size))
		return 0;
	/* a cut body stays the tar's: the visitor meets the failure as it would without us */
	if (body_read(body, &k->own, KEEP_BODY_MAX, &slot->bytes, e) < 0)
		return body->failure.code ? 0 : -1;
	slot->has_bytes = true;
	body_init_memory(body, slot->bytes);
	return 0;
}

int keeper_walk(struct walk *w, const struct task *t, const struct wanted *wanted,
		const struct layer_visitor *visitor, struct err *e)
{
	const struct keeper *k = t->kept;

	for (const struct kept_entry *kept = k ? k->first : NULL; kept; kept = kept->next) {
		struct body body = {.kind = BODY_NONE};
		int r;

		if (!wanted_has(wanted, kept->entry.path))
			continue;
		if (kept->has_bytes)
			body_init_memory(&body, kept->bytes);
		else if (kept->entry.type == ENTRY_FILE)
			body = (struct body){.kind = BODY_GONE, .size = kept->entry.size};
		r = visitor->entry(visitor->context, t->number, &kept->entry, &body, e);
		if (body.failure.code)
			walk_say_file(w, t->layer, kept->entry.path, &body.failure);
		else if (r < 0)
			return -1;
	}
	return 0;
}
