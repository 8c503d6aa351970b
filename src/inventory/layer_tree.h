/*
 * One layer as the container runtime leaves it on the disk, before it is stacked on others: the log
 * of its entries replayed. docs/formats/squash.md has the rules.
 */
#ifndef PLIMSOLL_INVENTORY_LAYER_TREE_H
#define PLIMSOLL_INVENTORY_LAYER_TREE_H

#include "inspect/facts.h"

enum tree_mode {
	TREE_PLAIN, /* a folder on the disk: no name means anything else than itself */
	TREE_BASE,  /* the lowest layer: a whiteout removes what the layer itself wrote before */
	TREE_UPPER, /* a layer above another one: whiteouts become marks */
};

enum node_kind { NODE_NONE, NODE_FOLDER, NODE_WHITEOUT, NODE_OTHER };

/* A hardlink and the entry whose content and owner it shares; INODE_LOWER: not in this layer. */
struct tree_link {
	uint32_t entry, inode;
};
enum { INODE_LOWER = UINT32_MAX };

struct layer_tree {
	struct facts *facts; /* NULL: the layer is missing, the tree empty */
	struct budget *budget;
	/* by path_id, `count` of each; numbers of entries or of nodes */
	uint32_t *node, *first, *next;
	uint32_t count, room;
	VEC(struct tree_link) links; /* sorted by entry */
	VEC(struct tree_link)
	owners; /* sorted by inode, then entry: the last gives mode and owner */
	/* what only the layers below can tell whether it matters */
	VEC(path_id) reborn;  /* folders made where the layer had a whiteout */
	VEC(path_id) devices; /* char devices 0:0: whiteouts that are not named so */
	bool root_opaque;
};

/* <0 without memory. Odd places go to diags with that layer. */
int layer_tree_build(struct layer_tree *t, struct facts *facts, enum tree_mode mode, int layer,
		     struct budget *budget, struct diags *diags, struct err *e);
void layer_tree_done(struct layer_tree *t);

enum node_kind layer_tree_kind(const struct layer_tree *t, path_id id);
/* PATH_NONE when the layer leaves nothing there. */
path_id layer_tree_child(const struct layer_tree *t, path_id parent, struct str name);
bool layer_tree_is_opaque(const struct layer_tree *t, path_id id);
/* PATH_NONE at the end; in no order. */
path_id layer_tree_first(const struct layer_tree *t, path_id folder);
path_id layer_tree_next(const struct layer_tree *t, path_id id);
/* Index of the entry; FACT_NONE of folders that no entry names, and of whiteouts. */
uint32_t layer_tree_entry(const struct layer_tree *t, path_id id);
/* The entry whose content this one has: itself, or what the hardlink names (INODE_LOWER). */
uint32_t layer_tree_inode(const struct layer_tree *t, uint32_t entry);
/* The entry that gives the inode its mode and owner: a hardlink written last changes them for all.
 */
uint32_t layer_tree_owner(const struct layer_tree *t, uint32_t inode);

#endif
