/*
 * Repairs of tree-association rules: the rule says what is put where (struct association_fix), this
 * finds the place in the file.
 */
#ifndef PLIMSOLL_DOCKERFILE_ASSOCIATION_FIX_H
#define PLIMSOLL_DOCKERFILE_ASSOCIATION_FIX_H

#include "dockerfile/association.h"

/*
 * Adds the repair of a violation to its finding: `node` of the forest, made from the file that is
 * linted (docker_tree.h), matches the antecedent. Edits are made in RUN alone. Where there is no
 * plain place (a background job, the second half of "a || b", a heredoc), nothing is added.
 */
void association_fix_add(struct lint *l, struct finding *f, const struct association *a,
			 const struct forest *forest, uint32_t node);

#endif
