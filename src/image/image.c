/*
 * From a source to its layers: what form it has, which blobs are its layers, the walks over them,
 * and what is said of each layer at the end.
 */
#include "image/walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCRATCH_MAX = 256 << 20 };

const struct image_limits image_limits_default = {
	.layers_max = 500,
	.entries_layer_max = 2000000,
	.path_max = 4096,
	.path_depth_max = 256,
	.ratio_max = 200,
	.ratio_grace = 1 << 30,
	.json_max = 4 << 20,
	.kept_bodies_max = 128 << 20,
};

const char *image_kind_name(enum image_kind kind)
{
	static const char *const names[] = {"docker-archive", "oci-layout", "oci-archive",
					    "archive", "directory"};

	return names[kind];
}

void walk_say(struct walk *w, enum diag_code code, const char *format, ...)
{
	char text[700];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	diag_add(w->request.diags, code, DIAG_NOWHERE, "%s", text);
}

void walk_say_about(struct walk *w, enum diag_code code, struct str name, const char *format, ...)
{
	char text[700];
	va_list args;
	struct str key;
	void **value;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	key = arena_printf(&w->arena, "%d %.*s %s", (int)code, STR_ARG(name), text);
	value = key.data ? map_put(&w->said, key) : NULL;
	if (value && *value)
		return;
	if (value)
		*value = w;
	diag_add(w->request.diags, code, (struct diag_place){-1, name, -1}, "%s", text);
}

void walk_say_file(struct walk *w, int layer, struct str path, const struct err *why)
{
	diag_add(w->request.diags, DIAG_file_unreadable, (struct diag_place){layer, path, -1}, "%s",
		 why->message);
}

struct task *walk_add_task(struct walk *w, struct str name, struct err *e)
{
	struct task *t = arena_alloc(&w->arena, sizeof(*t));
	struct task **slot = t ? vec_push(&w->tasks) : NULL;

	if (!slot) {
		ERR_NOMEM(e);
		return NULL;
	}
	*slot = t;
	t->number = w->tasks.count - 1;
	t->layer = -1;
	t->name = arena_str(&w->arena, name);
	diags_init(&t->diags, w->request.budget);
	return t;
}

struct stream *walk_open_whole(struct walk *w, struct err *e)
{
	if (!w->once)
		return stream_open_fd(w->fd, false, 0, UINT64_MAX, e);
	err_set(e, ERR_UNSUPPORTED, "the input cannot be read a second time");
	return NULL;
}

/* --- an image with a manifest -------------------------------------------------------------------
 */

static bool any_task(struct task **tasks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (tasks[i])
			return true;
	return false;
}

static int walk_plan(struct walk *w, const struct plan *p, struct err *e)
{
	struct task **tasks = arena_alloc_array(&w->arena, p->layers.count + 1, sizeof(*tasks));
	struct err first = ERR_INIT;

	if (!tasks)
		return ERR_NOMEM(e);
	if (p->dropped)
		walk_say(w, DIAG_layer_limit, "%zu layers more than the limit of %llu", p->dropped,
			 (unsigned long long)w->limits->layers_max);
	if (p->os.len && !str_is(p->os, "linux"))
		walk_say(w, DIAG_system_unknown,
			 "is an image for %.*s: its files are listed, its packages "
			 "are not known",
			 STR_ARG(p->os));
	diags_move(w->request.diags, &w->outer, -1);
	if (w->whole_task)
		diags_move(w->request.diags, &w->whole_task->diags, -1);
	if (w->cut.text[0])
		walk_say(w, w->cut.code, "the archive cannot be read to its end: %s", w->cut.text);
	if (layers_find(w, p, tasks, &first, e) < 0)
		return -1;
	if (first.code && !any_task(tasks, p->layers.count)) {
		err_set(e, first.code, "%s", first.message);
		return w->once ? -1
			       : err_hint(e,
					  "the archive is cut short or was packed by hand; 'tar "
					  "tvf %.*s' shows "
					  "what is there",
					  STR_ARG(w->request.reference));
	}
	if (layers_walk(w, e) < 0)
		return -1;
	layers_gather_diags(w);
	return layers_fill(w, p, tasks, e);
}

static int run_plan(struct walk *w, struct err *e)
{
	struct plan p = {.kind = w->source->kind};
	int r;

	progress_phase(w->request.progress, PHASE_MANIFEST, -1);
	r = w->source->plan(w, &p, e);
	if (r == 0)
		r = walk_plan(w, &p, e);
	else if (w->cut.text[0])
		err_wrap(e, "the archive cannot be read to its end (%s)", w->cut.text);
	plan_done(&p);
	return r;
}

/* --- the tar itself as one layer ----------------------------------------------------------------
 */

