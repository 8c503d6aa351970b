/*
 * A corpus: many Dockerfiles, or trees, in one stream. A tar archive (its Dockerfiles by name),
 * JSON lines ({"text": ..., "path": ...} for Dockerfiles, {"type": ..., "children": [...]} for
 * trees), or one Dockerfile; each also compressed.
 */
#ifndef PLIMSOLL_DOCKERFILE_CORPUS_H
#define PLIMSOLL_DOCKERFILE_CORPUS_H

#include "base/diag.h"
#include "io/stream.h"

/* Of one Dockerfile or line; longer ones are told as gaps. */
enum { CORPUS_ITEM_MAX = 64 << 20 };

struct corpus_sink {
	void *context;
	/* A Dockerfile; `name` is its path in the corpus. <0 stops. */
	int (*text)(void *context, struct str name, struct str text, struct err *e);
	/* A tree as JSON. An error of code ERR_FORMAT or ERR_LIMIT is told as a gap, others stop.
	 */
	int (*tree)(void *context, struct str json, struct err *e);
	/* What could not be read, as "name, line 3: why". */
	void (*gap)(void *context, const char *what);
};

/*
 * Reads the stream (which it closes) to its end. `name` is for messages and for a single
 * Dockerfile. <0 when it cannot be read on: what came before was handed over.
 */
int corpus_read(struct stream *s, struct str name, const struct corpus_sink *sink,
		struct budget *budget, struct err *e);

#endif
