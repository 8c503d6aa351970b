/*
 * Inside of docker_tree.c and its parts: shell text nests without a limit of ours, so the walk
 * keeps a list of things to do: a statement, a word, a literal, opening and closing a node. What a
 * thing is made of is put on the list in its order and turned around, so that the first is on top.
 */
#ifndef PLIMSOLL_DOCKERFILE_TREE_MAKER_H
#define PLIMSOLL_DOCKERFILE_TREE_MAKER_H

#include "dockerfile/docker_tree.h"

enum job_kind {
	JOB_OPEN,
	JOB_CLOSE,
	JOB_STATEMENT,
	JOB_BARE, /* a statement without its redirections */
	JOB_WORD,
	JOB_PART,
	JOB_LITERAL,
	JOB_REDIRECT,
	JOB_USE,
};

struct job {
	enum job_kind kind;
	const char *type; /* JOB_OPEN; JOB_LITERAL: BASH-LITERAL where NULL */
	uint32_t symbol;  /* JOB_OPEN: instead of type */
	uint32_t node;
	struct str text;
	const struct command_use *use; /* JOB_USE */
	unsigned depth;		       /* JOB_USE: commands around it */
	struct span span;	       /* JOB_OPEN: instead of the node's, where not empty */
};

struct maker {
	struct lint *lint;
	struct forest *forest;
	const struct shell_tree *shell;
	VEC(struct job) jobs;
	struct buf name;
	bool deep;
	bool failed;
};

/* --- nodes --- */

uint32_t maker_symbol(struct maker *m, const char *text);
void maker_open(struct maker *m, const char *type, struct span span);
void maker_leaf(struct maker *m, const char *type, struct span span);
/* A node whose value is kept in its type: "DOCKER-NAME:PATH". */
void maker_kept(struct maker *m, const char *type, struct str value, bool upper, struct span span);
/* A node with what its text tells. */
void maker_told(struct maker *m, const char *type, struct str text, struct span span);

/* --- the list of things to do --- */

/* A place to write when there is no memory: m->failed says so. */
struct job *maker_push(struct maker *m, enum job_kind kind);
void maker_push_open(struct maker *m, const char *type, uint32_t node);
void maker_push_node(struct maker *m, enum job_kind kind, uint32_t node);
/* What is on the list from there on, the last first. */
void maker_turn_around(struct maker *m, size_t from);
bool maker_is_redirect(const struct maker *m, uint32_t node);
/* The children but for redirections, each as a job. */
void maker_push_children(struct maker *m, uint32_t node, enum job_kind kind);
void maker_push_wrapped(struct maker *m, const char *type, uint32_t node, enum job_kind kind);
/* One child in a node of its own. */
void maker_push_within(struct maker *m, const char *type, uint32_t node, enum job_kind kind);

/* --- parts --- */

/* tree_command.c: a command by its schema. */
void maker_command(struct maker *m, uint32_t node);
void maker_push_use(struct maker *m, const struct command_use *use, uint32_t node, unsigned depth);

/* tree_shell.c: a whole shell text. */
void maker_add_script(struct maker *m, const struct shell_tree *t);

#endif
