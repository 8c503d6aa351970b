/*
 * The vulnerability database as a reader sees it: immutable partitions, each one file, opened by
 * name through a callback (so that the worker can ask the broker), and an index that names them.
 * Format: docs/formats/database.md.
 */
#ifndef PLIMSOLL_ADVISORY_DATABASE_H
#define PLIMSOLL_ADVISORY_DATABASE_H

#include "base/diag.h"
#include "crypto/digest.h"
#include "model/advisory.h"

struct partition;

struct partition_feed {
	struct str name; /* "osv", "debian-tracker", ... */
	struct str date; /* newest record or file date, ISO day; "" unknown, or not bound to an
			    index */
};

/*
 * Takes ownership of the descriptor, also on failure. Every block that is read is checked against
 * the tail, and the tail against its digest. ERR_TRUNCATED, ERR_DIGEST, ERR_FORMAT with the place;
 * ERR_UNSUPPORTED for a newer format.
 */
int partition_open(int fd, struct budget *budget, struct partition **ret, struct err *e);
/* Records given in memory instead (notices of one image). Borrowed until close. */
int partition_open_records(const struct advisory *records, size_t count, struct str name,
			   struct partition **ret, struct err *e);
/* Accepts NULL. */
void partition_close(struct partition *p);

struct str partition_name(const struct partition *p); /* "pkg/debian-12" */
/*
 * "sha256:..." of the file: as the index says when the partition is bound to one, else computed now
 * (once); "" when the file cannot be read.
 */
struct str partition_digest(const struct partition *p);
const struct partition_feed *partition_feeds(const struct partition *p, size_t *ret_count);
uint64_t partition_records(const struct partition *p);
/* The comparator of a pkg partition: "debian", "alpine", "redhat", ...; "" when none is known */
struct str partition_comparator(const struct partition *p);
/* Comparator of a partition of records: "debian" unless set. */
void partition_set_comparator(struct partition *p, struct str comparator);

/*
 * pkg partitions: for every name of names[] (any order, duplicates allowed) calls found(context,
 * index into names, advisory) for each advisory of that package name. With an arena the advisory
 * lives there (also when the partition is closed), without one until the call returns. One sorted
 * pass over the blocks: batched. <0 of found ends the pass with -1.
 */
int partition_find_packages(struct partition *p, const struct str *names, size_t count,
			    struct arena *arena,
			    int (*found)(void *context, size_t index, const struct advisory *a),
			    void *context, struct err *e);

struct id_score {
	struct str source; /* "nvd", "github", ... */
	struct str vector;
};

/* id partitions: what is known of vulnerability ids. */
struct id_info {
	/* id/cve: */
	enum severity severity; /* of a source's word, else of `cvss` by its bands */
	struct str severity_source, title;
	struct str cvss; /* the vector that decides: v4 before v3 before v2, nvd before others */
	struct str cvss_source;
	struct id_score *scores; /* all of them */
	size_t score_count;
	/* id/epss: */
	double epss_score, epss_percentile;
	/* id/kev: */
	struct str kev_date, kev_due;
	bool kev_ransomware;
	/* id/alias: */
	struct str *aliases;
	size_t alias_count;
	bool has_cve, has_epss, has_kev, has_alias;
};
/* Fills what this partition knows of ids[i] into infos[i]; the rest is left untouched. */
int partition_find_ids(struct partition *p, const struct str *ids, size_t count,
		       struct arena *arena, struct id_info *infos, struct err *e);

/*
 * id/eol: end of life day and code name of a distribution release, "" unknown. "3.19.1" falls to
 * "3.19" and "3" when there is no such release.
 */
int partition_find_eol(struct partition *p, struct str id, struct str version_id,
		       struct arena *arena, struct str *ret_day, struct str *ret_codename,
		       struct err *e);

/*
 * Reads all of it: every block against its checksum, every record, the order of the keys, the
 * filter and the counts. The digest of the file is computed and given back.
 */
int partition_verify(struct partition *p, struct digest *ret_digest, struct err *e);

/* --- the index --- */

struct index_partition {
	struct str name;
	struct str digest; /* "sha256:..." of the file */
	uint8_t root[32];  /* SHA-256 of its tail, which has the checksums of its blocks */
	uint64_t size, records;
	struct str comparator;	      /* "" none */
	struct partition_feed *feeds; /* sorted by name */
	size_t feed_count;
};

/* One feed of the build: what was read of it. */
struct index_input {
	struct str feed, date;
	uint64_t records;  /* read */
	uint64_t dropped;  /* of them: withdrawn, or no vulnerability */
	uint64_t left_out; /* not understood; the build said why */
};

struct database_index {
	struct arena arena;
	struct index_partition *partitions; /* sorted by name */
	size_t partition_count;
	struct index_input *inputs; /* sorted by feed */
	size_t input_count;
};

enum { DATABASE_INDEX_MAX = 16 << 20 };

/* ERR_FORMAT, ERR_TRUNCATED, ERR_DIGEST with the line; ERR_UNSUPPORTED when it is newer. */
int database_index_parse(struct str text, struct budget *budget, struct database_index *ret,
			 struct err *e);
/* The whole file, which ends with its own digest. */
void database_index_format(const struct database_index *index, struct buf *out);
void database_index_done(struct database_index *index);
/* NULL when there is none of that name. */
const struct index_partition *database_index_find(const struct database_index *index,
						  struct str name);
/*
 * From now on the partition has the digest and the dates of its row. ERR_DIGEST when the file is
 * another than the row names; ERR_NOT_FOUND without such a row. Borrows the index until close.
 */
int partition_bind(struct partition *p, const struct database_index *index, struct err *e);

/* --- a database folder --- */

/*
 * Descriptors of a database folder, for the broker (ASK_PARTITION): "index" or the name of a
 * partition, opened by the digest that the index names. ERR_NOT_FOUND when the folder holds no
 * database, or no such partition. Nothing of the files is parsed but the index.
 */
struct database_folder;
int database_folder_open(const char *path, struct database_folder **ret, struct err *e);
/* Accepts NULL. */
void database_folder_close(struct database_folder *f);
/* ret_fd is the caller's; ret_size may be NULL. */
int database_folder_file(struct database_folder *f, struct str name, int *ret_fd,
			 uint64_t *ret_size, struct err *e);
const struct database_index *database_folder_index(const struct database_folder *f);
/* The partition of that name, bound to the index. */
int database_folder_partition(struct database_folder *f, struct str name, struct budget *budget,
			      struct partition **ret, struct err *e);

#endif
