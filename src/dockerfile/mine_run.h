/*
 * A whole run of `plimsoll mine`: a corpus in, rules or their figures out. The broker opens files,
 * a confined worker reads them (io/worker.h).
 */
#ifndef PLIMSOLL_DOCKERFILE_MINE_RUN_H
#define PLIMSOLL_DOCKERFILE_MINE_RUN_H

#include "base/buf.h"
#include "dockerfile/lint_files.h"

enum mine_format { MINE_TABLE, MINE_JSON, MINE_RULES, MINE_TREES };

struct mine_request {
	const char *const *operands; /* files, folders, archives, JSON lines */
	size_t operand_count;
	const char *second; /* MAY: a corpus to try mined rules on */
	struct str rules;   /* evaluate these (YAML); data NULL: mine */
	const char *rules_path;
	bool gold; /* evaluate the built-in ones */
	enum mine_format format;
	uint64_t support_min;  /* matches; 0: 50; of a history changes; 0: 2 */
	double confidence_min; /* per cent; 0: 75 */
	bool deep;	       /* trees as lint sees them (docker_tree.h) */
	bool ordered;	       /* patterns with the order of children */
	bool history;	       /* operands are git repositories; what was changed in them */
};

struct mine_outcome {
	struct buf report;
	struct buf notes; /* lines for standard error */
	size_t gaps;	  /* what could not be looked at */
	size_t missing;	  /* operands that are not there */
};

void mine_outcome_done(struct mine_outcome *o);

/* <0: nothing is reported. */
int mine_run(const struct mine_request *r, struct mine_outcome *ret, struct err *e);

#endif
