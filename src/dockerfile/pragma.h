/*
 * What comments tell the linter:
 *
 *	# hadolint ignore=DL3008,DL3015 # why     for the instruction right below
 *	# hadolint stage ignore=DL3011            right above a FROM: for its stage
 *	# hadolint global ignore=DL3006           anywhere: for the file
 *	# hadolint shell=powershell               see graph.c
 *	# check=skip=JSONArgsRecommended          right above an instruction, or (directive) for the
 *file # check=error=true  experimental=all      directive only; parts are separated by ;
 */
#ifndef PLIMSOLL_DOCKERFILE_PRAGMA_H
#define PLIMSOLL_DOCKERFILE_PRAGMA_H

#include "dockerfile/rule.h"

enum pragma_kind { PRAGMA_IGNORE, PRAGMA_STAGE, PRAGMA_GLOBAL, PRAGMA_SHELL, PRAGMA_CHECK };

struct pragma {
	enum pragma_kind kind;
	struct str
		names;	/* of the ignoring kinds: the list, for pragma_name_next; else the value */
	struct str bad; /* a name that no rule can have: the pragma does nothing then */
};

/* A comment from its '#' on. False when it is no pragma. */
bool pragma_read(struct str comment, const struct lint_config *config, struct pragma *ret);
/* Takes the next code off a list "A, B". */
bool pragma_name_next(struct str *names, struct str *ret_name);
/* DL, SC and digits, the code of a built-in rule, or of one that the configuration brings. */
bool pragma_name_known(struct str name, const struct lint_config *config);

/* "skip=A,B;error=true": the part with that key, or STR_NULL. */
struct str check_option(struct str value, const char *key);

#endif
