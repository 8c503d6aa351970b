/*
 * Rules of the kind "this sub-command wants that option": one table row a rule.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_OPTION_H
#define PLIMSOLL_DOCKERFILE_RULES_OPTION_H

#include "dockerfile/rule.h"

struct wanted_option {
	const char *const *subs;    /* NULL-ended; NULL: the command itself, whatever it does */
	const char *const *options; /* NULL-ended, canonical names: any of them will do */
	/* anything else that will do, or NULL */
	bool (*is_exempt)(const struct lint *l, const struct command_use *use);
	const char *message;
	/* the repair: put behind the sub-command (or the command) */
	const char *insert;
	bool safe;
	const char *reason;
};

/* The rule's data is a struct wanted_option. */
void option_check(struct lint *l, const struct shell_tree *t, const struct shell_command *c);

#endif
