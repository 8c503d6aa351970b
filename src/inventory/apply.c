/*
 * A layer's log replayed into its tree, as containerd's applier writes it: the first layer into an
 * empty folder, each further one into an upper folder that does not see the layers below. So links
 * of the same layer lead elsewhere, links of lower layers do not.
 *
 * Where the runtime would refuse the whole layer there is no truth to follow: the diagnostic
 * `ambiguous_archive` (a gap) names the place, and the reading goes on as the image specification
 * has it. docs/formats/squash.md lists every such case with its fixture.
 */
#include "inventory/layer_tree.h"

#include <limits.h>

#include "inventory/layer_node.h"
#include "inventory/link_text.h"

/*
 * LINKS_MAX is the applier's; a path over TEXT_MAX no kernel takes. The other two keep a layer
 * whose entries all go through long chains of links, or whose folders are all marked opaque,
 * linear.
 */
enum { LINKS_MAX = 255, TEXT_MAX = 8192, SCANS_MAX = 1 << 26 };
static const uint64_t texts_max = UINT64_C(4) << 30;

struct apply {
	struct layer_tree *tree;
	struct facts *facts;
	struct path_table *paths;
	enum tree_mode mode;
	int layer;
	struct diags *diags;
	uint32_t *born; /* tree->first until the end: when a node was made */
	uint32_t clock;
	path_id raw_folder; /* the folder resolved last, PATH_NONE */
	path_id real_folder;
	VEC(path_id) chain;	 /* scratch of resolve_ids */
	VEC(struct str) pending; /* scratch of resolve_text: names that are not there yet */
	struct buf text, next_text, path, name;
	VEC(path_id) implied;  /* lowest layer: folders that no entry named when they were made */
	uint64_t scans, texts; /* steps, bytes of link texts put together */
	bool spent;	       /* the scan may keep no more names */
};

/* In tree->next until the end, of the path itself, whatever becomes of its node. */
enum { MARKED_OPAQUE = 1, NAMED = 2 };

enum resolved { RESOLVED, NOT_A_FOLDER, TOO_MANY_LINKS, NOT_THERE, NO_MEMORY };

/* --- nodes -------------------------------------------------------------------------------------
 */

/* The three arrays follow the path table. */
static int make_room(struct layer_tree *t, uint32_t need)
{
	uint32_t room = need + need / 16 + 64, more = room - t->room;
	uint32_t **arrays[] = {&t->node, &t->first, &t->next};

	if (need <= t->room)
		return 0;
	if (budget_charge(t->budget, (uint64_t)more * 3 * sizeof(*t->node)) < 0)
		return -1;
	for (size_t i = 0; i < 3; i++) {
		uint32_t *grown = mem_grow(*arrays[i], room, sizeof(*grown));

		if (!grown) {
			budget_release(t->budget, (uint64_t)more * 3 * sizeof(*t->node));
			return -1;
		}
		*arrays[i] = grown;
	}
	t->room = room;
	return 0;
}

static int follow_table(struct apply *a)
{
	struct layer_tree *t = a->tree;
	uint32_t count = path_table_count(a->paths);

	if (make_room(t, count) < 0)
		return -1;
	for (; t->count < count; t->count++) {
		t->node[t->count] = NODE_ABSENT;
		t->first[t->count] = 0;
		t->next[t->count] = 0;
	}
	a->born = t->first;
	return 0;
}

/* A name that the log does not hold: what a whiteout hides, and what is written through links. */
static path_id add_child(struct apply *a, path_id parent, struct str name)
{
	path_id id = path_table_find_child(a->paths, parent, name);

	if (id != PATH_NONE)
		return id;
	a->spent = budget_charge_list(a->tree->budget, NAME_BYTES + name.len) < 0;
	if (a->spent)
		return PATH_NONE;
	id = path_table_add_child(a->paths, parent, name);
	return id == PATH_NONE || follow_table(a) < 0 ? PATH_NONE : id;
}

/* A node whose folder was removed since it was made is gone with it, though its word still stands.
 */
