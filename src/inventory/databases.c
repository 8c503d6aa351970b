/*
 * Where the files of the databases stand, image by image: after each layer, through links,
 * hardlinks and linked folders. One state a glob, carried from layer to layer: a layer that touches
 * nothing on the way costs a few look-ups; one that only adds to the folder of a wildcard, as many
 * as it adds.
 */
#include "inventory/private.h"

/* A name below the folder of a wildcard, or "" of a glob without one. */
struct child {
	struct str name;
	struct place_found now;
	int since;     /* the first image in which `now` is what stands there */
	bool by_links; /* links below the folder: looked at again with each layer */
	int seen;      /* the last image in which it was listed */
};

struct glob {
	const struct inspector *by;
	struct str text;
	struct str folder, rest; /* of a glob with a wildcard: around it */
	const char *pattern;	 /* NULL: none */
	struct trail trail;
	struct place_found at; /* of the folder */
	struct buf real;       /* of the folder: its path without links */
	size_t linked;	       /* children with by_links */
	size_t looks;	       /* at children again, so far */
	struct map names;      /* name -> struct child * */
	VEC(struct child *) children;
	VEC(struct place) places; /* scratch */
	struct buf path;	  /* scratch */
};

enum { LOOKS_MAX = 10000000 };

struct search {
	struct inventory *inv;
	struct map told; /* "inspector link" that was said */
};

static bool has_wildcard(struct str part)
{
	return str_find_char(part, '*') >= 0 || str_find_char(part, '?') >= 0;
}

static int split_glob(struct glob *g, struct inventory *inv)
{
	struct str rest = g->text, part;

	while (str_next(&rest, '/', &part)) {
		size_t at = (size_t)(part.data - g->text.data);

		if (!has_wildcard(part))
			continue;
		g->folder = str_to(g->text, at ? at - 1 : 0);
		g->rest = rest;
		g->pattern = arena_str(&inv->arena, part).data;
		return g->pattern ? 0 : -1;
	}
	return 0;
}

/* --- one name ------------------------------------------------------------------------------------
 */

static struct child *get_child(struct glob *g, struct inventory *inv, struct str name, int image)
{
	struct child *child = map_find(&g->names, name);
	struct child **listed;
	void **slot;

	if (child)
		return child;
	child = ARENA_NEW(&inv->arena, struct child);
	listed = child ? vec_push(&g->children) : NULL;
	if (!listed)
		return NULL;
	child->name = arena_str(&inv->arena, name);
	child->since = image;
	child->seen = -1;
	*listed = child;
	slot = child->name.data ? map_put(&g->names, child->name) : NULL;
	if (!slot)
		return NULL;
	*slot = child;
	return child;
}

static bool same(const struct place_found *a, const struct place_found *b)
{
	return a->kind == b->kind && (a->kind != FOUND_FILE ||
				      (a->place.layer == b->place.layer && a->entry == b->entry));
}

/* The path under which the inspector looks for it, into g->path. */
static int wanted_path(struct glob *g, const struct child *child)
{
	buf_clear(&g->path);
	buf_add(&g->path, g->pattern ? g->folder : g->text);
	if (g->pattern) {
		buf_add_char(&g->path, '/');
		buf_add(&g->path, child->name);
	}
	if (g->rest.data) {
		buf_add_char(&g->path, '/');
		buf_add(&g->path, g->rest);
	}
	return buf_failed(&g->path) ? -1 : 0;
}

/* The file stood at the wanted path in the images child->since..last. */
static int close_child(struct glob *g, struct inventory *inv, struct child *child, int last)
{
	CLEANUP(buf_done) struct buf real = BUF_INIT;
	struct database_file *d;

	if (child->now.kind != FOUND_FILE)
		return 0;
	d = vec_push(&inv->databases);
	if (!d || wanted_path(g, child) < 0)
		return -1;
	squash_path(&inv->squash, child->now.place, &real);
	*d = (struct database_file){
		.by = g->by,
		.path = arena_str(&inv->arena, buf_str(&g->path)),
		.real = arena_str(&inv->arena, buf_str(&real)),
		.layer = (int)child->now.place.layer,
		.facts = inv->squash.trees[child->now.place.layer].facts,
		.entry = child->now.entry,
		.first = child->since,
		.last = last,
	};
	return buf_failed(&real) || !d->real.data || !d->path.data ? -1 : 0;
}

/* What stands there in this image is `now`. */
static int set_child(struct glob *g, struct inventory *inv, struct child *child,
		     const struct place_found *now, int image)
{
	if (!same(&child->now, now)) {
		if (close_child(g, inv, child, image - 1) < 0)
			return -1;
		child->since = image;
	}
	g->linked += (now->links > 0) - (size_t)child->by_links;
	child->now = *now;
	child->by_links = now->links > 0;
	return 0;
}

/* --- globs without a wildcard
 * ---------------------------------------------------------------------- */

