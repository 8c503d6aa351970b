/*
 * Gates, exceptions and the verdict (CLI.md, Gates). Reads findings, never makes one.
 */
#ifndef PLIMSOLL_POLICY_POLICY_H
#define PLIMSOLL_POLICY_POLICY_H

#include "document/document.h"

/*
 * One entry of the ignore file. It suppresses the findings that have its id (as id or alias, any
 * case), and, where they are given, all of:
 *  paths	one of these globs matches the finding's path (base/str.h: '*' stays within a
 * folder) purl	the package: see policy_purl_matches `expires` is a day, the last on which the entry
 * holds (UTC), or an instant, the first on which it does not.
 */
struct ignore_entry {
	struct str id, reason, expires, purl, owner;
	struct str *paths; /* NUL-terminated */
	size_t path_count;
	struct str file; /* that it stands in */
	uint32_t line;
	int64_t expires_at; /* seconds; INT64_MAX: never */
	uint64_t used;	    /* findings it suppressed */
};

struct policy {
	bool has_fail_on;
	enum severity fail_on;
	int64_t max_count[SEVERITIES]; /* -1: no such rule */
	bool only_fixed;
	uint32_t severities;	   /* bit of each of --severity, 0: not given */
	int failed_exit_code;	   /* --exit-code, default 2 */
	bool exit_code_given;	   /* then --severity gates too, as Trivy's pair does */
	bool project_file_skipped; /* a .plimsollignore.yaml stands there and was not read */
	VEC(struct ignore_entry) ignore;
	struct arena arena;
};

void policy_init(struct policy *p);
void policy_done(struct policy *p);

/* Entries that an ignore file may have, and its bytes. */
enum { POLICY_IGNORE_ENTRIES = 100000, POLICY_IGNORE_BYTES = 16 << 20 };
/*
 * Adds the entries of a YAML ignore file: a list of {id, reason, expires, paths, purl, owner}, of
 * which id and reason are needed. ERR_USAGE with file, line and column for anything else (another
 * key, a key twice, an empty reason, a day that is none).
 */
int policy_read_ignore(struct policy *p, struct str text, const char *file, struct err *e);

/*
 * Does the pattern name this package URL? The pattern is a package URL whose parts narrow what they
 * say: without a version any version, without qualifiers any, and of given qualifiers each must be
 * equal. In type/namespace/name and in the version '*' stands for any text without '/'. Both sides
 * are compared percent-decoded: "pkg:deb/debian/libc*", "pkg:deb/debian/openssl@3.0.11-1~deb12u2".
 */
bool policy_purl_matches(struct str pattern, struct str purl);

/*
 * Marks suppressed findings, notes expired and unused entries, fills the verdict and exit code.
 * Rules are judged in the order fail-on, max-count from critical to unknown, severity (a gate only
 * together with --exit-code); without a gate there is none. Again with other gates: the notes
 * repeat.
 */
int policy_judge(struct policy *p, struct document *d, struct err *e);

/* Is a finding in what --severity and --only-fixed leave (the table's rows)? NULL: all are. */
bool policy_shows(const struct policy *p, const struct document_finding *f);

#endif
