/*
 * The worker process (decision 1): forked before any thread of its own and before the first byte of
 * image data, caged (io/confine.h), then given to `body`. The calling process is the broker: it
 * answers the worker's requests, draws progress and takes Ctrl-C.
 *
 * The broker calls crypto_init, map_seed and work_cpus before: all three look at the system, which
 * a caged process cannot.
 */
#ifndef PLIMSOLL_IO_WORKER_H
#define PLIMSOLL_IO_WORKER_H

#include "base/progress.h"
#include "io/ask.h"
#include "io/confine.h"

/* What the body gets in the worker. */
struct worker_self {
	struct ask_link *link;
	struct progress *progress; /* of the options, may be NULL */
	enum confinement confinement;
};

/*
 * Returns an exit code 0..255, or <0 with e set. Descriptor 2 is the broker's standard error, 0 and
 * 1 are /dev/null, all others come by ask(). What stdio holds is flushed afterwards.
 */
typedef int worker_body(void *context, const struct worker_self *self, struct err *e);

struct worker_options {
	const struct ask_handler *handlers[ASK_KINDS]; /* MAY each: not there then */
	struct progress *progress;		       /* MAY: from progress_new */
	void (*tick)(void *context);		       /* MAY: in the broker, ten times a second */
	void *tick_context;
	int confine;	      /* CONFINE_ALL but for tests and who insists */
	unsigned cpu_seconds; /* 0: no limit; death by SIGXCPU beyond */
	bool signals;	      /* take SIGINT and SIGTERM while it runs */
};

struct worker_result {
	int status; /* exit code, when signal is 0 */
	int signal; /* that killed it, or 0 */
	enum confinement confinement;
};

/*
 * Runs body in a worker until it ends. <0: there was no worker, body failed (its own error), or
 * ERR_CANCELLED after SIGINT or SIGTERM: the worker is dead then. A worker that died is no error
 * here: result->signal says so, worker_death puts it into words.
 */
int worker_run(const struct worker_options *options, worker_body *body, void *context,
	       struct worker_result *result, struct err *e);

/* " in tar walk of layer 3, inspector dpkg" into out; "" when nothing is known. */
void worker_place(const struct progress *progress, char *out, size_t size);

/* "the worker was killed by signal 4 (Illegal instruction) in tar walk of layer 3" into out. */
void worker_death(const struct worker_result *result, const struct progress *progress, char *out,
		  size_t size);

/* Non-zero once SIGINT or SIGTERM came while a worker ran; for handlers that take long. */
volatile const int *worker_interrupted(void);

#endif