static enum node_kind kind_of(const struct apply *a, path_id id)
{
	if (id == 0)
		return NODE_FOLDER;
	if (a->born[id] <= a->born[path_table_parent(a->paths, id)])
		return NODE_NONE;
	return layer_tree_kind(a->tree, id);
}

static void make(struct apply *a, path_id id, uint32_t word)
{
	a->tree->node[id] = word;
	a->born[id] = ++a->clock;
}

static void forget_folder(struct apply *a)
{
	a->raw_folder = PATH_NONE;
}

static void remove_node(struct apply *a, path_id id)
{
	a->tree->node[id] = NODE_ABSENT;
	forget_folder(a);
}

static int make_implied(struct apply *a, path_id id)
{
	path_id *slot;

	make(a, id, NODE_IMPLIED);
	if (a->mode != TREE_BASE)
		return 0;
	slot = vec_push(&a->implied);
	if (!slot)
		return -1;
	*slot = id;
	return 0;
}

/* --- diagnostics --------------------------------------------------------------------------------
 */

static void say(struct apply *a, enum diag_code code, path_id id, const char *what)
{
	buf_clear(&a->path);
	path_table_format(a->paths, id, &a->path);
	diag_add(a->diags, code, (struct diag_place){a->layer, buf_str(&a->path), -1}, "%s", what);
}

static void refused(struct apply *a, path_id id, const char *what)
{
	char text[256];

	snprintf(text, sizeof(text), "the container runtime refuses this layer: %s", what);
	say(a, DIAG_ambiguous_archive, id, text);
}

/* --- the folder of a path -----------------------------------------------------------------------
 */

static const struct layer_entry *symlink_at(const struct apply *a, path_id id)
{
	const struct layer_entry *entry;
	uint32_t word;

	if (kind_of(a, id) != NODE_OTHER)
		return NULL;
	word = layer_tree_inode(a->tree, a->tree->node[id]);
	if (word == INODE_LOWER)
		return NULL;
	entry = &a->facts->entries.items[word];
	return entry->type == ENTRY_SYMLINK ? entry : NULL;
}

static bool has_dots(struct str target)
{
	struct str part;

	while (str_next(&target, '/', &part))
		if (str_is(part, ".."))
			return true;
	return false;
}

/* Puts the link's text before what is still to walk. */
static enum resolved expand(struct apply *a, struct str target, struct str rest)
{
	struct buf swap;

	a->texts += target.len + rest.len;
	if (target.len + rest.len > TEXT_MAX || a->texts > texts_max)
		return TOO_MANY_LINKS;
	if (str_starts(target, STR("/"))) {
		buf_clear(&a->next_text);
		buf_add(&a->next_text, target);
	} else if (link_clean(target, &a->next_text) < 0) {
		return NO_MEMORY;
	}
	buf_add_char(&a->next_text, '/');
	buf_add(&a->next_text, rest);
	if (buf_failed(&a->next_text))
		return NO_MEMORY;
	swap = a->text;
	a->text = a->next_text;
	a->next_text = swap;
	return RESOLVED;
}

/* What was not there when the path was walked is made now. */
static enum resolved make_pending(struct apply *a, path_id folder, bool create, path_id *ret)
{
	for (size_t i = 0; i < a->pending.count; i++) {
		path_id id;

		if (!create)
			return NOT_THERE;
		id = add_child(a, folder, a->pending.items[i]);
		if (id == PATH_NONE)
			return NO_MEMORY;
		folder = id;
		if (kind_of(a, id) == NODE_NONE && make_implied(a, id) < 0)
			return NO_MEMORY;
		if (kind_of(a, id) != NODE_FOLDER)
			return NOT_A_FOLDER;
	}
	*ret = folder;
	return RESOLVED;
}

static enum resolved add_pending(struct apply *a, struct str name)
{
	struct str *slot = vec_push(&a->pending);

	if (!slot)
		return NO_MEMORY;
	*slot = name;
	return RESOLVED;
}

