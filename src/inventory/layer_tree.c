/*
 * Reads of a finished tree. `node` holds per path the index of its entry or one of three words, and
 * a bit for opaque folders.
 */
#include "inventory/layer_tree.h"

#include "inventory/layer_node.h"

void layer_tree_done(struct layer_tree *t)
{
	mem_free(t->node);
	mem_free(t->first);
	mem_free(t->next);
	budget_release(t->budget, (uint64_t)t->room * 3 * sizeof(*t->node));
	vec_done(&t->links);
	vec_done(&t->owners);
	vec_done(&t->reborn);
	vec_done(&t->devices);
	*t = (struct layer_tree){0};
}

enum node_kind layer_tree_kind(const struct layer_tree *t, path_id id)
{
	uint32_t word;

	if (id >= t->count)
		return id == 0 ? NODE_FOLDER : NODE_NONE;
	word = t->node[id] & NODE_WORD;
	switch (word) {
	case NODE_ABSENT:
		return NODE_NONE;
	case NODE_IMPLIED:
		return NODE_FOLDER;
	case NODE_HIDES:
		return NODE_WHITEOUT;
	default:
		return t->facts->entries.items[word].type == ENTRY_DIR ? NODE_FOLDER : NODE_OTHER;
	}
}

path_id layer_tree_child(const struct layer_tree *t, path_id parent, struct str name)
{
	path_id id = t->count ? path_table_find_child(t->facts->paths, parent, name) : PATH_NONE;

	return id == PATH_NONE || layer_tree_kind(t, id) == NODE_NONE ? PATH_NONE : id;
}

bool layer_tree_is_opaque(const struct layer_tree *t, path_id id)
{
	return id < t->count && (t->node[id] & NODE_OPAQUE);
}

path_id layer_tree_first(const struct layer_tree *t, path_id folder)
{
	return folder < t->count ? t->first[folder] : PATH_NONE;
}

path_id layer_tree_next(const struct layer_tree *t, path_id id)
{
	return t->next[id];
}

uint32_t layer_tree_entry(const struct layer_tree *t, path_id id)
{
	uint32_t word = id < t->count ? t->node[id] & NODE_WORD : NODE_ABSENT;

	return word >= NODE_HIDES ? FACT_NONE : word;
}

/* The last link whose key is not above; NULL when its key is another. */
static const struct tree_link *find_last(const struct tree_link *items, size_t count, bool by_inode,
					 uint32_t key)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((by_inode ? items[middle].inode : items[middle].entry) <= key)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || (by_inode ? items[low - 1].inode : items[low - 1].entry) != key)
		return NULL;
	return &items[low - 1];
}

uint32_t layer_tree_inode(const struct layer_tree *t, uint32_t entry)
{
	const struct tree_link *link = find_last(t->links.items, t->links.count, false, entry);

	return link ? link->inode : entry;
}

uint32_t layer_tree_owner(const struct layer_tree *t, uint32_t inode)
{
	const struct tree_link *link = find_last(t->owners.items, t->owners.count, true, inode);

	return link ? link->entry : inode;
}
