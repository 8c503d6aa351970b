/*
 * Where feeds put their records: one sorter for all partitions, and what is to be told of each
 * feed.
 */
#ifndef PLIMSOLL_ADVISORY_SINK_H
#define PLIMSOLL_ADVISORY_SINK_H

#include "advisory/feed.h"
#include "advisory/sorter.h"
#include "base/diag.h"
#include "base/map.h"

enum { NEWEST = 16 };

/* The newest days of many, the newest first; for a date that one wrong record cannot move. */
struct newest {
	int32_t days[NEWEST]; /* since 1970 */
	size_t count;
};

/* What one feed gave to one partition. */
struct contribution {
	struct str partition, feed;
	struct newest newest;
	int64_t file_time; /* of the newest file that gave to it, 0 unknown */
};

/* What is to be told of one feed. */
struct sink_feed {
	const struct feed *feed;
	uint64_t records, dropped, left_out;
	struct newest newest;
	int64_t file_time; /* of its newest file, 0 unknown */
};

/* How many records of a feed were dropped for one reason. */
struct dropped {
	size_t feed;
	const char *reason;
	uint64_t count;
};

struct feed_sink {
	struct arena arena;
	struct sorter *sorter;
	struct diags *diags;
	struct map contributions;    /* "partition\0feed" to struct contribution */
	struct contribution *last;   /* the one that was used last */
	VEC(struct sink_feed) feeds; /* in the order of first use */
	VEC(struct dropped) dropped;
	size_t current; /* index of the current feed */
	bool record_left_out;
	struct buf item;
};

int sink_init(struct feed_sink *s, const struct sorter_options *sorter, struct diags *diags,
	      struct err *e);
void sink_done(struct feed_sink *s);
/* Begins (or goes on with) a feed. */
int sink_begin(struct feed_sink *s, const struct feed *feed, struct err *e);
/* The time of a file of the current feed: its date, should its records have none. */
void sink_file_time(struct feed_sink *s, int64_t seconds);
/* "2026-08-21" by the records of a contribution, else by those of its feed, else by the files; ""
 * unknown. */
struct str sink_date(struct feed_sink *s, const struct contribution *c, struct arena *a);
struct str sink_feed_date(const struct sink_feed *f, struct arena *a);

void newest_add(struct newest *n, int32_t day);
/*
 * The newest day that others back: records dated in the future by mistake are few and stand alone,
 * half a year or more before the next older day. -1 for none.
 */
int32_t newest_day(const struct newest *n);

/*
 * An item of the sorter: partition, NUL, key, NUL, rank, 8 bytes of time so that the newest comes
 * first, record.
 */
struct sink_item {
	struct str partition, key;
	uint8_t rank;
	int64_t time;
	struct str record;
};
bool sink_item_parse(struct str bytes, struct sink_item *ret);

#endif
