/*
 * Gates, exceptions and the verdict (CLI.md, Gates). Reads findings, never makes one.
 */
#ifndef PLIMSOLL_POLICY_POLICY_H
#define PLIMSOLL_POLICY_POLICY_H

#include "document/document.h"

struct ignore_entry {
	struct str id, reason, expires, purl, owner;
	struct str *paths;
	size_t path_count;
	uint32_t line;
	uint64_t used; /* findings it suppressed */
};

struct policy {
	bool has_fail_on;
	enum severity fail_on;
	int64_t max_count[SEVERITIES]; /* -1: no such rule */
	bool only_fixed;
	uint32_t severities; /* bit of each of --severity, 0: not given */
	int failed_exit_code; /* --exit-code, default 2 */
	bool exit_code_given; /* then --severity gates too, as Trivy's pair does */
	bool project_file_skipped; /* a .plimsollignore.yaml stands there and was not read */
	VEC(struct ignore_entry) ignore;
	struct arena arena;
};

void policy_init(struct policy *p);
void policy_done(struct policy *p);
/* The YAML ignore file; errors name line and column (ERR_USAGE). */
int policy_read_ignore(struct policy *p, struct str text, const char *file, struct err *e);
/* Marks suppressed findings, reports expired and unused entries, fills the verdict and exit code. */
int policy_judge(struct policy *p, struct document *d, struct err *e);

#endif
