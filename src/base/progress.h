/*
 * What is being done right now, in memory shared by broker and worker: the worker writes, the
 * broker draws the progress line and, should the worker die, names the place. Plain atomics, no
 * locks; any value may be read at any time.
 */
#ifndef PLIMSOLL_BASE_PROGRESS_H
#define PLIMSOLL_BASE_PROGRESS_H

#include <stdatomic.h>

#include "base/str.h"

enum phase {
	PHASE_START,
	PHASE_MANIFEST,
	PHASE_CONFIG,
	PHASE_LAYER_HEADER,
	PHASE_INFLATE,
	PHASE_TAR_WALK,
	PHASE_INSPECT,
	PHASE_SQUASH,
	PHASE_RESOLVE,
	PHASE_MATCH,
	PHASE_OUTPUT,
	PHASE_DONE,
	PHASES
};

struct progress {
	_Atomic int phase;
	_Atomic int layer; /* index of the layer being worked on, -1 */
	_Atomic int layers;
	_Atomic int layers_done;
	_Atomic uint64_t bytes;	      /* read of the source */
	_Atomic uint64_t bytes_total; /* 0: unknown */
	_Atomic int cancelled;	      /* set by the broker: the worker stops soon */
	_Atomic int stop_phase;	      /* tests: the worker kills itself here, -1 */
	_Atomic char inspector[32];   /* a hint: written without order by all threads */
};

/* Shared anonymous memory that survives a fork; NULL without memory. */
struct progress *progress_new(void);
void progress_free(struct progress *p);

/* All accept NULL. */
void progress_phase(struct progress *p, enum phase phase, int layer);
void progress_inspector(struct progress *p, const char *name);
/* What stands there now, ended by a NUL whatever was written. */
void progress_inspector_now(const struct progress *p, char out[sizeof(p->inspector)]);
void progress_bytes(struct progress *p, uint64_t more);
int progress_cancelled(const struct progress *p);
/* "start", "manifest", ..., "layer header", "tar walk" */
const char *phase_name(enum phase phase);

#endif