/* Of the path of a folder and of what is to be made in it. */
static size_t length_of(const struct apply *a, path_id folder)
{
	size_t len = 0;

	for (; folder != 0; folder = path_table_parent(a->paths, folder))
		len += path_table_name(a->paths, folder).len + 1;
	for (size_t i = 0; i < a->pending.count; i++)
		len += a->pending.items[i].len + 1;
	return len;
}

/*
 * Walks a path whose links lead inside the layer. Names that are not there are taken as folders,
 * and
 * ".." goes up by the text.
 */
static enum resolved resolve_text(struct apply *a, struct str path, bool create, path_id *ret)
{
	struct str rest, part;
	unsigned links = 0;
	bool dots = false;
	path_id at = 0;
	enum resolved r;

	a->pending.count = 0;
	buf_clear(&a->text);
	buf_add(&a->text, path);
	rest = buf_str(&a->text);
	while (str_next(&rest, '/', &part)) {
		const struct layer_entry *link = NULL;
		path_id child = PATH_NONE;

		if (part.len == 0 || str_is(part, "."))
			continue;
		if (str_is(part, "..")) {
			if (a->pending.count)
				a->pending.count--;
			else if (at != 0)
				at = path_table_parent(a->paths, at);
			continue;
		}
		if (a->pending.count == 0)
			child = path_table_find_child(a->paths, at, part);
		if (child != PATH_NONE && kind_of(a, child) == NODE_FOLDER) {
			at = child;
			continue;
		}
		if (child != PATH_NONE)
			link = symlink_at(a, child);
		if (!link) {
			if (add_pending(a, part) != RESOLVED)
				return NO_MEMORY;
			continue;
		}
		if (++links > LINKS_MAX)
			return TOO_MANY_LINKS;
		dots |= has_dots(facts_link(a->facts, link));
		if (str_starts(facts_link(a->facts, link), STR("/")))
			at = 0;
		r = expand(a, facts_link(a->facts, link), rest);
		if (r != RESOLVED)
			return r;
		rest = buf_str(&a->text);
	}
	if (buf_failed(&a->text))
		return NO_MEMORY;
	if (length_of(a, at) > PATH_MAX)
		return TOO_MANY_LINKS;
	if (links > 1 && dots) {
		diag_add(a->diags, DIAG_ambiguous_archive, (struct diag_place){a->layer, path, -1},
			 "a folder is reached through several links with '..': readers take it for "
			 "different ones");
	}
	return make_pending(a, at, create, ret);
}

/* The ordinary case by numbers alone: no link on the way. */
static enum resolved resolve_ids(struct apply *a, path_id raw, path_id *ret, bool *ret_links)
{
	a->chain.count = 0;
	for (path_id id = raw; id != 0; id = path_table_parent(a->paths, id)) {
		path_id *slot = vec_push(&a->chain);

		if (!slot)
			return NO_MEMORY;
		*slot = id;
	}
	for (size_t i = a->chain.count; i-- > 0;) {
		path_id id = a->chain.items[i];
		enum node_kind kind = kind_of(a, id);

		if (kind == NODE_NONE && make_implied(a, id) < 0)
			return NO_MEMORY;
		if (kind == NODE_NONE || kind == NODE_FOLDER)
			continue;
		*ret_links = symlink_at(a, id) != NULL;
		return NOT_A_FOLDER;
	}
	*ret = raw;
	return RESOLVED;
}

/* The folder in which an entry is written, made if need be. */
static enum resolved resolve_folder(struct apply *a, path_id raw, path_id *ret)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	bool links = false;
	enum resolved r;

	if (raw == a->raw_folder) {
		*ret = a->real_folder;
		return RESOLVED;
	}
	r = resolve_ids(a, raw, ret, &links);
	if (r == NOT_A_FOLDER && links) {
		path_table_format(a->paths, raw, &path);
		r = buf_failed(&path) ? NO_MEMORY : resolve_text(a, buf_str(&path), true, ret);
	}
	if (r == RESOLVED) {
		a->raw_folder = raw;
		a->real_folder = *ret;
	}
	return r;
}