static int finish_whole(struct walk *w, struct task *t, struct err *e)
{
	struct plan_layer layer = {.size = UINT64_MAX, .message = w->request.reference};
	struct plan p = {.kind = IMAGE_ARCHIVE};
	int r;

	if (t->empty)
		return err_set(e, ERR_FORMAT, "is empty");
	t->layer = 0;
	w->image.kind = IMAGE_ARCHIVE;
	if (w->cut.text[0])
		task_say(t, w->cut.code, STR_NULL, w->cut.at, "%s", w->cut.text);
	layers_gather_diags(w);
	r = plan_add_layer(w, &p, layer, e);
	if (r == 0)
		r = layers_fill(w, &p, &t, e);
	plan_done(&p);
	return r;
}

static int run_whole(struct walk *w, struct err *e)
{
	struct task *t = walk_add_task(w, STR(""), e);

	if (!t)
		return -1;
	w->cut.text[0] = '\0';
	t->layer = 0;
	t->blob.size = w->size;
	t->blob.member = SIZE_MAX;
	if (w->request.verify)
		t->blob_algorithm = t->diff_algorithm = DIGEST_SHA256;
	w->whole = true;
	if (w->store)
		w->store->ops->close(w->store);
	w->store = NULL;
	if (layers_walk(w, e) < 0)
		return -1;
	if (!t->entries && t->diags.per_code[DIAG_layer_unreadable])
		return err_set(e, ERR_FORMAT, "is neither an image nor a tar archive: %.*s",
			       STR_ARG(t->diags.list.items[0].message));
	return finish_whole(w, t, e);
}

/* --- which form it is ---------------------------------------------------------------------------
 */

static const struct source *decide(struct walk *w)
{
	const struct source *best = source_of_kind(IMAGE_ARCHIVE);
	int sure = 0;

	for (const struct source *const *s = sources; *s; s++) {
		int here = (*s)->probe ? (*s)->probe(w) : 0;

		if (here > sure) {
			sure = here;
			best = *s;
		}
	}
	return best;
}

/* A cut archive whose manifest would have come last is no layer, whatever is left of it. */
static bool was_image(struct walk *w)
{
	const struct members *m = store_members(w->store);

	for (size_t i = 0; m && w->cut.text[0] && i < m->list.count; i++)
		if (members_tell_image(m->list.items[i].name))
			return true;
	return false;
}

static int say_cut_image(const struct walk *w, struct err *e)
{
	bool cut = w->cut.code == DIAG_layer_truncated;

	return err_set(e, cut ? ERR_TRUNCATED : ERR_FORMAT,
		       "%s%s%s, and what says which layers it has was not met before",
		       cut ? "" : "cannot be read to its end (", w->cut.text, cut ? "" : ")");
}

static int decided(struct walk *w)
{
	if (w->request.forced)
		w->source = source_of_kind(w->request.kind);
	else
		w->source = decide(w);
	return w->source->plan != NULL;
}

/* A tar that lies in a file: its members are listed first. */
static int run_file(struct walk *w, struct err *e)
{
	if (w->request.forced && w->request.kind == IMAGE_ARCHIVE)
		return run_whole(w, e);
	if (store_open_tar(w, &w->store, e) < 0)
		return e->code == ERR_FORMAT || e->code == ERR_TRUNCATED
			       ? err_wrap(e, "is neither an image nor a tar archive")
			       : -1;
	if (decided(w))
		return run_plan(w, e);
	return was_image(w) ? say_cut_image(w, e) : run_whole(w, e);
}

/* A walk over the tar as a layer is no use when members that were wanted had been taken for layers.
 */
static int run_passed_whole(struct walk *w, struct task *whole, struct err *e)
{
	struct err why = ERR_INIT;
	bool hashed = !w->request.verify || whole->digest.algorithm;

	if ((whole->lost || !hashed) && !w->once)
		return run_whole(w, e);
	w->whole = true;
	if (whole->lost) {
		err_set(&why, ERR_UNSUPPORTED,
			"members that could be layers were read as such, and the "
			"input cannot be read twice");
		task_say(whole, DIAG_file_unreadable, STR_NULL, -1, "%s", why.message);
	}
	return finish_whole(w, whole, e);
}

int walk_passing(struct walk *w, struct stream *raw, struct err *e)
{
	struct task *whole = NULL;

	if (passing_walk(w, raw, w->visitor, &w->whole_task, e) < 0)
		return e->code == ERR_FORMAT || e->code == ERR_TRUNCATED
			       ? err_wrap(e, "is neither an image nor a tar archive")
			       : -1;
	whole = w->whole_task;
	if (decided(w) || !whole)
		return run_plan(w, e);
	return was_image(w) ? say_cut_image(w, e) : run_passed_whole(w, whole, e);
}

static int run_input(struct walk *w, struct err *e)
{
	struct ask_reply reply;
	struct stream *raw;
	struct stat st;
	struct str head;

	if (ask(w->request.link, ASK_SOURCE, STR(""), &reply, e) < 0)
		return -1;
	if (reply.fd < 0)
		return err_set(e, ERR_INTERNAL, "no descriptor came");
	w->fd = reply.fd;
	w->once = fstat(w->fd, &st) < 0 || !S_ISREG(st.st_mode);
	w->size = w->once ? UINT64_MAX : (uint64_t)st.st_size;
	if (w->request.progress && !w->once)
		w->request.progress->bytes_total = w->size;
	raw = stream_open_fd(w->fd, false, 0, UINT64_MAX, e);
	if (!raw)
		return -1;
	if (stream_peek(raw, STREAM_PEEK, &head, e) < 0) {
		stream_close(raw);
		return -1;
	}
	if (!head.len) {
		stream_close(raw);
		return err_set(e, ERR_FORMAT, "is empty");
	}
	if (!w->once && !layer_codec(head)) {
		stream_close(raw);
		return run_file(w, e);
	}
	return walk_passing(w, raw, e);
}

