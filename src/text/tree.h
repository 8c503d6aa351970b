/*
 * A small tree of a whole document, JSON or YAML alike, in an arena. For documents under a limit
 * whose shape is looked up; what is large or has one fixed order is read by events (text/json.h).
 * A node takes 96 bytes, so a hostile document costs up to 50 times its size: the maximum of the
 * arena is the limit that answers it.
 *
 *	if (tree_parse_json(text, &arena, 4 << 20, &tree, e) < 0)
 *		return err_wrap(e, "'manifest.json'");
 *	labels = tree_find(tree.root, "config.Labels");
 *	for (const struct tree_node *n = tree_first(labels); n; n = n->next)
 *		use(n->key, tree_str(n));
 *
 * All functions on nodes accept NULL, so that look-ups can be chained.
 */
#ifndef PLIMSOLL_TEXT_TREE_H
#define PLIMSOLL_TEXT_TREE_H

#include "base/mem.h"

struct json;

enum tree_type { TREE_NULL, TREE_BOOL, TREE_NUMBER, TREE_STRING, TREE_ARRAY, TREE_OBJECT };

struct tree_node {
	enum tree_type type;
	bool duplicate; /* its object had this key before; look-ups find the last, as readers do */
	bool replaced;	/* the text has U+FFFD where the document has something else */
	/*
	 * YAML: a scalar without quotes or block sign. Its type is that of the YAML 1.2 core schema
	 * (true, 12, ~); its text is what stands there, so a version written 1.10 is still "1.10".
	 */
	bool plain;
	uint32_t line, column; /* 1-based; columns are bytes in JSON, characters in YAML */
	uint64_t offset;       /* in bytes */
	uint32_t count;	       /* children */
	uint32_t size;	       /* nodes of the whole sub-tree, this one included; 0 while open */
	uint32_t height;       /* levels below this one */
	struct str key;	       /* in an object; data NULL elsewhere */
	struct str text;       /* of a scalar; NUL-terminated */
	struct tree_node *first, *last, *next;
};

struct tree {
	struct tree_node *root;
	const struct tree_node *duplicate; /* the first node whose key stood twice, or NULL */
};

/*
 * A whole document of at most `max` bytes (0: any); ERR_LIMIT beyond, and as json_next. Everything
 * is copied into the arena.
 */
int tree_parse_json(struct str text, struct arena *a, size_t max, struct tree *ret, struct err *e);
/*
 * The value that the last event began (behind json_next_item), or the next value when the last
 * event began none (behind json_next_key).
 */
int tree_read_json(struct json *j, struct arena *a, struct tree *ret, struct err *e);
/*
 * As tree_parse_json for exactly one document of YAML (text/yaml.h); an empty text is a null.
 */
int tree_parse_yaml(struct str text, struct arena *a, size_t max, struct tree *ret, struct err *e);

/* The member with this very key, or NULL. */
const struct tree_node *tree_find_key(const struct tree_node *n, struct str key);
/* "config.Labels", "layers.0.digest": keys and positions in lists, parted by dots; or NULL. */
const struct tree_node *tree_find(const struct tree_node *n, const char *path);
/* The first child of an object or list, or NULL. */
const struct tree_node *tree_first(const struct tree_node *n);

/* The text of a string, or of a plain scalar that is not null; {NULL, 0} otherwise. */
struct str tree_str(const struct tree_node *n);
/* False when it is another type (a quoted "true" is a string) or out of range. */
bool tree_u64(const struct tree_node *n, uint64_t *ret);
bool tree_bool(const struct tree_node *n, bool *ret);

/* "an object", "a list", ...; "nothing" for NULL */
const char *tree_type_name(const struct tree_node *n);
/* ERR_FORMAT with "line 3, column 14: " before the text. */
int tree_error(const struct tree_node *n, struct err *e, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * For readers that build trees. An open container's `next` is its parent until it is closed.
 */
struct tree_builder {
	struct arena *arena;
	struct tree_node *root, *open; /* open: the innermost open container */
	struct str key;		       /* of the next node, in the arena */
	bool key_duplicate;
	const struct tree_node *duplicate;
};

/* A node for the next value, linked into the tree; NULL without memory. */
struct tree_node *tree_builder_add(struct tree_builder *b, enum tree_type type, struct str text);
/* The last added node is a container and gets children now. */
void tree_builder_open(struct tree_builder *b, struct tree_node *n);
/* Ends the innermost container. */
void tree_builder_close(struct tree_builder *b);
/* The key of the next node, copied; <0 without memory. */
int tree_builder_key(struct tree_builder *b, struct str key, bool duplicate);

#endif