/* --- whiteouts ----------------------------------------------------------------------------------
 */

#define PUSH(vec, ...) \
	({ \
		__typeof__((vec).items) slot_ = vec_push(&(vec)); \
		if (slot_) \
			*slot_ = (__typeof__(*(vec).items))__VA_ARGS__; \
		slot_ ? 0 : -1; \
	})

static bool is_below(const struct apply *a, path_id id, path_id folder)
{
	while (id > folder)
		id = path_table_parent(a->paths, id);
	return id == folder;
}

static bool is_alive(const struct apply *a, path_id id)
{
	for (; id != 0; id = path_table_parent(a->paths, id))
		if (kind_of(a, id) == NODE_NONE)
			return false;
	return true;
}

/*
 * The lowest layer has nothing below to hide: there the runtime removes from the marked folder,
 * once a folder, what no entry of this layer had named, and with it what lies inside.
 */
static void clear_folder(struct apply *a, path_id folder, path_id raw)
{
	bool removed = false;
	size_t kept = 0;

	if (a->tree->next[folder] & MARKED_OPAQUE)
		return;
	a->tree->next[folder] |= MARKED_OPAQUE;
	a->scans += a->implied.count;
	if (a->scans > SCANS_MAX) {
		say(a, DIAG_ambiguous_archive, raw, "too many opaque folders in the lowest layer");
		return;
	}
	for (size_t i = 0; i < a->implied.count; i++) {
		path_id id = a->implied.items[i];

		if (a->tree->node[id] != NODE_IMPLIED || a->tree->next[id] & NAMED ||
		    !is_alive(a, id))
			continue;
		if (id != folder && is_below(a, id, folder)) {
			remove_node(a, id);
			removed = true;
			continue;
		}
		a->implied.items[kept++] = id;
	}
	a->implied.count = kept;
	if (removed)
		say(a, DIAG_ambiguous_archive, raw,
		    "an opaque folder of the lowest layer: the container runtime removes folders "
		    "of "
		    "the same layer, other readers do not");
}

static void apply_opaque(struct apply *a, path_id folder, path_id raw)
{
	if (a->mode == TREE_BASE)
		clear_folder(a, folder, raw);
	else if (folder == 0)
		a->tree->root_opaque = true;
	else
		a->tree->node[folder] |= NODE_OPAQUE;
}

static int apply_whiteout(struct apply *a, path_id folder, struct str name, path_id raw)
{
	path_id id;
	enum node_kind kind;

	if (name.len == 0 || str_is(name, ".") || str_is(name, "..")) {
		refused(a, raw, "a whiteout of no name");
		return 0;
	}
	id = add_child(a, folder, name);
	if (id == PATH_NONE)
		return -1;
	kind = kind_of(a, id);
	if (a->mode == TREE_BASE) {
		if (kind != NODE_NONE)
			say(a, DIAG_ambiguous_archive, raw,
			    "a whiteout in the lowest layer: the container runtime removes what "
			    "the "
			    "same layer holds, other readers keep it");
		remove_node(a, id);
	} else if (kind == NODE_NONE) {
		make(a, id, NODE_HIDES);
	} else if (kind == NODE_WHITEOUT) {
		say(a, DIAG_entry_odd, raw, "a whiteout that stands twice in its layer");
	} else {
		refused(a, raw, "a whiteout of what the same layer wrote before");
		if (kind == NODE_FOLDER)
			a->tree->node[id] |= NODE_OPAQUE;
	}
	return 0;
}

/* --- entries ------------------------------------------------------------------------------------
 */

static bool is_whiteout_device(const struct apply *a, const struct layer_entry *entry)
{
	return a->mode != TREE_PLAIN && entry->device_0;
}

/* The node that a hardlink names: links are followed up to its folder, not in its last part. */
static enum resolved find_target(struct apply *a, struct str path, path_id *ret)
{
	ptrdiff_t slash = str_find_last_char(path, '/');
	struct str folder = slash < 0 ? STR_NULL : str_to(path, (size_t)slash);
	enum resolved r = resolve_text(a, folder, false, ret);

