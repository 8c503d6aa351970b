/*
 * Building the database: feeds in, a folder of partitions out (docs/formats/database.md).
 */
#ifndef PLIMSOLL_ADVISORY_BUILD_H
#define PLIMSOLL_ADVISORY_BUILD_H

#include "advisory/database.h"
#include "advisory/feed.h"

struct build_input {
	const struct feed *feed;
	const char *path; /* a folder, an archive, a file */
};

struct build_request {
	const char *out; /* folder of the database; made when absent */
	const struct build_input *inputs;
	size_t input_count;
	size_t memory;	 /* bytes of records kept before they are spilled; 0: 128 MiB */
	bool in_process; /* parse in this process, not in a confined worker (tests) */
	size_t list_max; /* records left out that are listed; 0: 10 */
};

/*
 * Builds beside what is there and replaces it at the end: a build that fails, or is killed, leaves
 * the old database. Text for people goes to `report`: what was read, dropped, left out and why, the
 * partitions. ERR_USAGE when `out` holds something else; ERR_FORMAT when an input holds no record
 * of its feed; ERR_LIMIT when another build runs.
 */
int db_build(const struct build_request *request, struct buf *report, struct err *e);

/* "KIND=PATH"; ERR_USAGE names the kinds. */
int build_input_parse(const char *text, struct build_input *ret, struct err *e);

#endif
