/*
 * Between the broker's (mine_run.c) and the worker's side (mine_worker.c) of a mining run.
 */
#ifndef PLIMSOLL_DOCKERFILE_MINE_WORK_H
#define PLIMSOLL_DOCKERFILE_MINE_WORK_H

#include "dockerfile/association.h"
#include "dockerfile/corpus.h"
#include "dockerfile/mine_run.h"
#include "io/worker.h"

enum { MINE_REPORT, MINE_NOTES, MINE_STREAMS };

struct mine_job {
	const struct mine_request *request;
	struct lint_files files; /* the corpus, then the second one from `second` on */
	size_t second;
	int streams[MINE_STREAMS]; /* memory files */
	int history;		   /* of a history: what git says, a memory file; else -1 */
	_Atomic size_t *gaps;	   /* seen by both processes */
};

worker_body mine_worker;

/* Runs git over each repository; what it says goes into job->history. Broker. */
int mine_history_open(struct mine_job *job, struct mine_outcome *ret, struct err *e);

/* What the rules found in one corpus. */
struct mine_figures {
	uint64_t trees;
	struct association_figures *rules; /* in the order of the list */
};

/* Figures of rules as a table or JSON. */
void mine_write_figures(const struct associations *a, const struct mine_figures *f,
			const struct mine_request *r, struct buf *out);

/* Mined rules as a table, as JSON, or in the form that is loaded. */
void mine_write_rules(const struct associations *a, const struct mine_request *r, struct buf *out);

#endif