	if (r != RESOLVED)
		return r;
	*ret = path_table_find_child(a->paths, *ret, str_from(path, (size_t)(slash + 1)));
	return *ret == PATH_NONE || kind_of(a, *ret) == NODE_NONE ? NOT_THERE : RESOLVED;
}

/* 1: the name is a whiteout now; 0; <0 without memory. */
static int apply_hardlink(struct apply *a, uint32_t index, path_id id)
{
	const struct layer_entry *entry = &a->facts->entries.items[index];
	path_id target = PATH_NONE;
	enum resolved r = find_target(a, facts_link(a->facts, entry), &target);
	uint32_t inode;

	if (r == NO_MEMORY)
		return -1;
	if (r != RESOLVED || kind_of(a, target) == NODE_FOLDER) {
		refused(a, id,
			r == RESOLVED ? "a hardlink to a folder"
				      : "a hardlink to what is not in the layer");
		return PUSH(a->tree->links, {index, INODE_LOWER});
	}
	if (kind_of(a, target) == NODE_WHITEOUT)
		return 1;
	inode = layer_tree_inode(a->tree, a->tree->node[target]);
	if (PUSH(a->tree->links, {index, inode}) < 0)
		return -1;
	return inode == INODE_LOWER ? 0 : PUSH(a->tree->owners, {index, inode});
}

static int write_entry(struct apply *a, uint32_t index, path_id id)
{
	const struct layer_entry *entry = &a->facts->entries.items[index];
	enum node_kind kind = kind_of(a, id);

	a->tree->next[id] |= NAMED;
	if (kind == NODE_FOLDER && entry->type == ENTRY_DIR) {
		a->tree->node[id] = (a->tree->node[id] & NODE_OPAQUE) | index;
		return 0;
	}
	if (kind != NODE_NONE)
		remove_node(a, id);
	if (kind == NODE_WHITEOUT && entry->type == ENTRY_DIR && PUSH(a->tree->reborn, (id)) < 0)
		return -1;
	if (entry->type == ENTRY_HARDLINK) {
		int r = apply_hardlink(a, index, id);

		if (r != 0) {
			make(a, id, NODE_HIDES);
			return r < 0 ? -1 : PUSH(a->tree->devices, (id));
		}
	}
	if (is_whiteout_device(a, entry)) {
		make(a, id, NODE_HIDES);
		return PUSH(a->tree->devices, (id));
	}
	make(a, id, index);
	return 0;
}

/*
 * The folder of an entry is no folder. Of a whiteout the specification says that it hides lower
 * layers only: the folder is made anew, 1. Anything else stays, and the entry is not written, 0.
 */
static int apply_orphan(struct apply *a, path_id raw, enum resolved why)
{
	if (why == NO_MEMORY)
		return -1;
	if (why == TOO_MANY_LINKS) {
		refused(a, raw, "too many links on the way to an entry, or a path too long");
		return 0;
	}
	refused(a, raw, "an entry below something that is no folder");
	/* the chain is that of the folder: resolve_ids has just walked it */
	for (size_t i = a->chain.count; i-- > 0;) {
		path_id id = a->chain.items[i];

		if (kind_of(a, id) == NODE_FOLDER)
			continue;
		if (kind_of(a, id) != NODE_WHITEOUT)
			return 0;
		remove_node(a, id);
		make(a, id, NODE_IMPLIED | NODE_OPAQUE);
		return 1;
	}
	return 0;
}

/* A whiteout or an entry whose folder is not the one of its name: a copy, for the table may move.
 */
static struct str copy_name(struct apply *a, struct str name)
{
	buf_clear(&a->name);
	buf_add(&a->name, name);
	return buf_failed(&a->name) ? STR_NULL : buf_str(&a->name);
}

