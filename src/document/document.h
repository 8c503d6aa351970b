/*
 * The report in memory. Every step of a scan fills its part; every format reads only this; the JSON
 * form (docs/schema, REPORT) is written and read here. All slices live in `arena`.
 */
#ifndef PLIMSOLL_DOCUMENT_DOCUMENT_H
#define PLIMSOLL_DOCUMENT_DOCUMENT_H

#include "base/diag.h"
#include "crypto/digest.h"
#include "io/confine.h"
#include "model/advisory.h"
#include "model/package.h"

/* The key `schema` of the JSON form. */
#define DOCUMENT_SCHEMA "plimsoll-report/0"

enum verified { VERIFIED_NO, VERIFIED_NOW, VERIFIED_CACHED };
/* "off", "partial", "full"; "no", "now", "cached" */
const char *verified_name(enum verified v);

struct document_scanner {
	struct str name; /* "packages", "vulnerabilities" */
	bool ran, complete;
	struct str rules_digest; /* may be empty */
};

struct document_time {
	struct str name; /* "read", "squash", "match", ... */
	double seconds;
};

struct document_layer {
	int index;
	struct str digest;  /* of the blob as stored, "sha256:..." or "" */
	struct str diff_id; /* computed, or as the configuration says when not verified */
	uint64_t size;	    /* of the blob as stored */
	struct str created_by;
	enum verified verified;
	struct str origin; /* "base", "own", "unknown" */
};

struct document_target {
	struct str reference; /* what was named: path, tag */
	struct str kind; /* "docker-archive", "oci-layout", "oci-archive", "archive", "directory" */
	struct str digest;   /* of the manifest, or "" */
	struct str image_id; /* of the configuration, or "" */
	struct str platform; /* "linux/amd64" or "" */
	struct distro distro;
	VEC(struct document_layer) layers;
};

struct document_feed {
	struct str name, date;
};

struct document_partition {
	struct str name, digest;
	VEC(struct document_feed) feeds;
};

struct document_cvss {
	struct str source, vector;
	int score10;
};

struct document_suppressed {
	struct str by; /* "ignore", "vex", "policy"; empty: not suppressed */
	struct str reason, until, owner;
};

struct document_finding {
	struct str kind; /* "vulnerability" */
	struct str fingerprint;
	struct str id;
	struct str *aliases;
	size_t alias_count;
	enum severity severity;
	struct str severity_source;
	struct str title;
	int package; /* index into packages, -1 */
	struct str installed_version;
	enum advisory_state state;
	enum fix_state fix;
	struct str fixed_version, fix_date;
	VEC(struct document_cvss) cvss;
	double epss_score, epss_percentile; /* <0: unknown */
	struct str known_exploited;	    /* date added, or "" */
	int layer;
	struct str path;
	struct str evidence, remedy;
	struct str *references;
	size_t reference_count;
	struct document_suppressed suppressed;
	/* what explain needs */
	struct str advisory_id, feed, partition; /* the record that matched */
	struct str comparison; /* "3.0.11-1 < 3.0.14-1 (debian)": the comparison made */
};

struct document_check {
	struct str id, result, reason;
};

struct document_rule {
	struct str rule; /* "fail-on high" */
	bool failed;
	VEC(uint32_t) findings;
};

struct document_verdict {
	bool pass, complete;
	int exit_code;
	VEC(struct document_rule) rules;
};

struct document {
	struct arena arena;
	struct budget *budget;
	struct str version; /* of the tool */
	int64_t now;
	VEC(struct document_time) times;
	enum confinement confinement;
	VEC(struct document_scanner) scanners;
	struct document_target target;
	VEC(struct document_partition) partitions;
	VEC(struct package) packages;
	VEC(struct document_finding) findings;
	VEC(struct document_check) checks;
	struct diags diagnostics;
	struct document_verdict verdict;
};

struct document *document_new(struct budget *budget, struct err *e);
void document_free(struct document *d);

/* Into the document's arena; ERR_NOMEM is remembered by the caller through an empty data pointer.
 */
struct str document_str(struct document *d, struct str s);

/*
 * Sorts what has no order of its own, so that the same input gives the same bytes: packages,
 * findings (most severe first, then id, package), partitions, diagnostics; indexes into them are
 * moved along. May be called again at any time. Without memory the order stays and the gap
 * memory_limit is noted.
 */
void document_sort(struct document *d);

struct json_writer;
/* The whole object: docs/schema/plimsoll-report-0.json. The caller ends the writer. */
void document_write_json(const struct document *d, struct json_writer *w);

/* Packages, findings or diagnostics that a report may have to be read. */
enum { DOCUMENT_READ_MAX = 1 << 20 };
/*
 * Reads what document_write_json wrote: written again, it gives the same bytes. Keys that this
 * version does not know are skipped; what it knows must have the right type. ERR_FORMAT,
 * ERR_TRUNCATED with line and column; ERR_UNSUPPORTED for another `schema`; ERR_LIMIT beyond
 * DOCUMENT_READ_MAX.
 */
int document_read_json(struct str text, struct document **ret, struct err *e);

#endif
