/*
 * The squashed file system listed: folders of all layers merged, depth first without recursion, in
 * the order of the bytes of the whole path. "a", "a.b", "a/c" is that order, so a folder is two
 * items: its name, and its name with the slash behind which its children stand.
 */
#include "inventory/private.h"

struct item {
	struct place place; /* the uppermost layer's */
	uint32_t places;    /* of a folder: index into `places`, how many */
	uint16_t count;
	bool inside; /* the children, not the name */
};

/* A child's name in one layer. */
struct named {
	uint64_t start; /* its first eight bytes, big endian: decides most comparisons */
	struct place place;
};

struct frame {
	size_t next, end;	    /* items left */
	size_t items, places, path; /* lengths to go back to */
	bool alone; /* an unnamed folder of which no lower layer knows: so are those in it */
};

enum { NAMES_KEPT = 1 << 16 };

struct listing {
	struct inventory *inv;
	const struct squash *squash;
	int (*visit)(void *context, const struct inventory_file *file, struct err *e);
	void *context;
	VEC(struct item) items;
	VEC(struct place) places;
	VEC(struct named) names; /* scratch of enter */
	VEC(struct frame) frames;
	struct buf path, other;
	struct look single; /* one layer alone */
};

/* --- merging the children of one folder
 * ------------------------------------------------------------- */

static uint64_t start_of(struct str name)
{
	uint64_t start = 0;

	for (size_t i = 0; i < 8; i++)
		start = start << 8 | (i < name.len ? (uint8_t)name.data[i] : 0);
	return start;
}

/* By name, upper layers first. */
static int by_name(const void *a, const void *b, void *context)
{
	const struct named *x = a, *y = b;
	const struct squash *s = context;
	int c;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	c = str_cmp(squash_name(s, x->place), squash_name(s, y->place));
	return c ? c : (x->place.layer < y->place.layer) - (x->place.layer > y->place.layer);
}

/* As the paths sort: what stands inside a folder has a slash behind the name. */
static int by_path(const void *a, const void *b, void *context)
{
	const struct item *x = a, *y = b;
	struct str m = squash_name(context, x->place), n = squash_name(context, y->place);
	size_t shared = m.len < n.len ? m.len : n.len;
	int c = shared ? memcmp(m.data, n.data, shared) : 0;
	int p, q;

	if (c)
		return c;
	/* the next byte of each: of the longer name, a slash, or none */
	p = m.len > shared ? (uint8_t)m.data[shared] : x->inside ? '/' : -1;
	q = n.len > shared ? (uint8_t)n.data[shared] : y->inside ? '/' : -1;
	return p - q;
}

static int add_item(struct listing *l, struct item item)
{
	struct item *slot = vec_push(&l->items);

	if (!slot)
		return -1;
	*slot = item;
	return 0;
}

/* names[i..end) are one name, the uppermost layer first. */
static int add_name(struct listing *l, size_t i, size_t end)
{
	struct item item = {.place = l->names.items[i].place, .places = (uint32_t)l->places.count};

	for (; i < end; i++) {
		struct place p = l->names.items[i].place, *slot;
		const struct layer_tree *tree = &l->squash->trees[p.layer];
		enum node_kind kind = layer_tree_kind(tree, p.node);

		if (kind != NODE_FOLDER) {
			if (item.count == 0 && kind == NODE_OTHER)
				return add_item(l, item);
			break;
		}
		slot = vec_push(&l->places);
		if (!slot)
			return -1;
		*slot = p;
		item.count++;
		if (layer_tree_is_opaque(tree, p.node))
			break;
	}
	if (item.count == 0)
		return 0;
	if (add_item(l, item) < 0)
		return -1;
	item.inside = true;
	return add_item(l, item);
}

static int collect_names(struct listing *l, size_t first, size_t count)
{
	l->names.count = 0;
	for (size_t i = first; i < first + count; i++) {
		struct place folder = l->places.items[i];
		const struct layer_tree *tree = &l->squash->trees[folder.layer];

		for (path_id id = layer_tree_first(tree, folder.node); id != PATH_NONE;
		     id = layer_tree_next(tree, id)) {
			struct named *slot = vec_push(&l->names);

			if (!slot)
				return -1;
			slot->place = (struct place){folder.layer, id};
			slot->start = start_of(squash_name(l->squash, slot->place));
		}
	}
	if (l->names.count)
		qsort_r(l->names.items, l->names.count, sizeof(*l->names.items), by_name,
			(void *)(uintptr_t)l->squash);
	return 0;
}

