/*
 * A fixed set of threads over a list of tasks (threads are started after confinement and joined
 * before work_run returns; a thread ends by returning, never by pthread_exit).
 */
#ifndef PLIMSOLL_BASE_WORK_H
#define PLIMSOLL_BASE_WORK_H

#include "base/err.h"

/*
 * Runs run(context, i) for i in 0..count-1, taken in order by at most `threads` threads (the caller
 * is one of them). Returns when all are done. Threads that cannot be started are done without.
 */
void work_run(unsigned threads, size_t count, void (*run)(void *context, size_t i), void *context);

/* Processors this process may use; at least 1. Call before confinement. */
unsigned work_cpus(void);

#endif
