/*
 * lint --image: the image is walked first, in a worker of its own, for the few bytes of knowledge
 * that the linter needs of it (dockerfile/waste.h); these go to the workers that lint.
 */
#include "scan/lint.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/map.h"
#include "dockerfile/waste.h"
#include "scan/session.h"
#include "text/deb822.h"

enum { STATUS_MAX = 32 << 20 };

/* --- one layer, while it is walked --- */

/* A file in a place of waste.def; a later entry of the same path replaces it. */
struct piece {
	uint64_t places;
	uint64_t bytes;
	size_t folder; /* length, SIZE_MAX: the file itself counts */
	bool file;
};

struct layer_pieces {
	struct arena arena;
	struct map by_path;
	uint64_t bytes, files; /* of all its files; one that stands twice counts twice */
	bool complete;
	bool cut;			    /* no memory for all of them */
	struct str status;		    /* of dpkg, whole; data NULL: none */
	bool status_lost;		    /* there is one that could not be kept */
	VEC(struct waste_package) packages; /* that came with this layer */
};

struct pieces {
	struct budget *budget;
	pthread_mutex_t lock;
	VEC(struct layer_pieces *) tasks;
};

static struct layer_pieces *pieces_of(struct pieces *p, size_t task)
{
	struct layer_pieces *found;

	pthread_mutex_lock(&p->lock);
	found = task < p->tasks.count ? p->tasks.items[task] : NULL;
	pthread_mutex_unlock(&p->lock);
	return found;
}

static int begin_layer(void *context, size_t task, struct err *e)
{
	struct pieces *p = context;
	struct layer_pieces *l = mem_zero(1, sizeof(*l));
	bool stored;

	if (!l)
		return ERR_NOMEM(e);
	arena_init(&l->arena, p->budget, 0);
	map_init(&l->by_path, p->budget);
	pthread_mutex_lock(&p->lock);
	while (p->tasks.count <= task && vec_push(&p->tasks))
		;
	stored = task < p->tasks.count;
	if (stored)
		p->tasks.items[task] = l;
	pthread_mutex_unlock(&p->lock);
	if (stored)
		return 0;
	mem_free(l);
	return ERR_NOMEM(e);
}

static bool is_whiteout(struct str path)
{
	ptrdiff_t slash = str_find_last_char(path, '/');

	return str_starts(str_from(path, (size_t)(slash + 1)), STR(".wh."));
}

static int add_piece(struct layer_pieces *l, const struct entry *entry, struct piece piece,
		     struct err *e)
{
	struct piece *old = map_find(&l->by_path, entry->path);
	struct str path;
	void **slot;

	if (old) {
		*old = piece;
		return 0;
	}
	if (!piece.file)
		return 0;
	path = arena_str(&l->arena, entry->path);
	old = ARENA_NEW(&l->arena, struct piece);
	slot = path.data && old ? map_put(&l->by_path, path) : NULL;
	if (!slot)
		return ERR_NOMEM(e);
	*old = piece;
	*slot = old;
	return 0;
}

/* What is over the maximum leaves the rest of the layer as it is. */
static int keep_status(struct layer_pieces *l, const struct entry *entry, struct body *body,
		       struct err *e)
{
	struct err why = ERR_INIT;

	l->status = STR_NULL;
	l->status_lost = entry->type != ENTRY_FILE;
	if (l->status_lost || body_read(body, &l->arena, STATUS_MAX, &l->status, &why) == 0)
		return 0;
	l->status_lost = true;
	l->status = STR_NULL;
	if (why.code == ERR_LIMIT)
		return 0;
	*e = why;
	return -1;
}

static int see_entry(void *context, size_t task, const struct entry *entry, struct body *body,
		     struct err *e)
{
	struct layer_pieces *l = pieces_of(context, task);
	struct piece piece = {.file = entry->type == ENTRY_FILE, .bytes = entry->size};

	if (!l || is_whiteout(entry->path))
		return 0;
	if (entry->type == ENTRY_FILE) {
		l->bytes += entry->size;
		l->files++;
	}
	if (str_is(entry->path, "var/lib/dpkg/status") && keep_status(l, entry, body, e) < 0)
		return -1;
	piece.places = waste_places(entry->path, &piece.folder);
	if (!piece.places || add_piece(l, entry, piece, e) == 0)
		return 0;
	l->cut = true;
	return -1;
}

static void end_layer(void *context, size_t task, bool complete)
{
	struct layer_pieces *l = pieces_of(context, task);

	if (l)
		l->complete = complete;
}

static void pieces_done(struct pieces *p)
{
	for (size_t i = 0; i < p->tasks.count; i++) {
		if (!p->tasks.items[i])
			continue;
		map_done(&p->tasks.items[i]->by_path);
		vec_done(&p->tasks.items[i]->packages);
		arena_done(&p->tasks.items[i]->arena);
		mem_free(p->tasks.items[i]);
	}
	vec_done(&p->tasks);
	pthread_mutex_destroy(&p->lock);
}

