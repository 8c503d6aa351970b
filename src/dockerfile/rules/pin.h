/*
 * Rules that want a version behind every package: one table row a sub-command, one function that
 * knows the package manager's notation.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_PIN_H
#define PLIMSOLL_DOCKERFILE_RULES_PIN_H

#include "dockerfile/rules/words.h"

struct pin_sub {
	const char *name;
	bool (*is_pinned)(struct str package);
};

struct pin {
	const char *message;	    /* "Pin versions in apk add, as in name=version" */
	const struct pin_sub *subs; /* ends with name NULL */
	const char *role;	    /* only positions of this role; NULL: all */
	bool (*is_exempt)(const struct command_use *use); /* or NULL */
	/* gem hands options that it does not know on to builds, and all behind "--": a word behind
	 * such an option may be its value */
	bool hands_on;
};

/* The rule's state_size is sizeof(struct word_cache), its data a struct pin. */
void pin_check(struct lint *l, const struct shell_tree *t, const struct shell_command *c);

/* "name-1.2-3", "https://.../x.rpm", "@group": what yum and dnf take as one version, or never have
 * one. */
bool is_rpm_pinned(struct str package);
/* "name:stream" */
bool is_module_pinned(struct str module);

#endif
