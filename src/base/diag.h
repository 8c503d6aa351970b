/*
 * Diagnostics: something about the input was odd. Each code has one class (diag.def); a scan is
 * complete when it has no gap. A diagnostic has a place and a printable message; it never allocates
 * from anything but its list, and a list that cannot grow remembers that it lost some.
 */
#ifndef PLIMSOLL_BASE_DIAG_H
#define PLIMSOLL_BASE_DIAG_H

#include <pthread.h>

#include "base/mem.h"

enum diag_class { DIAG_NOTE, DIAG_DEGRADED, DIAG_GAP };

enum diag_code {
#define DIAG(code, class, meaning) DIAG_##code,
#include "base/diag.def"
#undef DIAG
	DIAG_CODES
};

struct diag {
	enum diag_code code;
	int layer;	    /* index, -1: none */
	struct str path;    /* as in the archive, may be empty */
	int64_t offset;	    /* bytes into the thing named, -1: none */
	struct str message; /* printable */
};

/* Grows under its own lock, so that threads share one. */
struct diags {
	pthread_mutex_t lock;
	struct arena arena;
	VEC(struct diag) list;
	size_t per_code[DIAG_CODES];
	size_t dropped; /* beyond DIAG_KEEP of one code, or out of memory; each still counted */
};

/* At most so many of one code are kept with their text; more are counted. */
enum { DIAG_KEEP = 1000 };

const char *diag_name(enum diag_code code);
enum diag_class diag_class(enum diag_code code);
/* "note", "degraded", "gap" */
const char *diag_class_name(enum diag_class class);
const char *diag_meaning(enum diag_code code);

void diags_init(struct diags *d, struct budget *budget);
void diags_done(struct diags *d);

struct diag_place {
	int layer;
	struct str path;
	int64_t offset;
};
#define DIAG_NOWHERE	  ((struct diag_place){.layer = -1, .offset = -1})
#define DIAG_LAYER(index) ((struct diag_place){.layer = (index), .offset = -1})

/* A NULL list drops it. The message is escaped here. */
void diag_add(struct diags *d, enum diag_code code, struct diag_place place, const char *format,
	      ...) __attribute__((format(printf, 4, 5)));

/*
 * Moves all of `from` to the end of `to`, which counts what `from` had dropped too; those without a
 * layer get `layer`. `from` is empty afterwards.
 */
void diags_move(struct diags *to, struct diags *from, int layer);
/* How many of a class there are, dropped ones included. */
size_t diags_count(const struct diags *d, enum diag_class class);
/* Sorts by layer, path, offset, code, message: threads add in any order, reports must not. */
void diags_sort(struct diags *d);

#endif