/* --- what is told of it --- */

struct groups {
	VEC(struct waste_group) list;
	struct map by_key;
	struct arena *arena;
	bool full;
};

/* Under its folder, or for what must be named under its own path while there is room. */
static int add_to_group(struct groups *g, struct str path, const struct piece *piece, struct err *e)
{
	bool alone = piece->places & waste_named_places();
	struct str place = path, key;
	uint64_t places = piece->places;
	struct waste_group *group;
	void **slot;

	if (alone && g->list.count >= WASTE_GROUPS_MAX) {
		g->full = true;
		places &= ~waste_named_places();
		alone = false;
	}
	if (!places)
		return 0;
	if (!alone)
		place = str_to(path, piece->folder);
	key = arena_printf(g->arena, "%llx %.*s", (unsigned long long)places, STR_ARG(place));
	slot = key.data ? map_put(&g->by_key, key) : NULL;
	if (!slot)
		return ERR_NOMEM(e);
	if (!*slot) {
		if (g->list.count >= 2 * WASTE_GROUPS_MAX) {
			g->full = true;
			return 0;
		}
		group = vec_push(&g->list);
		if (!group)
			return ERR_NOMEM(e);
		*group = (struct waste_group){.places = places, .path = place};
		*slot = (void *)(uintptr_t)g->list.count;
	}
	group = &g->list.items[(uintptr_t)*slot - 1];
	group->bytes += piece->bytes;
	group->files++;
	return 0;
}

static int cmp_group(const void *a, const void *b)
{
	const struct waste_group *x = a, *y = b;
	int order = str_cmp(x->path, y->path);

	if (order)
		return order;
	return x->places < y->places ? -1 : x->places > y->places;
}

static int group_layer(struct layer_pieces *l, struct waste_layer *out, struct err *e)
{
	struct groups g = {.arena = &l->arena};
	size_t at = 0;
	struct map_slot *slot;
	int r = 0;

	map_init(&g.by_key, l->arena.budget);
	while (r == 0 && (slot = map_next(&l->by_path, &at))) {
		const struct piece *piece = slot->value;

		if (piece->file)
			r = add_to_group(&g, slot->key, piece, e);
	}
	map_done(&g.by_key);
	if (g.list.count)
		qsort(g.list.items, g.list.count, sizeof(*g.list.items), cmp_group);
	out->groups = g.list.items;
	out->group_count = (uint32_t)g.list.count;
	out->complete = l->complete && !l->cut && !g.full;
	return r;
}

/* --- packages --- */

/* What dpkg's database held, from the bottom of the image on. */
struct installed {
	struct map names; /* in the arenas of the layers */
	bool unknown;	  /* a database was not readable: what is new cannot be told */
	struct layer_pieces *layer;
	bool many;
};

static int take_field(struct arena *a, const struct deb822_paragraph *p, const char *name,
		      struct str *ret, struct err *e)
{
	struct str value = deb822_value(p, name);

	*ret = value.data ? deb822_unfold(value, a) : STR("");
	return ret->data ? 0 : ERR_NOMEM(e);
}

static int take_package(void *context, const struct deb822_paragraph *p, struct err *e)
{
	struct installed *in = context;
	struct layer_pieces *l = in->layer;
	struct waste_package package = {.bytes = 0}, *slot;
	uint64_t kilobytes = 0;
	void **known;

	if (!str_ends(deb822_value(p, "Status"), STR(" installed")) ||
	    !deb822_value(p, "Package").len)
		return 0;
	if (take_field(&l->arena, p, "Package", &package.name, e) < 0)
		return -1;
	known = map_put(&in->names, package.name);
	if (!known)
		return ERR_NOMEM(e);
	if (*known)
		return 0;
	*known = in;
	if (l->packages.count >= WASTE_PACKAGES_MAX) {
		in->many = true;
		return 0;
	}
	(void)str_parse_u64(deb822_value(p, "Installed-Size"), &kilobytes);
	package.bytes = kilobytes < UINT32_MAX ? kilobytes * 1024 : 0;
	if (take_field(&l->arena, p, "Depends", &package.depends, e) < 0 ||
	    take_field(&l->arena, p, "Pre-Depends", &package.pre_depends, e) < 0 ||
	    take_field(&l->arena, p, "Recommends", &package.recommends, e) < 0 ||
	    take_field(&l->arena, p, "Provides", &package.provides, e) < 0)
		return -1;
	slot = vec_push(&l->packages);
	if (!slot)
		return ERR_NOMEM(e);
	*slot = package;
	return 0;
}

