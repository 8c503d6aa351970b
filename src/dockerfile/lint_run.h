/*
 * A whole lint run: files in, outputs written, exit code. The broker (this process) finds and opens
 * files and writes results; a confined worker parses them (io/worker.h), on all processors. A
 * worker that dies takes one file with it: the run goes on behind it, and the file is noted as a
 * gap.
 */
#ifndef PLIMSOLL_DOCKERFILE_LINT_RUN_H
#define PLIMSOLL_DOCKERFILE_LINT_RUN_H

#include "dockerfile/lint_config.h"
#include "dockerfile/lint_format.h"

enum lint_fixing { LINT_FIX_NONE, LINT_FIX_SAFE, LINT_FIX_ALL };

enum { LINT_OUTPUTS = 16 };

struct lint_output {
	const struct lint_format *format;
	const char *path; /* "-": standard output */
	struct lint_format_options options;
};

struct lint_request {
	const char *const *operands;
	size_t operand_count;
	const struct lint_settings *settings; /* finished */
	struct lint_output *outputs;
	size_t output_count;
	enum lint_fixing fixing;
	bool diff;		    /* write a diff to standard output instead of changing files */
	int failed_exit_code;	    /* 2 unless asked otherwise */
	const char *path_in_report; /* MAY: what the one file is called in the report */
	unsigned threads;	    /* 0: as many as there are processors */
	const int *image;	    /* MAY: a file with a waste_image (waste.h) */
	size_t image_gaps;	    /* of it: what could not be looked at */
	const char *shellcheck;	    /* MAY: the program to run beside our rules (shellcheck.h) */
};

struct lint_outcome {
	int exit_code;
	struct buf notes; /* lines for standard error, each with its end; free with buf_done */
	struct lint_totals totals;
};

/*
 * <0: nothing was reported. Findings at or above the threshold: failed_exit_code; a file that was
 * named and is not there: 1; one that was found and could not be looked at: 4, when nothing failed.
 */
int lint_run(const struct lint_request *r, struct lint_outcome *ret, struct err *e);

#endif
