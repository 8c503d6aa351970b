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
	NEED_RANDOM, /* inspection_read_at over the whole file: in memory up to `max`, or pread */
};

struct inspection {
	const struct inspector *by;
	struct str path; /* as in the archive; of a file reached through links: as wanted */
	uint32_t entry;	 /* index into facts->entries */
	const struct entry *info;
	struct str bytes;      /* NEED_WHOLE, NEED_HEAD; NEED_RANDOM unless read by pread */
	struct body *body;     /* NEED_RANDOM by pread, else NULL: use inspection_read_at */
	struct arena *scratch; /* dies with this inspection */
	struct facts *facts;   /* for inspection_note */
	void *state;	       /* NEED_STREAM: the inspector's own; in scratch, or freed by end */
};

/* NEED_RANDOM: bytes read, short only at the end of the file; <0 on error. */
int64_t inspection_read_at(const struct inspection *in, uint64_t offset, void *buf, size_t len,
			   struct err *e);
/* A diagnostic about the file being inspected; offset in the file, -1: none. */
void inspection_note(const struct inspection *in, enum diag_code code, int64_t offset,
		     const char *format, ...) __attribute__((format(printf, 4, 5)));

struct inspector {
	const char *name;	  /* MUST: what users type */
	unsigned version;	  /* MUST: part of the cache key */
	const char *const *globs; /* MUST for now: wanted paths, NULL-ended (str_glob) */
	enum need_kind need;	  /* MUST */
	size_t max;		  /* MUST but for NEED_STREAM */
	/*
	 * MAY: its files decide which packages are listed. They are found through links too
	 * (decision 2); what stands at a wanted path but cannot be read is a gap; a file that was
	 * not understood is DIAG_package_db_malformed, not DIAG_file_malformed. Its globs hold at
	 * most one component with wildcards.
	 */
	bool database;
	bool linked; /* MAY: found through links as a database, but nothing of it is a gap */
	/* MUST, but for NEED_STREAM. <0: the file was not understood (a diagnostic is made of e).
	 */
	int (*inspect)(struct inspection *in, struct facts *out, struct err *e);
	/*
	 * MUST for NEED_STREAM; end is called after begin succeeded, always; ok=false: the bytes
	 * ended early or chunk failed: keep what was understood, marked damaged.
	 */
	int (*begin)(struct inspection *in, struct facts *out, struct err *e);
	int (*chunk)(struct inspection *in, struct facts *out, struct str bytes, struct err *e);
	int (*end)(struct inspection *in, struct facts *out, bool ok, struct err *e);
};

extern const struct inspector *const inspectors[]; /* NULL-ended, sorted by name */
const struct inspector *inspector_find(struct str name);

/*
 * Packages as an inspector collects them one by one: chunks in the scratch arena, strings copied to
 * the facts at once. package_list_end makes the fact of them, once a file.
 */
struct package_list {
	struct arena *arena; /* in->scratch */
	struct package_chunk *first, *last;
	size_t count;
};
int package_list_add(struct package_list *l, struct facts *out, const struct package *p);
int package_list_end(struct package_list *l, const struct inspection *in, struct facts *out,
		     bool damaged);
/* Strings of a package copied; empty ones become "". */
int package_copy(struct arena *a, const struct package *from, struct package *ret);

/*
 * The visitor of image_walk that fills one struct facts a task. `hash_files` computes sha256 of
 * every file (the files command), `details` keeps what its list shows. Made once a scan.
 */
struct inspect_run;
struct inspect_options {
	bool hash_files, details;
	struct budget *budget;
	struct progress *progress;
	const struct image_limits *limits;
};
struct inspect_run *inspect_run_new(const struct inspect_options *options, struct err *e);
void inspect_run_free(struct inspect_run *r);
struct layer_visitor inspect_visitor(struct inspect_run *r);
/* The facts of a walk; NULL when it never began. Owned by the run. */
struct facts *inspect_facts(struct inspect_run *r, size_t task);

/* The second pass: entries of one layer that an inspector shall see though its globs miss them. */
struct inspect_want {
	uint32_t entry;
	const struct inspector *by;
	struct str path; /* under which the inspector looks for it */
	bool seen;	 /* set when it was handed on */
};
typedef int image_again(struct image *image, int index, const struct str *paths, size_t path_count,
			const struct layer_visitor *visitor, struct err *e);
/*
 * `again` is image_walk_again. Facts are added to those of the layer's walk; the order of the wants
 * stays.
 */
int inspect_again(struct facts *facts, struct progress *progress, image_again *again,
		  struct image *image, int layer, struct inspect_want *wants, size_t count,
		  struct err *e);

#endif