/* A package that was removed and comes again is not new: it was paid for below. */
static int read_status(struct installed *in, struct layer_pieces *l, struct err *e)
{
	static const char *const wanted[] = {"Package",	 "Status",	"Installed-Size",
					     "Depends",	 "Pre-Depends", "Recommends",
					     "Provides", NULL};
	const struct deb822_options options = {
		.wanted = wanted,
		.budget = l->arena.budget,
		.paragraph = take_package,
		.context = in,
	};

	in->unknown = in->unknown || l->status_lost;
	in->many = false;
	in->layer = l;
	if (!l->status.data)
		return 0;
	return deb822_parse(l->status, &options, e);
}

static int describe_layer(struct pieces *p, const struct image_layer *from, struct installed *in,
			  struct waste_layer *out, struct err *e)
{
	struct layer_pieces *l = from->state == LAYER_MISSING ? NULL : pieces_of(p, from->task);

	*out = (struct waste_layer){.created_by = from->created_by, .missing = !l};
	in->unknown = in->unknown || !l || from->state != LAYER_WALKED;
	if (!l)
		return 0;
	/* a layer that stands twice brings its packages once */
	l->packages.count = 0;
	if (group_layer(l, out, e) < 0 || read_status(in, l, e) < 0)
		return -1;
	out->complete = out->complete && from->state == LAYER_WALKED;
	out->bytes = l->bytes;
	out->files = l->files;
	out->packages = l->packages.items;
	out->package_count = (uint32_t)l->packages.count;
	out->packages_unknown = in->unknown || in->many;
	return 0;
}

static int write_image(struct pieces *p, const struct image *image, int fd, struct err *e)
{
	size_t count =
		image->layer_count < WASTE_LAYERS_MAX ? image->layer_count : WASTE_LAYERS_MAX;
	struct waste_layer *layers = mem_zero(count + 1, sizeof(*layers));
	CLEANUP(buf_done) struct buf out;
	int r = layers ? 0 : ERR_NOMEM(e);
	struct installed in = {.unknown = false};

	buf_init(&out, p->budget, 0);
	map_init(&in.names, p->budget);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = describe_layer(p, &image->layers[i], &in, &layers[i], e);
	if (r == 0) {
		waste_image_write(&(struct waste_image){layers, (uint32_t)count}, &out);
		r = buf_failed(&out) ? ERR_NOMEM(e) : session_write(fd, buf_str(&out), e);
	}
	for (size_t i = 0; layers && i < count; i++)
		mem_free((void *)(uintptr_t)layers[i].groups);
	mem_free(layers);
	map_done(&in.names);
	return r;
}

/* --- the two processes --- */

static int walk(struct worker_side *w, struct diags *diags, struct err *e)
{
	struct pieces pieces = {.budget = w->budget};
	const struct layer_visitor visitor = {&pieces, begin_layer, see_entry, end_layer};
	struct image_request request;
	struct ask_reply reply;
	struct arena arena;
	struct image *image;
	int r;

	if (ask(w->link, ASK_OUTPUT, STR("0"), &reply, e) < 0)
		return -1;
	pthread_mutex_init(&pieces.lock, NULL);
	arena_init(&arena, w->budget, 0);
	request = worker_image_request(w, diags, &arena);
	r = image_walk(&request, &visitor, &image, e);
	if (r == 0) {
		r = write_image(&pieces, image, reply.fd, e);
		image_close(image);
	}
	close(reply.fd);
	arena_done(&arena);
	pieces_done(&pieces);
	return r;
}

/* In the worker. 4: with a gap. */
static int lint_body(struct worker_side *w, struct session *s, struct err *e)
{
	struct diags diags;
	int r;

	(void)s;
	diags_init(&diags, w->budget);
	r = walk(w, &diags, e);
	if (r == 0) {
		session_say_gaps(&diags);
		r = diags_count(&diags, DIAG_GAP) ? 4 : 0;
	}
	diags_done(&diags);
	return r;
}

int scan_lint(const struct scan_lint_image *image, struct lint_request *lint,
	      struct lint_outcome *ret, struct err *e)
{
	struct scan_request request = {
		.source = image->source,
		.platform = image->platform,
		.verify = true,
		.limits = scan_limits_default,
		.progress = image->progress,
	};
	struct worker_result result = {0};
	struct session s;
	int r;

	if (session_open(&s, &request, 1, e) < 0)
		return -1;
	r = session_run(&s, lint_body, &result, e);
	if (r == 0 && result.signal) {
		char words[256];

		worker_death(&result, s.progress, words, sizeof(words));
		r = err_set(e, ERR_INTERNAL, "%s: %s", image->source, words);
	}
	if (r == 0) {
		lint->image = &s.memory[0];
		lint->image_gaps = result.status == 4;
		r = lint_run(lint, ret, e);
	}
	session_done(&s);
	return r;
}
