/*
 * What the shell rules share: where an expansion is split into words, and what the assignments of a
 * body leave in its variables.
 */
#ifndef PLIMSOLL_DOCKERFILE_SHELL_WORDS_H
#define PLIMSOLL_DOCKERFILE_SHELL_WORDS_H

#include "base/map.h"
#include "dockerfile/shell.h"

struct build_state;

/*
 * True when the result of this VARIABLE or SUBSTITUTION is split at blanks and matched against
 * files: it stands unquoted in an argument, a redirect's target or [ ]. Not in assignments, [[ ]],
 * case, the list of for, or as the whole name of a command. Behind export and the like the value is
 * split by a shell that is no more than POSIX (posix_shell() of rules/posix.h).
 */
bool shell_splits(const struct shell_tree *t, uint32_t node, bool posix);

/* The node stands within `...`, where quotes and escapes have rules of their own. */
bool shell_in_backticks(const struct shell_tree *t, uint32_t node);

/* Parameters that the shell itself keeps: "?", "#", "HOME", "RANDOM", "1". */
bool shell_is_special(struct str name);

enum setter_value {
	SETS_ANYTHING,
	SETS_ONE_WORD, /* no blanks and no globs */
	SETS_SEVERAL,  /* its own text has some: several words were meant */
};

/* One assignment; of a name newest first. */
struct shell_setter {
	uint32_t node;
	uint32_t visible; /* last node that can see it */
	uint32_t certain; /* last node that surely runs behind it */
	enum setter_value value;
	const struct shell_setter *older;
};

/* The assignments of one body. */
struct shell_variables {
	const struct shell_tree *tree;
	const struct build_state *state;
	struct map setters; /* struct shell_setter of each name, the last one of the body */
	bool opaque;	    /* source, eval, broken text: whatever may have been assigned */
};

/* Fails for memory only. shell_variables_done() in either case. */
int shell_variables_read(struct shell_variables *v, const struct shell_tree *t,
			 const struct build_state *state, struct arena *arena);
void shell_variables_done(struct shell_variables *v);

/*
 * The VARIABLE node is one word whatever happens: a number, an ARG or ENV of the file (set by who
 * wrote it), or assigned in the body, on all ways to here, to something without blanks and globs.
 */
bool shell_variable_is_plain(const struct shell_variables *v, uint32_t node);
/* Some assignment that it may see gives it several words: a="b c". */
bool shell_variable_is_list(const struct shell_variables *v, uint32_t node);
/* Anything in the body assigns this name. */
bool shell_variable_is_set(const struct shell_variables *v, struct str name);
/* Set, an ARG or ENV of the stage, a proxy, or special. */
bool shell_variable_is_known(const struct shell_variables *v, struct str name);
/* ${x:-y}, ${x+y}, ${x?y}, ${!x}: its absence is taken care of, or another name is meant. */
bool shell_variable_is_guarded(const struct shell_tree *t, uint32_t node);

#endif