static int apply_entry(struct apply *a, uint32_t index)
{
	path_id raw = a->facts->entries.items[index].path, folder, id;
	struct str name;
	enum resolved r;

	if (raw == 0) /* the root itself: its mode and owner are not taken over */
		return 0;
	while ((r = resolve_folder(a, path_table_parent(a->paths, raw), &folder)) != RESOLVED) {
		int again = apply_orphan(a, raw, r);

		if (again <= 0)
			return again;
	}
	name = path_table_name(a->paths, raw);
	if (a->mode != TREE_PLAIN && str_is(name, ".wh..wh..opq")) {
		apply_opaque(a, folder, raw);
		return 0;
	}
	if (a->mode != TREE_PLAIN && str_starts(name, STR(".wh."))) {
		name = copy_name(a, name);
		return name.data ? apply_whiteout(a, folder, str_from(name, 4), raw) : -1;
	}
	if (folder == path_table_parent(a->paths, raw))
		return write_entry(a, index, raw);
	name = copy_name(a, name);
	id = name.data ? add_child(a, folder, name) : PATH_NONE;
	return id == PATH_NONE ? -1 : write_entry(a, index, id);
}

/* --- the end ------------------------------------------------------------------------------------
 */

static int compare_owners(const void *a, const void *b)
{
	const struct tree_link *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return (x->entry > y->entry) - (x->entry < y->entry);
}

/* What went with its folder is taken out, then the children are listed. Parents come first by id.
 */
static void list_children(struct apply *a)
{
	struct layer_tree *t = a->tree;

	for (path_id id = 1; id < t->count; id++) {
		path_id parent = path_table_parent(a->paths, id);

		if (kind_of(a, id) == NODE_NONE || layer_tree_kind(t, parent) != NODE_FOLDER)
			t->node[id] = NODE_ABSENT;
	}
	for (path_id id = 0; id < t->count; id++)
		t->first[id] = t->next[id] = PATH_NONE;
	for (path_id id = 1; id < t->count; id++) {
		path_id parent = path_table_parent(a->paths, id);

		if (t->node[id] == NODE_ABSENT)
			continue;
		t->next[id] = t->first[parent];
		t->first[parent] = id;
	}
	if (t->owners.count)
		qsort(t->owners.items, t->owners.count, sizeof(*t->owners.items), compare_owners);
}

/* What was written until then stays. */
static void stop(struct apply *a, uint32_t index)
{
	say(a, a->spent ? DIAG_entry_limit : DIAG_memory_limit, a->facts->entries.items[index].path,
	    a->spent ? "the layer is stacked no further: the names of the image's entries take "
		       "more memory than the scan may keep for them"
		     : "the layer is stacked no further: not enough memory");
}

static int apply_all(struct apply *a)
{
	if (follow_table(a) < 0)
		return -1;
	a->tree->node[0] = NODE_IMPLIED;
	for (uint32_t i = 0; i < a->facts->entries.count; i++) {
		if (apply_entry(a, i) < 0) {
			stop(a, i);
			break;
		}
	}
	list_children(a);
	return 0;
}

int layer_tree_build(struct layer_tree *t, struct facts *facts, enum tree_mode mode, int layer,
		     struct budget *budget, struct diags *diags, struct err *e)
{
	struct apply a = {
		.tree = t,
		.facts = facts,
		.mode = mode,
		.layer = layer,
		.diags = diags,
		.raw_folder = PATH_NONE,
	};
	int r;

	*t = (struct layer_tree){.facts = facts, .budget = budget};
	if (!facts)
		return 0;
	a.paths = facts->paths;
	buf_init(&a.text, budget, 0);
	buf_init(&a.next_text, budget, 0);
	buf_init(&a.path, budget, 0);
	buf_init(&a.name, budget, 0);
	r = apply_all(&a);
	vec_done(&a.chain);
	vec_done(&a.pending);
	vec_done(&a.implied);
	buf_done(&a.text);
	buf_done(&a.next_text);
	buf_done(&a.path);
	buf_done(&a.name);
	return r < 0 ? ERR_NOMEM(e) : 0;
}
