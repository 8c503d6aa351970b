/*
 * libcurl, loaded by the first HTTP session and by nothing else. Linked in the ordinary way it and
 * the thirty libraries that it needs cost every run 5.5 of 9 ms of start, a scan that never opens a
 * connection included.
 */
#ifndef PLIMSOLL_IO_CURL_API_H
#define PLIMSOLL_IO_CURL_API_H

#include <curl/curl.h>

#include "base/err.h"

/* What is used of it, without the prefix curl_. */
#define CURL_API(X) \
	X(global_init) \
	X(easy_init) \
	X(easy_cleanup) \
	X(easy_reset) \
	X(easy_setopt) \
	X(easy_perform) \
	X(easy_getinfo) \
	X(easy_strerror) \
	X(slist_append) \
	X(slist_free_all)

/* the types of the functions, not the checking macros of the same names */
#undef curl_easy_setopt
#undef curl_easy_getinfo

struct curl_api {
#define CURL_MEMBER(name) __typeof__(&curl_##name) name;
	CURL_API(CURL_MEMBER)
#undef CURL_MEMBER
};

/*
 * Loads and initialises it once, from a process of one thread. NULL with ERR_UNSUPPORTED and a hint
 * when it is not installed.
 */
const struct curl_api *curl_api_load(struct err *e);

#endif
