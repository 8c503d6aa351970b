/*
 * Inspectors, stage 1: one file in, facts out. Pure: an inspector sees bytes and a path, never
 * another file, a clock or the machine; so it can be fuzzed, run in parallel and cached.
 *
 * To add one (CONTRIBUTING shows the diff):
 *  1. src/inspect/NAME.c ending in `const struct inspector inspector_NAME = {...};`
 *  2. its line in src/inspect/inspectors.def (sorted): INSPECTOR(NAME)
 *  3. a fixture tests/golden/inspect/NAME/, a seed fuzz/corpus/inspect/NAME-*, an anchor in
 *     docs/formats/inspectors.md. A test fails when one is missing.
 */
#ifndef PLIMSOLL_INSPECT_INSPECTOR_H
#define PLIMSOLL_INSPECT_INSPECTOR_H

#include "image/image.h"
#include "inspect/facts.h"

enum need_kind {
	NEED_WHOLE,  /* the whole file in memory, up to `max`; over it: DIAG_file_too_large */
	NEED_STREAM, /* begin, chunk..., end: any size in bounded memory */
	NEED_HEAD,   /* the first `max` bytes */
	NEED_RANDOM, /* read_at over the whole file: a buffer up to `max`, or pread */
};

struct inspection {
	const struct inspector *by;
	struct str path;
	uint32_t entry; /* index into facts->entries */
	int layer;	/* for diagnostics */
	const struct entry *info;
	struct str bytes; /* NEED_WHOLE, NEED_HEAD, NEED_RANDOM (when buffered) */
	struct body *body; /* NEED_RANDOM unbuffered: read_at */
	struct arena *scratch; /* dies with this inspection */
	struct diags *diags;
	void *state; /* NEED_STREAM: the inspector's own */
};

struct inspector {
	const char *name;	  /* MUST: what users type */
	unsigned version;	  /* MUST: part of the cache key */
	const char *const *globs; /* MUST for now: wanted paths, NULL-ended (str_glob) */
	enum need_kind need;	  /* MUST */
	size_t max;		  /* MUST but for NEED_STREAM */
	bool database;		  /* MAY: its files decide which packages are listed: found through links
				     too (decision 2), unreadable ones are gaps */
	/* MUST, but for NEED_STREAM. <0: the file was not understood (a diagnostic is made of e). */
	int (*inspect)(struct inspection *in, struct facts *out, struct err *e);
	/* MUST for NEED_STREAM; end is called after begin succeeded, always; ok=false: cut short. */
	int (*begin)(struct inspection *in, struct facts *out, struct err *e);
	int (*chunk)(struct inspection *in, struct facts *out, struct str bytes, struct err *e);
	int (*end)(struct inspection *in, struct facts *out, bool ok, struct err *e);
};

extern const struct inspector *const inspectors[]; /* NULL-ended, sorted by name */
const struct inspector *inspector_find(struct str name);

/*
 * The visitor of image_walk that fills one struct facts a task. `hash_files` computes sha256 of every
 * file (the files command). Made once a scan.
 */
struct inspect_run;
struct inspect_options {
	bool hash_files;
	struct budget *budget;
	struct progress *progress;
	const struct image_limits *limits;
};
struct inspect_run *inspect_run_new(const struct inspect_options *options, struct err *e);
void inspect_run_free(struct inspect_run *r);
struct layer_visitor inspect_visitor(struct inspect_run *r);
/* The facts of a walk; NULL when it never began. Owned by the run. */
struct facts *inspect_facts(struct inspect_run *r, size_t task);

#endif
