/*
 * What several feeds say of one key becomes the records that the partition keeps.
 */
#ifndef PLIMSOLL_ADVISORY_MERGE_H
#define PLIMSOLL_ADVISORY_MERGE_H

#include "advisory/sink.h"

/* All items of one key, in the order of the sorter: by rank, the newest first. */
struct group {
	struct arena *arena; /* emptied after each group */
	enum partition_kind kind;
	VEC(struct sink_item) items; /* key and partition are the same in all */
};

struct group_records {
	struct str *records;
	size_t count;
};

/* Encoded for the writer whose words are given; the slices live in the arena. */
int merge_group(const struct group *g, struct words *words, struct group_records *ret,
		struct err *e);

#endif
