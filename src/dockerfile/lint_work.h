/*
 * Between the broker's (lint_run.c) and the worker's side (lint_worker.c) of a lint run.
 */
#ifndef PLIMSOLL_DOCKERFILE_LINT_WORK_H
#define PLIMSOLL_DOCKERFILE_LINT_WORK_H

#include <stdatomic.h>

#include "dockerfile/lint_files.h"
#include "dockerfile/lint_run.h"
#include "io/worker.h"

enum file_state { FILE_PENDING, FILE_STARTED, FILE_DONE, FILE_LOST };

/* Memory files beside those of the formats. */
enum { STREAM_FIXES = LINT_OUTPUTS, STREAM_NOTES, STREAM_SCRIPTS, STREAMS };

/*
 * Memory that both processes see. The worker writes; when it died, the broker cuts the streams back
 * to what was complete and starts another worker behind it.
 */
struct lint_shared {
	_Atomic size_t flushed;	   /* files whose results are in the streams */
	uint64_t lengths[STREAMS]; /* of the streams at that point */
	struct lint_totals totals; /* up to there */
	bool headed;		   /* the heads of the formats are written */
	_Atomic uint8_t states[];  /* enum file_state, one a file */
};

struct lint_job {
	const struct lint_request *request;
	const struct lint_files *files;
	struct lint_shared *shared;
	struct progress *progress; /* MAY */
	int streams[STREAMS];	   /* memory files; the worker gets them by ASK_OUTPUT */
	unsigned threads;
	unsigned threads_wanted;
};

/* A file that was repaired, in STREAM_FIXES; the text follows. */
struct fix_record {
	uint64_t file;
	uint64_t length;
};

worker_body lint_worker;

#endif
