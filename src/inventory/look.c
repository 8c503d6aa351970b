/*
 * overlayfs by hand: Documentation/filesystems/overlayfs.rst of the kernel, and
 * fs/overlayfs/namei.c for what it does not say. A name is that of the uppermost layer that has it.
 * Folders of one name merge downwards until a layer has something else there, or marked its folder
 * opaque; a whiteout ends the search. The mark on the root of a layer has no effect: the kernel
 * never looks at it.
 *
 * Links are followed as path_resolution(7) has it, ".." stays in the root.
 */
#include "inventory/link_text.h"
#include "inventory/squash.h"

enum { CONTAINER_LINKS = 40 };

void look_init(struct look *w, const struct squash *s)
{
	*w = (struct look){
		.squash = s,
		.links_max = CONTAINER_LINKS,
		.follow_last = true,
	};
	buf_init(&w->text, s->budget, 0);
	buf_init(&w->next_text, s->budget, 0);
}

void look_done(struct look *w)
{
	vec_done(&w->places);
	vec_done(&w->frames);
	buf_done(&w->text);
	buf_done(&w->next_text);
}

static int push_place(struct look *w, uint32_t layer, path_id node)
{
	struct place *slot = vec_push(&w->places);

	if (!slot)
		return -1;
	*slot = (struct place){layer, node};
	return 0;
}

/* The root is always merged of all layers. */
static int enter_root(struct look *w, int bottom, int top)
{
	size_t *frame;

	w->places.count = 0;
	w->frames.count = 0;
	frame = vec_push(&w->frames);
	if (!frame)
		return -1;
	for (int i = top; i >= bottom; i--)
		if (w->squash->trees[i].count && push_place(w, (uint32_t)i, 0) < 0)
			return -1;
	return 0;
}

/*
 * What the folder of the last frame shows under the name. A folder opens the next frame; else the
 * frames stay.
 */
static int step(struct look *w, struct str name, enum node_kind *ret_kind, struct place *ret_place)
{
	size_t start = w->frames.items[w->frames.count - 1], end = w->places.count;
	size_t *frame;

	*ret_kind = NODE_NONE;
	for (size_t i = start; i < end; i++) {
		struct place from = w->places.items[i];
		const struct layer_tree *tree = &w->squash->trees[from.layer];
		path_id child = layer_tree_child(tree, from.node, name);
		enum node_kind kind;

		if (child == PATH_NONE)
			continue;
		kind = layer_tree_kind(tree, child);
		if (*ret_kind == NODE_NONE) {
			*ret_kind = kind;
			*ret_place = (struct place){from.layer, child};
		}
		if (kind != NODE_FOLDER)
			break;
		if (push_place(w, from.layer, child) < 0)
			return -1;
		if (layer_tree_is_opaque(tree, child))
			break;
	}
	if (*ret_kind != NODE_FOLDER)
		return 0;
	frame = vec_push(&w->frames);
	if (!frame)
		return -1;
	*frame = end;
	return 0;
}

static void leave(struct look *w)
{
	if (w->frames.count > 1)
		w->places.count = w->frames.items[--w->frames.count];
}

/* A layer that leaves no entries of a frame's folder at all has no frame: the root of no layers. */
static bool at_place(const struct look *w, struct place *ret)
{
	size_t start = w->frames.items[w->frames.count - 1];

	if (start == w->places.count)
		return false;
	*ret = w->places.items[start];
	return true;
}

static void note_trail(struct look *w, struct str name)
{
	struct place folder;

	if (!w->trail)
		return;
	if (at_place(w, &folder))
		squash_path(w->squash, folder, &w->trail->text);
	if (name.len) {
		buf_add_char(&w->trail->text, '/');
		buf_add(&w->trail->text, name);
	}
	buf_add_char(&w->trail->text, '\0');
}

/* The text of the link there; {NULL, 0} when it is none. */
static struct str link_at(const struct look *w, struct place p)
{
	const struct layer_tree *tree = &w->squash->trees[p.layer];
	uint32_t inode = squash_inode(w->squash, p);
	const struct layer_entry *entry;

	if (inode == INODE_LOWER || inode == FACT_NONE)
		return STR_NULL;
	entry = &tree->facts->entries.items[inode];
	return entry->type == ENTRY_SYMLINK ? facts_link(tree->facts, entry) : STR_NULL;
}

