/*
 * One file of a feed, kept in a cache folder:
 *
 *	NAME		the last whole download; its time is Last-Modified
 *	NAME.meta	two lines: its ETag, its Last-Modified as sent
 *	NAME.part	a download that was cut; NAME.part.meta as above
 *
 * A file that is there is asked for with its tag; one that was cut is gone on with when the server
 * still has the same.
 */
#ifndef PLIMSOLL_ADVISORY_DOWNLOAD_H
#define PLIMSOLL_ADVISORY_DOWNLOAD_H

#include "io/http.h"

enum { DOWNLOAD_NAME = 160 };

struct download {
	int cache; /* folder */
	struct http *http;
	const char *name; /* of the file being fetched */
	unsigned stall_seconds, retry_milliseconds;
	int (*progress)(void *context, const char *name, uint64_t bytes, uint64_t total);
	void *context;
};

/* The cache, the times and the progress are set; proxy and ca_file may be NULL. */
int download_init(struct download *d, const char *proxy, const char *ca_file, struct err *e);
void download_done(struct download *d);
/*
 * 1 fetched, 0 as before; ERR_NOT_FOUND, ERR_NETWORK after three attempts, and so on. What came of
 * a cut transfer is kept for the next time.
 */
int download_fetch(struct download *d, const char *name, const char *url, struct err *e);
bool download_exists(int cache, const char *name);
void download_drop(int cache, const char *name);

#endif
