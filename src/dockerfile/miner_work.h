/*
 * Inside of the miner: the growing of patterns (miner_grow.c) for the rules of miner.c.
 */
#ifndef PLIMSOLL_DOCKERFILE_MINER_WORK_H
#define PLIMSOLL_DOCKERFILE_MINER_WORK_H

#include "dockerfile/miner.h"

enum { PATTERN_MAX = 40 };

struct occurrence {
	uint32_t at_case; /* which case */
	uint32_t node;	  /* the last node of the pattern */
};

struct occurrences {
	VEC(struct occurrence) list; /* by case, then node */
};

struct grown {
	uint32_t label[PATTERN_MAX];
	uint16_t depth[PATTERN_MAX]; /* 0: the root */
	uint32_t count;
	uint64_t support;
};

struct miner {
	struct forest *f;     /* children sorted, unless patterns are ordered */
	struct forest *plain; /* as it was given: what stands before what */
	uint32_t *origin;     /* by node of f: which one of plain it is; NULL: the same */
	uint32_t *place;      /* by node of plain: which one of f it is */
	const struct miner_options *options;
	struct associations *ret;
	uint32_t *label; /* by node: type and value as one symbol */
	uint32_t *rank;	 /* by symbol: its place in the order of texts */
	uint64_t need;	 /* cases that a pattern must have */
	uint32_t cases;
	uint32_t expansions;
	bool sorted;
	bool failed;
	VEC(struct grown) found;
};

int miner_make_labels(struct miner *m, struct err *e);
int miner_make_ranks(struct miner *m, struct err *e);
/* The forest m->plain with the children of every node in the order of their labels. */
int miner_sort_forest(struct miner *m, struct forest *ret, struct err *e);

/* Grows the pattern of one node from these occurrences, which it takes; frequent ones into
 * m->found. */
void miner_grow(struct miner *m, uint32_t label, struct occurrences *from, uint64_t cases);
bool miner_keep_found(struct miner *m, const struct grown *g);
/* Of those found from there on, drops what is part of another one. */
void miner_keep_maximal(struct miner *m, size_t from);

/* Ordered; anywhere: not only at the root of b. */
bool grown_is_within(const struct grown *a, const struct grown *b, bool anywhere);
/* The larger first: for qsort. */
int grown_by_size(const void *a, const void *b);

#endif
