/*
 * What one run holds open in the broker, shared by scan and files.
 */
#ifndef PLIMSOLL_SCAN_SESSION_H
#define PLIMSOLL_SCAN_SESSION_H

#include "advisory/mirror.h"
#include "image/broker.h"
#include "io/worker.h"
#include "scan/progress_line.h"
#include "scan/worker_side.h"

enum { SESSION_OUTPUTS = 16 };

struct session {
	struct scan_request *request;
	struct image_broker source;
	bool source_open;
	struct database_folder *database;
	struct mirror *mirror;
	struct progress *progress;
	struct progress_line line;
	int memory[SESSION_OUTPUTS]; /* a memfd an output: the worker writes, the broker copies */
	size_t memory_count;
	unsigned threads;
	bool json; /* files */
};

int session_open(struct session *s, struct scan_request *r, size_t outputs, struct err *e);
void session_done(struct session *s);

typedef int session_body(struct worker_side *w, struct session *s, struct err *e);

/* Forks the worker and serves it until it ends; as worker_run. */
int session_run(struct session *s, session_body *body, struct worker_result *result, struct err *e);
/* What the worker wrote to output i into a file. */
int session_copy(const struct session *s, size_t i, struct outfile *to, struct err *e);
/* What could not be looked at, on standard error, in the worker: for results that have no place for
 * it. */
void session_say_gaps(struct diags *diags);
/* All of text to a descriptor, in the worker. */
int session_write(int fd, struct str text, struct err *e);

#endif
