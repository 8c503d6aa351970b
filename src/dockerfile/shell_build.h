/*
 * Between the shell parser and the compact tree: nodes that are linked while the tree is made, then
 * laid out in preorder (shell_tree.c).
 */
#ifndef PLIMSOLL_DOCKERFILE_SHELL_BUILD_H
#define PLIMSOLL_DOCKERFILE_SHELL_BUILD_H

#include "dockerfile/shell.h"

/* Index 0 is "none": the first real node is 1. */
struct shell_draft_node {
	uint16_t kind;
	uint16_t flags;
	uint32_t start;
	uint32_t end;
	uint32_t first;
	uint32_t final; /* last child */
	uint32_t next;
	struct str text;
};

struct shell_layout_frame {
	uint32_t child; /* next draft child to lay out */
	uint32_t out;	/* index of the parent in the tree */
	uint32_t prev;	/* the child laid out before, or 0 */
	bool inlined;	/* shares `out` with the frame below */
};

struct shell_draft {
	VEC(struct shell_draft_node) nodes;
	VEC(struct shell_layout_frame) stack;
	bool failed; /* out of memory */
};

/* A new node without parent; 0 without memory. */
uint32_t shell_draft_add(struct shell_draft *d, enum shell_kind kind, uint32_t start, uint32_t end);
/* As last child. A LIST grows to cover its children. */
void shell_draft_append(struct shell_draft *d, uint32_t parent, uint32_t child);

/*
 * A redirected statement was collected as a placeholder with the children [statement, redirects and
 * words]: the latter go to the statement they belong to, and the placeholder becomes the statement.
 * `tail` (or 0) is what followed a heredoc marker in its line, tail_kind how it is joined:
 * SHELL_AND, SHELL_OR, SHELL_PIPELINE.
 */
void shell_draft_redirected(struct shell_draft *d, uint32_t placeholder, uint32_t tail,
			    unsigned tail_kind);

/* Puts a pipeline right whose last statement is a list. */
void shell_draft_pipeline(struct shell_draft *d, uint32_t pipeline);

/*
 * Lays the draft out in preorder into arena memory, drops doubled AND, OR and PIPELINE, and fills
 * in the commands. -1: out of memory.
 */
int shell_layout(struct shell_draft *d, uint32_t root, struct arena *arena, struct shell_tree *ret);

/*
 * Reads plain scripts without the grammar: true when the draft below `script` is complete. False:
 * it is not plain, and what was added to the draft must be dropped.
 */
bool shell_simple(struct shell_draft *draft, struct str text, struct arena *arena, uint32_t script);

/* LITERAL and DOUBLE text without its escapes, in the arena only where it differs. */
struct str shell_unescape(struct arena *arena, struct str s, const char *escapable);

#endif
