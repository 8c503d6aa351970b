/*
 * Where the named parts of an image are: members of a tar that can be read anywhere, members that
 * were met while a tar passed, files below a folder.
 */
#include "image/walk.h"

#include <unistd.h>

int store_read(struct walk *w, struct str name, struct arena *a, struct str *ret, struct err *e)
{
	CLEANUP(stream_close_ptr) struct stream *s = NULL;
	uint64_t max = w->limits->json_max;
	struct err why = ERR_INIT;
	struct blob blob;

	if (w->store->ops->find(w->store, name, &blob, &why) == 0) {
		if (blob.size != UINT64_MAX && blob.size > max)
			return err_set(e, ERR_LIMIT,
				       "'%.*s' has %llu bytes, more than the %llu that "
				       "are read",
				       STR_ARG(name), (unsigned long long)blob.size,
				       (unsigned long long)max);
		s = w->store->ops->open(w->store, &blob, &why);
	}
	if (!s)
		return err_set(e, why.code, "'%.*s' %s", STR_ARG(name), why.message);
	if (stream_read_all(s, a, (size_t)max, ret, &why) < 0)
		return err_set(e, why.code, "'%.*s': %s", STR_ARG(name), why.message);
	return 0;
}

/* --- members of a tar ---------------------------------------------------------------------------
 */

struct tar_store {
	struct store store;
	struct members members;
	int fd; /* the walk's */
};

static int tar_find(struct store *s, struct str name, struct blob *ret, struct err *e)
{
	struct tar_store *t = (struct tar_store *)s;
	size_t index;

	if (members_resolve(&t->members, name, &index, e) < 0)
		return -1;
	*ret = (struct blob){.member = index, .size = t->members.list.items[index].size};
	return 0;
}

static struct stream *tar_open_member(struct store *s, const struct blob *b, struct err *e)
{
	struct tar_store *t = (struct tar_store *)s;
	const struct member *m = &t->members.list.items[b->member];

	if (m->sparse) {
		err_set(e, ERR_UNSUPPORTED, "is a sparse member of the archive");
		return NULL;
	}
	return stream_open_fd(t->fd, false, m->offset, m->size, e);
}

static void tar_close_store(struct store *s)
{
	struct tar_store *t = (struct tar_store *)s;

	members_done(&t->members);
	mem_free(t);
}

static const struct store_ops tar_ops = {
	.find = tar_find, .open = tar_open_member, .close = tar_close_store};

/* All headers; bodies are stepped over. A cut archive has the members that it has. */
static int list_members(struct walk *w, struct tar_store *t, struct stream *s, struct err *e)
{
	struct tar_options options = layer_tar_options(w, NULL);
	struct tar *tar;
	struct tar_entry entry;
	struct err why = ERR_INIT;
	size_t index;
	int r;

	options.diags = &w->outer;
	tar = tar_open(s, &options, e);
	if (!tar)
		return -1;
	while ((r = tar_next(tar, &entry, &why)) > 0)
		if (members_add(&t->members, &entry, &index, e) < 0 ||
		    progress_cancelled(w->request.progress))
			break;
	tar_close(tar);
	if (r > 0)
		return progress_cancelled(w->request.progress)
			       ? err_set(e, ERR_CANCELLED, "interrupted")
			       : -1;
	if (r < 0 && !t->members.list.count) {
		if (e)
			*e = why;
		return -1;
	}
	if (r < 0)
		layer_explain(w, &(struct layer_stack){.raw = s}, &why, &w->cut);
	return 0;
}

int store_open_tar(struct walk *w, struct store **ret, struct err *e)
{
	CLEANUP(stream_close_ptr) struct stream *s = stream_open_fd(w->fd, false, 0, UINT64_MAX, e);
	struct tar_store *t = s ? mem_zero(1, sizeof(*t)) : NULL;

	if (!t)
		return s ? ERR_NOMEM(e) : -1;
	t->store.ops = &tar_ops;
	t->fd = w->fd;
	members_init(&t->members, &w->arena);
	if (list_members(w, t, s, e) < 0) {
		tar_close_store(&t->store);
		return -1;
	}
	*ret = &t->store;
	return 0;
}

