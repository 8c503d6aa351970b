/*
 * Between the library that walks the grammar's tree (shell_treesitter.c) and what its nodes become
 * (shell_walk.c).
 */
#ifndef PLIMSOLL_DOCKERFILE_SHELL_WALK_H
#define PLIMSOLL_DOCKERFILE_SHELL_WALK_H

#include "dockerfile/shell_build.h"

/* What a node of the grammar is to us. */
enum action {
	ACTION_TOKEN, /* unnamed symbols and what needs no node */
	ACTION_SCRIPT,
	ACTION_LIST,
	ACTION_PIPELINE,
	ACTION_NOT,
	ACTION_REDIRECTED,
	ACTION_COMMAND,
	ACTION_DECLARATION,
	ACTION_ASSIGNMENTS,
	ACTION_TEST,
	ACTION_PASS, /* its children belong to the node around it */
	ACTION_ASSIGNMENT,
	ACTION_ATOM,
	ACTION_RAW,
	ACTION_ANSI,
	ACTION_STRING,
	ACTION_TRANSLATED,
	ACTION_SIMPLE_EXPANSION,
	ACTION_EXPANSION,
	ACTION_SUBSTITUTION,
	ACTION_PROCESS,
	ACTION_ARITHMETIC,
	ACTION_CONCATENATION,
	ACTION_ARRAY,
	ACTION_SUBSHELL,
	ACTION_GROUP,
	ACTION_IF,
	ACTION_ELIF,
	ACTION_ELSE,
	ACTION_WHILE,
	ACTION_DO,
	ACTION_FOR,
	ACTION_CFOR,
	ACTION_CASE,
	ACTION_CASE_ITEM,
	ACTION_FUNCTION,
	ACTION_FILE_REDIRECT,
	ACTION_HERE_STRING,
	ACTION_HEREDOC,
	ACTION_HEREDOC_START,
	ACTION_HEREDOC_BODY,
	ACTION_NAME,
	ACTION_SUBSCRIPT,
	ACTION_SKIP,
	ACTION_DESCRIPTOR,
	ACTION_ERROR,
};

/* One open node of the grammar's tree. */
struct frame {
	uint32_t node; /* draft node that takes the children */
	uint32_t list; /* of IF and WHILE: the LIST that does */
	uint32_t fill; /* of strings, words, heredocs: parts are made up to here */
	uint32_t tail; /* REDIRECTED: statement behind a heredoc marker */
	uint8_t action;
	uint8_t tail_kind; /* SHELL_AND, SHELL_OR, SHELL_PIPELINE; HEREDOC: of the operator seen */
	bool raw;	   /* HEREDOC: the name was quoted */
};

struct shell_walk {
	struct shell_draft draft;
	VEC(struct frame) frames;
	uint32_t script; /* root of the draft */
	struct str text; /* of the body at hand */
	struct arena *arena;
};

/* All: -1 without memory. */
int shell_walk_begin(struct shell_walk *p, struct str text, struct arena *arena);
/* 1: the node's children come next, then shell_walk_leave; 0: it has none for us. */
int shell_walk_enter(struct shell_walk *p, enum action action, uint32_t start, uint32_t end);
/* Behind the last child. */
int shell_walk_leave(struct shell_walk *p, uint32_t end);
void shell_walk_done(struct shell_walk *p);

#endif
