/*
 * Feeds: a family. A member reads one form in which vulnerabilities are published and gives what it
 * finds to the run. To add one:
 *  1. write NAME.c (dashes of the feed's name as underscores), ending in its one `const struct
 * feed`;
 *  2. add FEED(NAME) to feeds.def, sorted;
 *  3. a seed in fuzz/corpus/feed/ (first line: the feed's name), a fixture in tests/unit/advisory,
 *     and a section in docs/formats/feeds.md with the anchor of the feed's name;
 *  4. say in the section which of its records rank before or after those of other feeds.
 * tests/cli/test_feeds.py fails when one of these is missing.
 */
#ifndef PLIMSOLL_ADVISORY_FEED_H
#define PLIMSOLL_ADVISORY_FEED_H

#include "advisory/ids.h"
#include "io/stream.h"

struct feed_run;

struct feed {
	const char *name; /* MUST: what users type: "debian-tracker" */
	const char *what; /* MUST: one line for help */
	/* MAY: whether a file of a folder or archive is one of the feed's; NULL: all */
	bool (*wants)(struct str path);
	/*
	 * MUST: one file. What is not understood goes to feed_left_out and reading goes on; <0 when
	 * the build has to end: no memory, the stream fails, or a file that is the whole feed is
	 * cut short or not of that form.
	 */
	int (*read)(struct feed_run *run, struct stream *in, struct err *e);
};

extern const struct feed *const feeds[]; /* NULL-ended, sorted by name */
const struct feed *feed_find(struct str name);

/*
 * Precedence: of several records that name one vulnerability of one package, those of the lowest
 * rank stand. The others lose the ids that they share with these, and go when none is left; their
 * own ids become aliases.
 */
enum feed_rank {
	RANK_TRACKER = 10, /* the distribution's own status of each vulnerability */
	RANK_OSV_CVE = 20, /* the same by way of OSV: one record a vulnerability */
	RANK_NOTICE = 30,  /* notices of what was fixed: DSA, USN, ALSA, ... */
};

/* One file being read. Everything given is copied. */
struct feed_run {
	const struct feed *feed;
	struct feed_sink *sink;
	struct str path;     /* for messages */
	struct arena *arena; /* emptied after each file */
	int64_t file_time;   /* of the file, seconds; 0 unknown */
};

/* A record was begun; a feed's unit is what its section in docs/formats/feeds.md says. */
void feed_record(struct feed_run *run);
/*
 * The record is understood and no vulnerability: withdrawn by its publisher, a bug fix. The reason
 * is a constant; reasons are counted.
 */
void feed_dropped(struct feed_run *run, const char *reason);
/* The record, or the part of it that the text names, was not understood. Counted once a record. */
void feed_left_out(struct feed_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool feed_is_left_out(const struct feed_run *run);

/*
 * partition: without "pkg/". `day` is that of the record ("2024-05-01" or longer), or "". The
 * package name, the id and versions must not be empty; a record that is too large is left out.
 */
int feed_give_advisory(struct feed_run *run, struct str partition, enum feed_rank rank,
		       struct str day, const struct advisory *a, struct err *e);
/* Facts of an id: any part may be missing. Titles are shortened to one line. */
int feed_give_cve(struct feed_run *run, struct str id, unsigned rank, const struct cve_facts *facts,
		  struct err *e);
/* Of several days the newest stands. */
int feed_give_epss(struct feed_run *run, struct str id, struct str day, double score,
		   double percentile, struct err *e);
int feed_give_kev(struct feed_run *run, struct str id, struct str day,
		  const struct kev_facts *facts, struct err *e);
/* `alias` is another name of `id`; not the other way round. */
int feed_give_alias(struct feed_run *run, struct str id, struct str alias, struct err *e);
/* key: "debian/12". Of several the lowest rank stands. */
int feed_give_eol(struct feed_run *run, struct str key, unsigned rank,
		  const struct eol_facts *facts, struct err *e);

/* "CVE-2024-1234": well-formed, upper case. */
bool is_cve_id(struct str s);

#endif
