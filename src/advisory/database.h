/*
 * The vulnerability database as a reader sees it: immutable partitions, each one file, opened by name
 * through a callback (so that the worker can ask the broker). Format: docs/formats/database.md.
 */
#ifndef PLIMSOLL_ADVISORY_DATABASE_H
#define PLIMSOLL_ADVISORY_DATABASE_H

#include "base/diag.h"
#include "model/advisory.h"

struct partition;

struct partition_feed {
	struct str name; /* "osv", "debian-tracker", ... */
	struct str date; /* newest record or file date, ISO day */
};

/* Takes ownership of the descriptor, also on failure. Every block read is checked. */
int partition_open(int fd, struct budget *budget, struct partition **ret, struct err *e);
/* Records given in memory instead (notices of one image). Borrowed until close. */
int partition_open_records(const struct advisory *records, size_t count, struct str name,
			   struct partition **ret, struct err *e);
void partition_close(struct partition *p);

struct str partition_name(const struct partition *p); /* "pkg/debian-12" */
struct str partition_digest(const struct partition *p); /* "sha256:..." of the file */
const struct partition_feed *partition_feeds(const struct partition *p, size_t *ret_count);
uint64_t partition_records(const struct partition *p);
/* The comparator of a pkg partition: "debian", "alpine", "redhat", ... */
struct str partition_comparator(const struct partition *p);

/*
 * pkg partitions: for every name of names[] (any order, duplicates allowed) calls found(context, index into names,
 * advisory) for each advisory of that package name. The advisory lives until the call returns unless
 * it is in `arena`. One sorted pass over the blocks: batched.
 */
int partition_find_packages(struct partition *p, const struct str *names, size_t count,
			    struct arena *arena,
			    int (*found)(void *context, size_t index, const struct advisory *a),
			    void *context, struct err *e);

/* id partitions: what is known of vulnerability ids. */
struct id_info {
	/* id/cve: */ enum severity severity; struct str severity_source, cvss, title;
	/* id/epss: */ double epss_score, epss_percentile;
	/* id/kev: */ struct str kev_date;
	/* id/alias: */ struct str *aliases; size_t alias_count;
	bool has_cve, has_epss, has_kev, has_alias;
};
/* Fills what this partition knows of ids[i] into infos[i]; the rest is left untouched. */
int partition_find_ids(struct partition *p, const struct str *ids, size_t count, struct arena *arena,
		       struct id_info *infos, struct err *e);

/* id/eol: end of life day of a distribution release, "" unknown. */
int partition_find_eol(struct partition *p, struct str id, struct str version_id, struct arena *arena,
		       struct str *ret_day, struct str *ret_codename, struct err *e);

#endif