static int merge_names(struct listing *l)
{
	for (size_t i = 0, end; i < l->names.count; i = end) {
		struct str name = squash_name(l->squash, l->names.items[i].place);

		for (end = i + 1; end < l->names.count &&
				  l->names.items[end].start == l->names.items[i].start &&
				  str_eq(name, squash_name(l->squash, l->names.items[end].place));)
			end++;
		if (add_name(l, i, end) < 0)
			return -1;
	}
	if (l->names.room > NAMES_KEPT)
		vec_done(&l->names);
	return 0;
}

/* The children of the folder at places[first..first + count) as a new frame. */
static int enter(struct listing *l, size_t first, size_t count, size_t path, bool alone)
{
	struct frame *frame = vec_push(&l->frames);
	size_t start = l->items.count, places = l->places.count;

	if (!frame)
		return -1;
	*frame = (struct frame){
		.next = start, .items = start, .places = places, .path = path, .alone = alone};
	if (collect_names(l, first, count) < 0 || merge_names(l) < 0)
		return -1;
	frame->end = l->items.count;
	if (l->places.count > places) /* there are folders: their insides are not in place yet */
		qsort_r(l->items.items + start, l->items.count - start, sizeof(struct item),
			by_path, (void *)(uintptr_t)l->squash);
	return 0;
}

static void leave(struct listing *l)
{
	const struct frame *frame = &l->frames.items[--l->frames.count];

	l->items.count = frame->items;
	l->places.count = frame->places;
	l->path.len = frame->path;
}

/* --- what stands at one path
 * ------------------------------------------------------------------------- */

static void own(struct inventory_file *f, const struct facts *facts, uint32_t entry)
{
	const struct entry_detail *detail = facts_detail(facts, entry);

	f->mode = detail->mode;
	f->uid = detail->uid;
	f->gid = detail->gid;
}

/* Of what stands at the place itself; false for a folder that no entry names. */
static bool own_place(const struct listing *l, struct place p, struct inventory_file *f)
{
	const struct layer_tree *tree = &l->squash->trees[p.layer];
	uint32_t entry = layer_tree_entry(tree, p.node);

	if (entry == FACT_NONE)
		return false;
	own(f, tree->facts, entry);
	return true;
}

/*
 * A folder that the layer made without naming it takes mode and owner of the first lower layer that
 * has a folder there, each looked at alone with its own links, hidden or not; the search ends at
 * anything else. 1: found; 0: none.
 */
static int inherit(struct listing *l, struct place p, struct inventory_file *f, struct err *e)
{
	struct look *w = &l->single;
	bool known = false;

	buf_clear(&l->other);
	squash_path(l->squash, p, &l->other);
	for (int layer = (int)p.layer - 1; layer >= 0; layer--) {
		if (!l->squash->trees[layer].count)
			continue;
		if (buf_failed(&l->other))
			return ERR_NOMEM(e);
		if (look_run(w, buf_str(&l->other), layer, layer, e) < 0)
			return -1;
		if (w->kind == FOUND_NOTHING || w->kind == FOUND_DANGLING)
			continue;
		if (w->kind != FOUND_FOLDER)
			return known;
		known = true;
		if (own_place(l, w->place, f))
			return 1;
		buf_clear(&l->other);
		squash_path(l->squash, w->place, &l->other);
	}
	return known;
}

/* Its layer is the uppermost that names it, else the lowest that needs it. */
static int describe_folder(struct listing *l, const struct item *item, struct inventory_file *f,
			   bool *ret_alone, struct err *e)
{
	const struct place *places = l->places.items + item->places;
	bool alone = l->frames.items[l->frames.count - 1].alone;

	f->type = ENTRY_DIR;
	f->mode = 0755;
	f->layer = (int)places[item->count - 1].layer;
	for (uint32_t i = item->count; i-- > 0;)
		if (squash_entry(l->squash, places[i]))
			f->layer = (int)places[i].layer;
	*ret_alone = false;
	if (own_place(l, places[0], f))
		return 0;
	if (!alone || item->count > 1) {
		int r = inherit(l, places[0], f, e);

		if (r < 0)
			return -1;
		*ret_alone = r == 0;
	} else {
		*ret_alone = true;
	}
	return 0;
}

