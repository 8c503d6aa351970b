/*
 * Mining tree-association rules from a forest: for each type of node that stands often enough, the
 * largest patterns below it that nearly all of its nodes have (frequent maximal induced subtrees,
 * as CMTreeMiner finds them: Chi, Yang, Xia, Muntz, PAKDD 2004), then what nearly always follows or
 * precedes it.
 */
#ifndef PLIMSOLL_DOCKERFILE_MINER_H
#define PLIMSOLL_DOCKERFILE_MINER_H

#include "dockerfile/association.h"

struct miner_options {
	uint64_t support_min;  /* nodes of a type; 0: 50 */
	double confidence_min; /* per cent of them; 0: 75 */
	bool ordered;	       /* children in the order of the trees; else in any */
};

/* Adds the rules found to `ret` (of the same symbols), best first, with examples and figures. */
int miner_run(struct forest *f, const struct miner_options *options, struct associations *ret,
	      struct err *e);

#endif
