/*
 * Rules that were found in a corpus or a history: made from text, counted, ranked.
 */
#ifndef PLIMSOLL_DOCKERFILE_MINED_RULES_H
#define PLIMSOLL_DOCKERFILE_MINED_RULES_H

#include "dockerfile/association.h"

/* A type or value in the notation of patterns, quoted where it must be. */
void pattern_add_word(struct buf *b, struct str word);

/*
 * Adds a rule about nodes of `type`, within one RUN. *ret is NULL when the patterns are too large
 * for a rule: then nothing is added. <0 without memory.
 */
int mined_rule_add(struct associations *list, struct str type, struct str antecedent,
		   struct str consequent, enum association_location location,
		   struct association **ret, struct err *e);

/* Counts all rules in these trees (`found`) and takes examples where there is still room. */
int mined_rules_count(struct associations *list, const struct forest *f, struct err *e);

/* Puts them in that order (of pointers to rules). */
void mined_rules_sort(struct associations *list, int (*compare)(const void *a, const void *b));

#endif
