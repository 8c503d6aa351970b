/*
 * db update: the public feeds over HTTPS into a cache folder, then a build of them.
 */
#ifndef PLIMSOLL_ADVISORY_UPDATE_H
#define PLIMSOLL_ADVISORY_UPDATE_H

#include "advisory/build.h"

/* One file of a public feed. `%` in the address stands for the ecosystem (osv). */
struct update_source {
	const char *feed; /* of the family */
	const char *name; /* in the cache folder */
	const char *url;
	bool optional; /* a release that may not be there yet: 404 is no error */
};
/* NULL-named at the end. All addresses are in this one table (update_sources.c). */
extern const struct update_source update_sources[];
/* Ecosystems of OSV that are always fetched, NULL-ended. */
extern const char *const update_ecosystems[];

struct update_request {
	const char *out;   /* folder of the database */
	const char *cache; /* folder of the downloads; made when absent */
	/*
	 * MAY: "http://localhost:8000": https://HOST/PATH is fetched from there as /HOST/PATH (a
	 * mirror of one's own, tests).
	 */
	const char *from;
	const char *proxy, *ca_file;   /* MAY: as http_options */
	const char *const *ecosystems; /* MAY: further ones of OSV, NULL-ended; remembered */
	const char *const *feeds; /* MAY: fetch only these, NULL-ended; others stay as they are */
	bool offline;		  /* fetch nothing: build from the cache */
	bool force;		  /* build although nothing changed */
	unsigned stall_seconds;	  /* 0: 30 */
	unsigned retry_milliseconds; /* before the first further attempt; 0: 1000 */
	/* MAY: called often; non-zero stops. total 0: unknown */
	int (*progress)(void *context, const char *name, uint64_t bytes, uint64_t total);
	void *context;
};

/*
 * Text for people goes to `report`: what was fetched, what was as before, then what db_build says.
 * ERR_NETWORK with a hint when the network is not there; the old database stays, and what was
 * fetched is kept for the next time.
 */
int db_update(const struct update_request *request, struct buf *report, struct err *e);

#endif
