/*
 * One scan, from source to report. scan_image runs in the confined worker; scan_run is the broker's
 * side: it opens, forks, serves, and writes a report of its own should the worker die.
 */
#ifndef PLIMSOLL_SCAN_SCAN_H
#define PLIMSOLL_SCAN_SCAN_H

#include "document/document.h"
#include "image/image.h"
#include "policy/policy.h"
#include "report/format.h"

struct scan_output {
	const struct format *format;
	struct format_options options;
	const char *path;     /* "-": standard output */
	struct outfile *file; /* between scan_outputs_open and _commit or _abort */
};

struct scan_limits {
	struct image_limits image;
	uint64_t memory_max;  /* bytes of the scan's budget */
	uint64_t entries_max; /* of all layers */
	uint64_t list_max;    /* bytes that the lists of entries take, at most half of memory_max */
	uint64_t cpu_max;     /* seconds */
};
extern const struct scan_limits scan_limits_default;
/* "layer-entries=100"; ERR_USAGE names what is allowed. */
int scan_limits_set(struct scan_limits *limits, struct str text, struct err *e);

struct scan_request {
	const char *source;   /* as typed: a prefix and a path, or a path, or "-" */
	const char *platform; /* NULL: linux on this machine's architecture */
	bool verify;
	struct scan_limits limits;
	const char *database; /* folder; NULL or without an index: none */
	bool require_unfixed;
	struct policy *policy;
	int64_t now;
	const char *version; /* of the tool */
	bool progress;
	struct scan_output *outputs;
	size_t output_count;
	/* notices of the package archive (advisory/notices.h); NULL: not asked for */
	const char *mirror;  /* URL, or "" for the machine's own apt sources */
	const char *keyring; /* NULL: that of Debian */
	bool offline;
};

/* The files of the outputs appear whole at commit, or not at all. */
int scan_outputs_open(struct scan_request *request, struct err *e);
int scan_outputs_commit(struct scan_request *request, struct err *e);
void scan_outputs_abort(struct scan_request *request);

/*
 * Runs it all and adds the report to each open output. ret_exit_code is the verdict's; <0 with e
 * when no report was written (ERR_USAGE for words that are off).
 */
int scan_run(struct scan_request *request, int *ret_exit_code, struct err *e);

/* The squashed file system of a source, for people or as JSON lines, to a file (NULL, "-": standard
 * output). */
int scan_files(struct scan_request *request, bool json, const char *path, int *ret_exit_code,
	       struct err *e);

struct scan_explain_request {
	const char *report; /* a file, "-": standard input */
	const char *id, *package;
	const char *database;
};
int scan_explain(const struct scan_explain_request *request, struct buf *out, bool *ret_found,
		 struct err *e);

#endif
