/*
 * Trees of any notation, one behind the other: what tree-association rules (association.h) are
 * looked for in and mined from (miner.h). A node has a type and perhaps a value, both symbols.
 *
 * Nodes stand in preorder: the subtree of node i is [i, nodes[i].last], so everything is visited
 * with loops, never by recursion.
 */
#ifndef PLIMSOLL_DOCKERFILE_FOREST_H
#define PLIMSOLL_DOCKERFILE_FOREST_H

#include "base/buf.h"
#include "base/map.h"
#include "dockerfile/ast.h"

/* Beyond it ERR_LIMIT: 64 million nodes take 1.5 GiB. */
enum { FOREST_NODES_MAX = 64 << 20, SYMBOLS_MAX = 16 << 20 };
enum { FOREST_NONE = UINT32_MAX };

/* Texts by number, from 1; 0 is none. */
struct symbols {
	struct map map;
	VEC(struct str) texts; /* texts.items[0] is empty */
	struct arena arena;
	uint32_t other; /* frozen: what every new text is; else 0 */
};

void symbols_init(struct symbols *s);
void symbols_done(struct symbols *s);
/* The number of the text, made when it is new; 0 without memory or beyond SYMBOLS_MAX. */
uint32_t symbols_add(struct symbols *s, struct str text);
/*
 * From now on the table is read-only and may be shared by threads: all new texts are one symbol.
 * <0 without memory.
 */
int symbols_freeze(struct symbols *s);
/* 0 when there is no such symbol. */
uint32_t symbols_find(const struct symbols *s, struct str text);
static inline struct str symbol_text(const struct symbols *s, uint32_t symbol)
{
	return symbol < s->texts.count ? s->texts.items[symbol] : STR_NULL;
}

struct forest_node {
	uint32_t type;
	uint32_t value;	  /* 0: none */
	uint32_t parent;  /* FOREST_NONE: a root */
	uint32_t last;	  /* last node of the subtree */
	struct span span; /* in the file it came from, where it came from one */
};

struct forest_tree {
	uint32_t first; /* its root */
	uint32_t last;
	struct str name; /* "file_sha", "name" or "path" of the root; in the arena */
};

struct forest {
	struct symbols *symbols; /* may be shared by many forests of a thread */
	VEC(struct forest_node) nodes;
	VEC(struct forest_tree) trees;
	struct arena arena;
	uint32_t open; /* innermost node being built, or FOREST_NONE */
	bool failed;   /* no memory, or too many nodes */
};

void forest_init(struct forest *f, struct symbols *symbols);
void forest_done(struct forest *f);
/* Drops all trees, keeps memory and symbols. */
void forest_clear(struct forest *f);

/* Building: each node between open and close becomes a child of it. Failure is sticky. */
uint32_t forest_open(struct forest *f, uint32_t type, uint32_t value, struct span span);
void forest_close(struct forest *f);
/* A node without children. */
static inline void forest_leaf(struct forest *f, uint32_t type, uint32_t value, struct span span)
{
	forest_open(f, type, value, span);
	forest_close(f);
}
/* Ends the tree whose root is open or closed already; ERR_MEMORY or ERR_LIMIT when it failed. */
int forest_end_tree(struct forest *f, struct str name, struct err *e);

/* First child and next sibling, or FOREST_NONE. */
static inline uint32_t forest_child(const struct forest *f, uint32_t node)
{
	return f->nodes.items[node].last > node ? node + 1 : FOREST_NONE;
}
static inline uint32_t forest_next(const struct forest *f, uint32_t node)
{
	const struct forest_node *n = &f->nodes.items[node];

	if (n->parent == FOREST_NONE || n->last == f->nodes.items[n->parent].last)
		return FOREST_NONE;
	return n->last + 1;
}

/*
 * Adds one tree: an object {"type": "...", "value": ..., "children": [...]}, keys in any order,
 * others passed over. `value` may be any scalar; null is none. ERR_FORMAT, ERR_LIMIT (deeper than
 * FOREST_DEPTH_MAX) and ERR_MEMORY; nothing is added then.
 */
enum { FOREST_DEPTH_MAX = 2000 };
int forest_read_json(struct forest *f, struct str text, struct err *e);
/* The tree of that root as such an object, without a line end. */
void forest_write_json(const struct forest *f, uint32_t root, struct buf *out);

#endif