static int follow_path(struct glob *g, struct inventory *inv, int image, struct err *e)
{
	struct place_found now;
	struct child *child;

	/* an unchanged folder at the path of a file is as good as unchanged */
	if (image > 0 && trail_change(&g->trail, &inv->squash, image, g->at.kind) != CHANGE_ALL)
		return 0;
	if (inventory_locate(inv, g->text, image, &g->trail, &now, e) < 0)
		return -1;
	g->at = now;
	child = get_child(g, inv, STR(""), image);
	if (!child || set_child(g, inv, child, &now, image) < 0)
		return ERR_NOMEM(e);
	return 0;
}

/* --- globs with one
 * --------------------------------------------------------------------------------- */

static int look_child(struct glob *g, struct inventory *inv, struct str name, int image,
		      struct err *e)
{
	struct child *child = get_child(g, inv, name, image);
	struct place_found now;

	if (!child)
		return ERR_NOMEM(e);
	if (child->seen == image)
		return 0;
	child->seen = image;
	buf_clear(&g->path);
	buf_add(&g->path, buf_str(&g->real));
	buf_add_char(&g->path, '/');
	buf_add(&g->path, child->name);
	if (g->rest.data) {
		buf_add_char(&g->path, '/');
		buf_add(&g->path, g->rest);
	}
	if (buf_failed(&g->path))
		return ERR_NOMEM(e);
	if (inventory_locate(inv, buf_str(&g->path), image, NULL, &now, e) < 0)
		return -1;
	return set_child(g, inv, child, &now, image) < 0 ? ERR_NOMEM(e) : 0;
}

/* The names that one layer has in the folder, whiteouts too: what they leave is looked up. */
static int look_children(struct glob *g, struct inventory *inv, struct place folder, int image,
			 struct err *e)
{
	const struct layer_tree *tree = &inv->squash.trees[folder.layer];

	for (path_id id = layer_tree_first(tree, folder.node); id != PATH_NONE;
	     id = layer_tree_next(tree, id)) {
		struct str name = path_table_name(tree->facts->paths, id);

		if (str_glob(g->pattern, name) && look_child(g, inv, name, image, e) < 0)
			return -1;
	}
	return 0;
}

/*
 * A link inside the folder may lead elsewhere in any image. A million links under 500 layers are
 * not followed to the end: that is said, and what was found in the first of them stays.
 */
static int look_linked(struct glob *g, struct inventory *inv, int image, struct err *e)
{
	if (g->linked == 0 || g->looks > LOOKS_MAX)
		return 0;
	g->looks += g->children.count;
	if (g->looks > LOOKS_MAX)
		diag_add(inv->options.diags, DIAG_package_db_unreachable,
			 (struct diag_place){image, g->folder, -1},
			 "%s: too many links to follow from layer to layer", g->by->name);
	for (size_t i = 0; i < g->children.count; i++) {
		struct child *child = g->children.items[i];

		if (child->by_links && look_child(g, inv, child->name, image, e) < 0)
			return -1;
	}
	return 0;
}

/* The folder is another one, or was none before. */
static int enter_folder(struct glob *g, struct inventory *inv, int image, struct err *e)
{
	const struct place *places = NULL;
	size_t count = 0;

	if (inventory_locate(inv, g->folder, image, &g->trail, &g->at, e) < 0)
		return -1;
	g->places.count = 0;
	buf_clear(&g->real);
	if (g->at.kind == FOUND_FOLDER && inv->squash.count) {
		places = look_folder(&inv->look, &count);
		if (count)
			squash_path(&inv->squash, places[0], &g->real);
	}
	for (size_t i = 0; i < count; i++) {
		struct place *slot = vec_push(&g->places);

		if (!slot)
			return ERR_NOMEM(e);
		*slot = places[i];
	}
	if (buf_failed(&g->real))
		return ERR_NOMEM(e);
	for (size_t i = 0; i < count; i++)
		if (look_children(g, inv, g->places.items[i], image, e) < 0)
			return -1;
	return 0;
}

static int leave_folder(struct glob *g, struct inventory *inv, int image)
{
	const struct place_found nothing = {.kind = FOUND_NOTHING};

	for (size_t i = 0; i < g->children.count; i++)
		if (g->children.items[i]->seen != image &&
		    set_child(g, inv, g->children.items[i], &nothing, image) < 0)
			return -1;
	return 0;
}

static int follow_folder(struct glob *g, struct inventory *inv, int image, struct err *e)
{
	enum change change = CHANGE_ALL;

	if (image > 0)
		change = trail_change(&g->trail, &inv->squash, image, g->at.kind);
	if (change == CHANGE_ALL) {
		if (enter_folder(g, inv, image, e) < 0)
			return -1;
		return leave_folder(g, inv, image) < 0 ? ERR_NOMEM(e) : 0;
	}
	if (change == CHANGE_INSIDE) {
		const struct layer_tree *tree = &inv->squash.trees[image];
		struct place folder = {(uint32_t)image,
				       path_table_find(tree->facts->paths, buf_str(&g->real))};

		if (look_children(g, inv, folder, image, e) < 0)
			return -1;
	}
	return look_linked(g, inv, image, e);
}

/* --- what cannot be read
 * ---------------------------------------------------------------------------- */

