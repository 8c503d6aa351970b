/*
 * One body, read once, for all who want it: the inspectors of a file and the hash of its content.
 */
#ifndef PLIMSOLL_INSPECT_JOBS_H
#define PLIMSOLL_INSPECT_JOBS_H

#include "inspect/inspector.h"

struct job {
	struct inspection in;
	char *bytes; /* NEED_WHOLE, NEED_HEAD, NEED_RANDOM in memory: room for `wanted` */
	size_t wanted, filled;
	bool dropped; /* said why */
	bool begun;   /* NEED_STREAM: end is due */
};

struct job_run {
	struct facts *facts;
	struct hasher *hasher; /* NULL: the content is not hashed */
	struct progress *progress;
	const struct entry *info;
	struct body *body;
	uint32_t entry;
	struct job *jobs;
	size_t count;
};

/*
 * What an inspector does not understand becomes a diagnostic. <0: the layer ends here (the walker
 * says why), or the facts have no more room.
 */
int jobs_run(struct job_run *run, struct err *e);

#endif
