/*
 * The one socket pair between broker and worker (decision 1). The worker asks for things by name
 * and gets descriptors; the broker opens, downloads and verifies signatures, and parses no image
 * data. One request is in flight at a time a link; worker threads share the link under its lock.
 */
#ifndef PLIMSOLL_IO_ASK_H
#define PLIMSOLL_IO_ASK_H

#include <pthread.h>

#include "base/err.h"

enum ask_kind {
	ASK_SOURCE,  /* name "": the file or standard input of the source; else a file below an OCI
			layout folder ("index.json", "blobs/sha256/..."), always read-only */
	ASK_LISTING, /* folder sources: a sealed memfd with all entries (image/listing.h) */
	ASK_FILE,    /* folder sources: name is the decimal index into the listing */
	ASK_PARTITION, /* a file of the database: "pkg/debian-12", "id/epss", "index" */
	ASK_MIRROR,    /* a file of an apt mirror (advisory/notices.h says the names) */
	ASK_OUTPUT,    /* name: decimal index of the output */
	ASK_PROGRAM,   /* run a program over what was written to an output (dockerfile/shellcheck.h)
			*/
	ASK_KINDS
};

struct ask_reply {
	int fd;	       /* owned by the caller; -1 when none */
	uint64_t size; /* of the file, UINT64_MAX unknown */
	bool seekable;
	char text[1024]; /* further words of that kind, NUL-terminated */
};

struct ask_link {
	int socket; /* -1: not in a worker */
	pthread_mutex_t lock;
};

/* --- worker's side --- */
/* ERR_NOT_FOUND when the broker has no such thing; the broker's own error otherwise. */
int ask(struct ask_link *link, enum ask_kind kind, struct str name, struct ask_reply *ret,
	struct err *e);

/* --- broker's side --- */
struct ask_handler {
	void *context;
	/* Answers one request; <0 with e set is sent as the error. */
	int (*answer)(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
		      struct err *e);
};
/*
 * Serves requests until the worker closes its end, or `interrupted` becomes non-zero. `tick` is
 * called about ten times a second (progress). Malformed requests are dropped with an error.
 */
int ask_serve(int socket, const struct ask_handler *handlers[ASK_KINDS],
	      void (*tick)(void *context), void *tick_context, volatile const int *interrupted,
	      struct err *e);

#endif