/* --- members that have passed -------------------------------------------------------------------
 */

static struct stream *passed_open(struct store *s, const struct blob *b, struct err *e)
{
	struct tar_store *t = (struct tar_store *)s;
	const struct member *m = &t->members.list.items[b->member];

	if (m->kept || !m->size)
		return stream_open_memory(m->bytes, e);
	err_set(e, ERR_UNSUPPORTED, "has passed: its bytes were not kept");
	return NULL;
}

static struct task *passed_walked(struct store *s, const struct blob *b)
{
	return ((struct tar_store *)s)->members.list.items[b->member].task;
}

static const struct store_ops passed_ops = {
	.find = tar_find, .open = passed_open, .walked = passed_walked, .close = tar_close_store};

struct store *store_open_passed(struct walk *w, struct members *m, struct err *e)
{
	struct tar_store *t = mem_zero(1, sizeof(*t));

	(void)w;
	if (!t) {
		members_done(m);
		ERR_NOMEM(e);
		return NULL;
	}
	t->store.ops = &passed_ops;
	t->members = *m;
	t->fd = -1;
	return &t->store;
}

const struct members *store_members(const struct store *s)
{
	return s && (s->ops == &tar_ops || s->ops == &passed_ops)
		       ? &((const struct tar_store *)s)->members
		       : NULL;
}

/* --- files below a folder -----------------------------------------------------------------------
 */

struct folder_store {
	struct store store;
	struct walk *walk;
	VEC(struct str) names; /* by member number */
};

static int name_number(struct folder_store *f, struct str name, size_t *ret, struct err *e)
{
	struct str *slot;

	for (size_t i = 0; i < f->names.count; i++)
		if (str_eq(f->names.items[i], name)) {
			*ret = i;
			return 0;
		}
	slot = vec_push(&f->names);
	if (!slot)
		return ERR_NOMEM(e);
	*slot = arena_str(&f->walk->arena, name);
	*ret = f->names.count - 1;
	return slot->data ? 0 : ERR_NOMEM(e);
}

static int folder_find(struct store *s, struct str name, struct blob *ret, struct err *e)
{
	struct folder_store *f = (struct folder_store *)s;
	struct ask_reply reply;
	size_t number = 0;
	int r;

	if (ask(f->walk->request.link, ASK_SOURCE, name, &reply, e) < 0)
		return -1;
	if (reply.fd >= 0)
		close(reply.fd);
	r = name_number(f, name, &number, e);
	if (r == 0)
		*ret = (struct blob){.member = number, .size = reply.size};
	return r;
}

static struct stream *folder_open(struct store *s, const struct blob *b, struct err *e)
{
	struct folder_store *f = (struct folder_store *)s;
	struct ask_reply reply;

	if (ask(f->walk->request.link, ASK_SOURCE, f->names.items[b->member], &reply, e) < 0)
		return NULL;
	if (reply.fd < 0) {
		err_set(e, ERR_INTERNAL, "no descriptor came");
		return NULL;
	}
	return stream_open_fd(reply.fd, true, 0, UINT64_MAX, e);
}

static void folder_close(struct store *s)
{
	struct folder_store *f = (struct folder_store *)s;

	vec_done(&f->names);
	mem_free(f);
}

static const struct store_ops folder_ops = {
	.find = folder_find, .open = folder_open, .close = folder_close};

struct store *store_open_folder(struct walk *w, struct err *e)
{
	struct folder_store *f = mem_zero(1, sizeof(*f));

	if (!f) {
		ERR_NOMEM(e);
		return NULL;
	}
	f->store.ops = &folder_ops;
	f->walk = w;
	return &f->store;
}