static const char *unreadable(enum found_kind kind)
{
	switch (kind) {
	case FOUND_FOLDER:
		return "is a folder";
	case FOUND_OTHER:
		return "is a device or a pipe";
	case FOUND_DANGLING:
		return "is reached by a link that leads nowhere";
	case FOUND_LOOP:
		return "is reached by too many links";
	case FOUND_NOTHING:
	case FOUND_FILE:
		break;
	}
	return NULL;
}

/*
 * A link of the root, such as /var to a volume, is not about packages: a note. Any deeper one that
 * leads nowhere may be all that is left of a database. Once a link and inspector.
 */
static int tell(struct search *s, const struct glob *g, struct str path,
		const struct place_found *found, struct err *e)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	struct inventory *inv = s->inv;
	const char *what = unreadable(found->kind);
	bool by_link = found->kind == FOUND_DANGLING || found->kind == FOUND_LOOP;
	struct str real, copy;
	bool gap = g->by->database;
	void **slot;

	if (!what)
		return 0;
	buf_printf(&key, "%s ", g->by->name);
	squash_path(&inv->squash, found->place, &key);
	copy = arena_str(&inv->arena, buf_str(&key));
	slot = copy.data ? map_put(&s->told, copy) : NULL;
	if (buf_failed(&key) || !slot)
		return ERR_NOMEM(e);
	if (*slot)
		return 0;
	*slot = s;
	real = str_from(copy, strlen(g->by->name) + 1);
	if (by_link && str_find_char(real, '/') < 0)
		gap = false;
	diag_add(inv->options.diags, gap ? DIAG_package_db_unreachable : DIAG_entry_odd,
		 (struct diag_place){(int)found->place.layer, path, -1}, "%s: the file %s%s%.*s",
		 g->by->name, what, by_link ? ": " : "", STR_ARG(by_link ? real : STR_NULL));
	return 0;
}

/* --- all
 * -------------------------------------------------------------------------------------------- */

static int end_glob(struct search *s, struct glob *g, struct err *e)
{
	struct inventory *inv = s->inv;
	int last = inv->squash.count - 1;

	if (g->pattern && g->at.kind != FOUND_FOLDER && tell(s, g, g->folder, &g->at, e) < 0)
		return -1;
	for (size_t i = 0; i < g->children.count; i++) {
		struct child *child = g->children.items[i];

		if (close_child(g, inv, child, last) < 0)
			return ERR_NOMEM(e);
		if (child->now.kind == FOUND_NOTHING || child->now.kind == FOUND_FILE)
			continue;
		if (wanted_path(g, child) < 0)
			return ERR_NOMEM(e);
		if (tell(s, g, buf_str(&g->path), &child->now, e) < 0)
			return -1;
	}
	return 0;
}

static int run_glob(struct search *s, struct glob *g, struct err *e)
{
	struct inventory *inv = s->inv;

	for (int image = 0; image < inv->squash.count; image++) {
		int r = g->pattern ? follow_folder(g, inv, image, e)
				   : follow_path(g, inv, image, e);

		if (r < 0)
			return -1;
		if (progress_cancelled(inv->options.progress))
			return err_set(e, ERR_CANCELLED, "interrupted");
	}
	return end_glob(s, g, e);
}

static int find_glob(struct search *s, const struct inspector *by, const char *text, struct err *e)
{
	struct glob g = {.by = by, .text = str_of(text)};
	int r;

	map_init(&g.names, s->inv->options.budget);
	if (split_glob(&g, s->inv) < 0)
		r = ERR_NOMEM(e);
	else
		r = run_glob(s, &g, e);
	map_done(&g.names);
	vec_done(&g.children);
	vec_done(&g.places);
	buf_done(&g.trail.text);
	buf_done(&g.path);
	buf_done(&g.real);
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct database_file *x = a, *y = b;
	int c = strcmp(x->by->name, y->by->name);

	if (!c)
		c = str_cmp(x->path, y->path);
	return c ? c : (x->first > y->first) - (x->first < y->first);
}

int databases_find(struct inventory *inv, struct err *e)
{
	struct search s = {.inv = inv};
	int r = 0;

	map_init(&s.told, inv->options.budget);
	for (size_t i = 0; inspectors[i] && r == 0; i++)
		for (const char *const *glob = inspectors[i]->globs; *glob && r == 0; glob++)
			if (inspectors[i]->database || inspectors[i]->linked)
				r = find_glob(&s, inspectors[i], *glob, e);
	map_done(&s.told);
	if (r == 0 && inv->databases.count)
		qsort(inv->databases.items, inv->databases.count, sizeof(*inv->databases.items),
		      compare);
	return r;
}

const struct database_file *inventory_databases(struct inventory *inv, const struct inspector *by,
						size_t *ret_count)
{
	const struct database_file *items = inv->databases.items;
	size_t first = 0, end;

	while (first < inv->databases.count && items[first].by != by)
		first++;
	for (end = first; end < inv->databases.count && items[end].by == by;)
		end++;
	*ret_count = end - first;
	return items + first;
}