static int run(struct walk *w, struct err *e)
{
	progress_phase(w->request.progress, PHASE_START, -1);
	w->source = source_of_kind(w->request.kind);
	if (!w->source->folder)
		return run_input(w, e);
	if (w->source->run)
		return w->source->run(w, w->visitor, e);
	w->store = store_open_folder(w, e);
	return w->store ? run_plan(w, e) : -1;
}

struct walk *walk_new(const struct image_request *request, const struct layer_visitor *visitor)
{
	struct walk *w = mem_zero(1, sizeof(*w));

	if (!w)
		return NULL;
	w->request = *request;
	w->limits = request->limits ? request->limits : &image_limits_default;
	w->visitor = visitor;
	w->fd = -1;
	w->size = UINT64_MAX;
	w->image.source = w;
	arena_init(&w->arena, request->budget, 0);
	arena_init(&w->scratch, request->budget, SCRATCH_MAX);
	map_init(&w->said, request->budget);
	diags_init(&w->outer, request->budget);
	return w;
}

int image_walk(const struct image_request *request, const struct layer_visitor *visitor,
	       struct image **ret, struct err *e)
{
	struct walk *w = walk_new(request, visitor);
	struct err why = ERR_INIT;
	int r;

	if (!w)
		return ERR_NOMEM(e);
	r = run(w, &why);
	arena_done(&w->scratch);
	map_done(&w->said);
	if (r < 0) {
		image_close(&w->image);
		if (e)
			*e = why;
		return why.code == ERR_CANCELLED ? -1
						 : err_wrap(e, "%.*s", STR_ARG(request->reference));
	}
	*ret = &w->image;
	return 0;
}

/* --- the second pass ----------------------------------------------------------------------------
 */

struct again {
	const struct wanted *wanted;
	const struct layer_visitor *visitor;
};

static int again_member(struct walk *w, struct task *t, struct stream *member, void *context,
			struct err *e)
{
	const struct again *a = context;

	return layer_walk_again(w, member, t->number, a->wanted, a->visitor, e);
}

static int walk_again(struct walk *w, struct task *t, const struct wanted *wanted,
		      const struct layer_visitor *visitor, struct err *e)
{
	struct again a = {wanted, visitor};
	struct stream *raw;

	if (w->once)
		return keeper_walk(w, t, wanted, visitor, e);
	if (!w->whole && w->store->ops->walked)
		return passing_again(w, &t, 1, again_member, &a, e);
	raw = w->whole ? walk_open_whole(w, e) : w->store->ops->open(w->store, &t->blob, e);
	return raw ? layer_walk_again(w, raw, t->number, wanted, visitor, e) : -1;
}

int image_walk_again(struct image *image, int index, const struct str *paths, size_t path_count,
		     const struct layer_visitor *visitor, struct err *e)
{
	struct walk *w = image->source;
	const struct wanted wanted = {paths, path_count};
	struct task *t;
	struct err why = ERR_INIT;
	int r;

	if (index < 0 || (size_t)index >= image->layer_count ||
	    image->layers[index].task >= w->tasks.count)
		return err_set(e, ERR_NOT_FOUND, "there is no layer %d", index);
	if (!path_count)
		return 0;
	t = w->tasks.items[image->layers[index].task];
	if (visitor->begin && visitor->begin(visitor->context, t->number, e) < 0)
		return -1;
	if (w->source->again)
		r = w->source->again(w, paths, path_count, visitor, &why);
	else
		r = walk_again(w, t, &wanted, visitor, &why);
	arena_done(&w->scratch);
	if (visitor->end)
		visitor->end(visitor->context, t->number, r == 0);
	/* what is wrong with the layer was said in the first pass */
	if (r < 0 && t->state == LAYER_INCOMPLETE && why.code != ERR_CANCELLED)
		return 0;
	if (r < 0 && e)
		*e = why;
	return r;
}

void image_close(struct image *image)
{
	struct walk *w;

	if (!image)
		return;
	w = image->source;
	for (size_t i = 0; i < w->tasks.count; i++) {
		diags_done(&w->tasks.items[i]->diags);
		keeper_free(w->tasks.items[i]->kept);
	}
	vec_done(&w->tasks);
	if (w->store)
		w->store->ops->close(w->store);
	if (w->fd >= 0)
		close(w->fd);
	arena_done(&w->scratch);
	map_done(&w->said);
	diags_done(&w->outer);
	arena_done(&w->arena);
	mem_free(w);
}
