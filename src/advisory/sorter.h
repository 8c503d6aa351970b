/*
 * Sorts any number of small items within bounded memory: what does not fit is written to a spill
 * file in sorted runs, which are merged when the items are taken out. Items are byte strings in the
 * order of str_cmp; equal ones come out once.
 */
#ifndef PLIMSOLL_ADVISORY_SORTER_H
#define PLIMSOLL_ADVISORY_SORTER_H

#include "base/mem.h"

struct sorter;

struct sorter_options {
	size_t memory; /* bytes of items kept before a run is written; 0: 128 MiB */
	struct budget *budget;
	/*
	 * MUST: gives a descriptor for writing and reading of an empty file that nobody else sees;
	 * called once, when the items do not fit. The sorter closes it.
	 */
	int (*spill)(void *context, int *ret_fd, struct err *e);
	void *context;
};

enum { SORTER_ITEM_MAX = 4 << 20, SORTER_RUNS_MAX = 512 };

struct sorter *sorter_new(const struct sorter_options *options, struct err *e);
/* Accepts NULL. */
void sorter_free(struct sorter *s);
int sorter_add(struct sorter *s, struct str item, struct err *e);
/* After the last sorter_add, once. */
int sorter_sort(struct sorter *s, struct err *e);
/* 1 with the next item, valid until the next call; 0 behind the last. */
int sorter_next(struct sorter *s, struct str *ret_item, struct err *e);
uint64_t sorter_count(const struct sorter *s); /* of items added */

#endif
