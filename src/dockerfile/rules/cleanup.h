/*
 * Rules of the kind "what this command leaves behind goes in the same RUN": one table row a rule.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_CLEANUP_H
#define PLIMSOLL_DOCKERFILE_RULES_CLEANUP_H

#include "dockerfile/rule.h"

/* All lists end with NULL. */
struct cleanup {
	const char *const *commands;
	const char *const *subs;     /* of these, what leaves something */
	const char *const *cleaners; /* of the same command, what removes it */
	const char *const *folders;  /* removing one of these does too */
	/* with a cache or tmpfs mount here nothing is left; without '/' at its start a part of the
	 * path: ".cache/yarn" */
	const char *const *mounts;
	const char *message;
	const char *repair; /* the command to append; NULL: the command itself with "clean all" */
	/* whether appending it is safe; NULL: it is where the command is always run */
	bool (*is_safe)(struct lint *l, const struct shell_tree *t);
	const char *safe_reason;
	const char *unsafe_reason;
	bool by_stage; /* only where the files stay: in the last stage, and where a later one builds
			  on it */
	/* further reason to say nothing, or NULL */
	bool (*is_exempt)(const struct instruction *i);
};

/* The rule's data is a struct cleanup. */
void cleanup_check(struct lint *l, const struct instruction *i, const struct shell_tree *t);
/* The same by another row. */
void cleanup_check_by(struct lint *l, const struct cleanup *k, const struct instruction *i,
		      const struct shell_tree *t);

#endif