static void describe_content(const struct facts *facts, uint32_t entry, struct inventory_file *f)
{
	const struct entry_detail *detail = facts_detail(facts, entry);

	if (facts->entries.items[entry].type != ENTRY_FILE)
		return;
	f->size = detail->size;
	if (detail->digest != FACT_NONE)
		f->sha256 = &facts->digests.items[detail->digest];
}

static int describe_lower(struct listing *l, struct inventory_file *f, struct err *e)
{
	struct found found;

	if (inventory_find(l->inv, f->link, f->layer - 1, &found, e) < 0)
		return -1;
	if (f->layer > 0 && found.kind == FOUND_FILE)
		describe_content(found.facts, found.entry, f);
	return 0;
}

static int describe_other(struct listing *l, const struct item *item, struct inventory_file *f,
			  struct err *e)
{
	const struct layer_tree *tree = &l->squash->trees[item->place.layer];
	const struct layer_entry *entry = squash_entry(l->squash, item->place);
	uint32_t inode = squash_inode(l->squash, item->place);

	f->type = (enum entry_type)entry->type;
	f->layer = (int)item->place.layer;
	f->link = facts_link(tree->facts, entry);
	own_place(l, item->place, f);
	if (inode == INODE_LOWER)
		return describe_lower(l, f, e);
	own(f, tree->facts, layer_tree_owner(tree, inode));
	describe_content(tree->facts, inode, f);
	if (tree->facts->entries.items[inode].type == ENTRY_SYMLINK)
		f->mode = 0777;
	return 0;
}

/* --- the listing
 * -------------------------------------------------------------------------------------- */

static int list_item(struct listing *l, struct item item, struct err *e)
{
	struct inventory_file f = {0};
	bool alone = false;
	int r;

	f.path = buf_str(&l->path);
	r = item.count ? describe_folder(l, &item, &f, &alone, e) : describe_other(l, &item, &f, e);
	return r < 0 ? -1 : l->visit(l->context, &f, e);
}

static int list_next(struct listing *l, struct err *e)
{
	struct frame *frame = &l->frames.items[l->frames.count - 1];
	struct item item;
	size_t before = l->path.len;

	if (frame->next == frame->end) {
		leave(l);
		return 0;
	}
	item = l->items.items[frame->next++];
	if (before)
		buf_add_char(&l->path, '/');
	buf_add(&l->path, squash_name(l->squash, item.place));
	if (buf_failed(&l->path))
		return ERR_NOMEM(e);
	if (item.inside) {
		struct inventory_file unused = {0};
		bool alone = false;

		if (!squash_entry(l->squash, item.place) &&
		    describe_folder(l, &item, &unused, &alone, e) < 0)
			return -1;
		return enter(l, item.places, item.count, before, alone) < 0 ? ERR_NOMEM(e) : 0;
	}
	if (list_item(l, item, e) < 0)
		return -1;
	l->path.len = before;
	return 0;
}

static int list_root(struct listing *l, struct err *e)
{
	for (int i = l->squash->count - 1; i >= 0; i--) {
		struct place *slot;

		if (!l->squash->trees[i].count)
			continue;
		slot = vec_push(&l->places);
		if (!slot)
			return ERR_NOMEM(e);
		*slot = (struct place){(uint32_t)i, 0};
	}
	if (enter(l, 0, l->places.count, 0, false) < 0)
		return ERR_NOMEM(e);
	for (unsigned n = 0; l->frames.count; n++) {
		if (list_next(l, e) < 0)
			return -1;
		if (n % 1024 == 0 && progress_cancelled(l->inv->options.progress))
			return err_set(e, ERR_CANCELLED, "interrupted");
	}
	return 0;
}

int inventory_each_file(struct inventory *inv,
			int (*visit)(void *context, const struct inventory_file *file,
				     struct err *e),
			void *context, struct err *e)
{
	struct listing l = {.inv = inv, .squash = &inv->squash, .visit = visit, .context = context};
	int r;

	if (!inv->squash.trees)
		return err_set(e, ERR_INTERNAL, "the files of the image were not kept");
	buf_init(&l.path, inv->options.budget, 0);
	buf_init(&l.other, inv->options.budget, 0);
	look_init(&l.single, &inv->squash);
	l.single.links_max = 255; /* the applier's own limit */
	l.single.alone = true;
	r = list_root(&l, e);
	vec_done(&l.items);
	vec_done(&l.places);
	vec_done(&l.names);
	vec_done(&l.frames);
	buf_done(&l.path);
	buf_done(&l.other);
	look_done(&l.single);
	return r;
}