static int expand(struct look *w, struct str target, struct str rest)
{
	struct buf swap;

	buf_clear(&w->next_text);
	if (w->alone && !str_starts(target, STR("/")))
		link_clean(target, &w->next_text);
	else
		buf_add(&w->next_text, target);
	buf_add_char(&w->next_text, '/');
	buf_add(&w->next_text, rest);
	if (buf_failed(&w->next_text))
		return -1;
	swap = w->text;
	w->text = w->next_text;
	w->next_text = swap;
	if (str_starts(target, STR("/")))
		while (w->frames.count > 1)
			leave(w);
	return 0;
}

/* One component that is neither "." nor "..". 1: go on; 0: the walk ended; <0 without memory. */
static int look_part(struct look *w, struct str part, struct str *rest, size_t *tail)
{
	bool of_link = w->links && rest->len >= *tail;
	enum node_kind kind;
	struct place place;
	struct str target;

	if (step(w, part, &kind, &place) < 0)
		return -1;
	if (kind == NODE_FOLDER)
		return 1;
	note_trail(w, part);
	if (kind != NODE_OTHER && !(kind == NODE_WHITEOUT && w->alone)) {
		w->kind = of_link ? FOUND_DANGLING : FOUND_NOTHING;
		return 0;
	}
	w->place = place;
	target = link_at(w, place);
	if (target.data && (rest->len || w->follow_last)) {
		w->link = place;
		if (++w->links > w->links_max) {
			w->kind = FOUND_LOOP;
			return 0;
		}
		if (!of_link) /* inside the text of a link, the outermost one counts */
			*tail = rest->len;
		if (expand(w, target, *rest) < 0)
			return -1;
		*rest = buf_str(&w->text);
		if (target.len == 0)
			w->kind = FOUND_DANGLING;
		return target.len != 0;
	}
	w->kind = FOUND_FILE;
	while (str_next(rest, '/', &part)) /* only a folder has something below */
		if (part.len)
			w->kind = of_link ? FOUND_DANGLING : FOUND_NOTHING;
	return 0;
}

int look_run(struct look *w, struct str path, int bottom, int top, struct err *e)
{
	struct str rest, part;
	size_t tail = 0;

	w->kind = FOUND_FOLDER;
	w->links = 0;
	w->place = (struct place){top < 0 ? 0 : (uint32_t)top, 0};
	buf_clear(&w->text);
	buf_add(&w->text, path);
	if (w->trail)
		buf_clear(&w->trail->text);
	if (buf_failed(&w->text) || enter_root(w, bottom, top) < 0)
		return ERR_NOMEM(e);
	rest = buf_str(&w->text);
	while (str_next(&rest, '/', &part)) {
		int r;

		if (part.len == 0 || str_is(part, "."))
			continue;
		if (str_is(part, "..")) {
			note_trail(w, STR(""));
			leave(w);
			continue;
		}
		r = look_part(w, part, &rest, &tail);
		if (r < 0)
			return ERR_NOMEM(e);
		if (r == 0)
			break;
	}
	if (w->kind == FOUND_FOLDER) {
		at_place(w, &w->place);
		note_trail(w, STR(""));
	}
	if (w->trail && buf_failed(&w->trail->text))
		return ERR_NOMEM(e);
	return 0;
}

const struct place *look_folder(const struct look *w, size_t *ret_count)
{
	size_t start = w->frames.items[w->frames.count - 1];

	*ret_count = w->places.count - start;
	return w->places.items + start;
}

/* What the layer does to one path of a trail. */
static enum change path_change(const struct layer_tree *t, struct str path, bool folder)
{
	path_id at = 0;
	struct str part;

	while (str_next(&path, '/', &part)) {
		if (part.len == 0)
			continue;
		at = layer_tree_child(t, at, part);
		if (at == PATH_NONE)
			return CHANGE_NONE;
		if (layer_tree_kind(t, at) != NODE_FOLDER || layer_tree_is_opaque(t, at))
			return CHANGE_ALL;
	}
	return folder ? CHANGE_INSIDE : CHANGE_ALL;
}

enum change trail_change(const struct trail *t, const struct squash *s, int layer,
			 enum found_kind kind)
{
	const struct layer_tree *tree = &s->trees[layer];
	struct str rest = buf_str(&t->text), path;
	enum change change = CHANGE_NONE;

	if (tree->count == 0)
		return CHANGE_NONE;
	while (str_next(&rest, '\0', &path)) {
		bool last = rest.len == 0;

		if (last && !rest.data)
			break; /* behind the last NUL */
		change = path_change(tree, path, last && kind == FOUND_FOLDER);
		if (change != CHANGE_NONE)
			break;
	}
	return change;
}
