/*
 * Tree-association rules as rules of the linter: each violation is a finding at its antecedent.
 */
#ifndef PLIMSOLL_DOCKERFILE_ASSOCIATION_LINT_H
#define PLIMSOLL_DOCKERFILE_ASSOCIATION_LINT_H

#include "dockerfile/association.h"

struct tree_rules {
	struct symbols symbols; /* of the patterns; read-only once finished */
	struct associations list;
	struct rule *rules;
	const struct rule **pointers; /* for lint_config.extra_rules */
	size_t count;
};

void tree_rules_init(struct tree_rules *t);
void tree_rules_done(struct tree_rules *t);
/* Between: associations_read(&t->list, ...). Then, once: */
int tree_rules_finish(struct tree_rules *t, struct err *e);

#endif
