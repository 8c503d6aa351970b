/*
 * Rules of the kind "only the last one in a stage counts".
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_REPEATED_H
#define PLIMSOLL_DOCKERFILE_RULES_REPEATED_H

#include "dockerfile/rule.h"

struct repeated {
	const struct instruction *before; /* the one so far in the stage */
};

/* The finding's repair: takes out the instruction that has no effect. */
void repeated_fix(struct lint *l, struct finding *f, const struct instruction *before);

/* `stage` and `instruction` of a rule whose state is a struct repeated. The finding stands at every
 * one behind the first; its repair takes the one before out. */
void repeated_start(struct lint *l, const struct stage *s);
void repeated_check(struct lint *l, const struct instruction *i);

#endif
