/*
 * Downloads over HTTP(S), for the broker: conditional requests, resume, size limits, proxies and CA
 * settings of the environment (libcurl reads http_proxy and friends; CURL_CA_BUNDLE and
 * SSL_CERT_FILE are read here), keep-alive over a session. Never in the worker.
 */
#ifndef PLIMSOLL_IO_HTTP_H
#define PLIMSOLL_IO_HTTP_H

#include "base/buf.h"
#include "base/err.h"

struct http; /* a session: one connection cache, one thread */

struct http_options {
	const char *proxy;	  /* NULL: as the environment says */
	const char *ca_file;	  /* NULL: as the environment or the system says */
	unsigned connect_seconds; /* 0: 20 */
	unsigned stall_seconds;	  /* give up when under 100 bytes/s for so long; 0: 30 */
	/* MAY: called often; non-zero stops the download with ERR_CANCELLED. total 0: unknown. */
	int (*progress)(void *context, uint64_t bytes, uint64_t total);
	void *context;
};

struct http *http_new(const struct http_options *options, struct err *e);
void http_free(struct http *h);

enum { HTTP_TAG = 256 };

struct http_request {
	const char *url;      /* http or https; redirects are followed, never from https to http */
	const char *etag;     /* If-None-Match, or NULL */
	const char *modified; /* If-Modified-Since, or NULL */
	int fd;		      /* written from `resume_from` on */
	uint64_t resume_from; /* bytes already there: a Range request when non-zero */
	const char *if_range; /* the range only of what has this tag or date, else all; or NULL */
	uint64_t max;	      /* ERR_LIMIT beyond it */
};

struct http_response {
	int status;		 /* 200, 206, 304 */
	uint64_t bytes;		 /* of the whole body in fd now, resumed part included */
	char etag[HTTP_TAG];	 /* as sent, or "" */
	char modified[HTTP_TAG]; /* Last-Modified, or "" */
};

/*
 * 0 for 200, 206 and 304. ERR_NOT_FOUND for 404 and 410; ERR_NETWORK for no answer, other statuses,
 * a body shorter than announced (what came is in fd: the caller may resume); ERR_LIMIT; ERR_IO when
 * fd cannot be written. A server that ignores a Range sends all: fd is truncated and written anew.
 * When the transfer was cut *ret has the tags of the part that came, also with an error.
 */
int http_get(struct http *h, const struct http_request *request, struct http_response *ret,
	     struct err *e);

#endif
