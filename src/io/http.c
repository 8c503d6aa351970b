#include "io/http.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "io/curl_api.h"

struct http {
	const struct curl_api *api;
	CURL *curl;
	struct http_options options;
};

/* One transfer under way. */
struct transfer {
	const struct http_request *request;
	struct http_response response;
	uint64_t at;  /* where the next byte goes in fd */
	bool started; /* the body has begun */
	bool over_limit, write_failed, cancelled;
	int write_errno;
	long status;
	const struct curl_api *api;
	CURL *curl;
	const struct http_options *options;
};

struct http *http_new(const struct http_options *options, struct err *e)
{
	const struct curl_api *api = curl_api_load(e);
	struct http *h;

	if (!api)
		return NULL;
	h = mem_zero(1, sizeof(*h));
	if (!h) {
		ERR_NOMEM(e);
		return NULL;
	}
	if (options)
		h->options = *options;
	h->api = api;
	h->curl = api->easy_init();
	if (!h->curl) {
		mem_free(h);
		ERR_NOMEM(e);
		return NULL;
	}
	return h;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	h->api->easy_cleanup(h->curl);
	mem_free(h);
}

/* --- callbacks
 * ------------------------------------------------------------------------------------ */

static void copy_header(struct str line, const char *name, char out[HTTP_TAG])
{
	struct str head = str_to(line, strlen(name));

	if (!str_eq_nocase(head, str_of(name)))
		return;
	line = str_trim(str_from(line, head.len));
	if (line.len == 0 || line.len >= HTTP_TAG)
		return;
	memcpy(out, line.data, line.len);
	out[line.len] = '\0';
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
	struct transfer *t = context;
	struct str line = str_make(data, size * count);

	/* each hop of a redirect begins anew */
	if (str_starts(line, STR("HTTP/")))
		t->response.etag[0] = t->response.modified[0] = '\0';
	copy_header(line, "etag:", t->response.etag);
	copy_header(line, "last-modified:", t->response.modified);
	return size * count;
}

static bool start_body(struct transfer *t)
{
	t->started = true;
	t->api->easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &t->status);
	if (t->status != 206)
		t->at = 0;
	if (t->status != 200 && t->status != 206)
		return true;
	if (t->status == 200 && t->request->resume_from && ftruncate(t->request->fd, 0) < 0) {
		t->write_failed = true;
		t->write_errno = errno;
		return false;
	}
	return true;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct transfer *t = context;
	size_t len = size * count, done = 0;

	if (!t->started && !start_body(t))
		return 0;
	if (t->status != 200 && t->status != 206)
		return len; /* the page of an error: read and forgotten */
	if (t->at + len > t->request->max) {
		t->over_limit = true;
		return 0;
	}
	while (done < len) {
		ssize_t n = fault_hit(FAULT_WRITE) ? (errno = ENOSPC, -1)
						   : pwrite(t->request->fd, data + done, len - done,
							    (off_t)(t->at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			t->write_failed = true;
			t->write_errno = errno;
			return 0;
		}
		done += (size_t)n;
	}
	t->at += len;
	return len;
}

static int on_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total,
		       curl_off_t up_now)
{
	struct transfer *t = context;

	(void)up_total;
	(void)up_now;
	if (!t->options->progress)
		return 0;
	t->cancelled =
		t->options->progress(t->options->context, (uint64_t)now, (uint64_t)total) != 0;
	return t->cancelled;
}

/* --- one request
 * ------------------------------------------------------------------------------------ */

static const char *ca_file(const struct http_options *o)
{
	static const char *const names[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"};

	if (o->ca_file)
		return o->ca_file;
	for (size_t i = 0; i < 2; i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return value;
	}
	return NULL;
}

static void set_options(struct http *h, struct transfer *t, struct curl_slist *headers)
{
	const struct http_options *o = &h->options;
	const struct curl_api *api = h->api;
	CURL *c = h->curl;

	/* keeps the connections, drops the options of the last request */
	api->easy_reset(c);
	api->easy_setopt(c, CURLOPT_URL, t->request->url);
	api->easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	api->easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR,
			 strncasecmp(t->request->url, "https:", 6) == 0 ? "https" : "http,https");
	api->easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
	api->easy_setopt(c, CURLOPT_MAXREDIRS, 5L);
	api->easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	api->easy_setopt(c, CURLOPT_USERAGENT, "plimsoll");
	api->easy_setopt(c, CURLOPT_CONNECTTIMEOUT,
			 (long)(o->connect_seconds ? o->connect_seconds : 20));
	api->easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 100L);
	api->easy_setopt(c, CURLOPT_LOW_SPEED_TIME,
			 (long)(o->stall_seconds ? o->stall_seconds : 30));
	api->easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	api->easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	api->easy_setopt(c, CURLOPT_HEADERDATA, t);
	api->easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	api->easy_setopt(c, CURLOPT_WRITEDATA, t);
	api->easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	api->easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	api->easy_setopt(c, CURLOPT_XFERINFODATA, t);
	/* not CURLOPT_RESUME_FROM: that takes a server which sends all for a failure */
	if (t->request->resume_from) {
		char range[32];

		snprintf(range, sizeof(range), "%llu-",
			 (unsigned long long)t->request->resume_from);
		api->easy_setopt(c, CURLOPT_RANGE, range);
	}
	if (o->proxy)
		api->easy_setopt(c, CURLOPT_PROXY, o->proxy);
	if (ca_file(o))
		api->easy_setopt(c, CURLOPT_CAINFO, ca_file(o));
}

static int add_header(const struct curl_api *api, struct curl_slist **list, const char *name,
		      const char *value, struct err *e)
{
	char line[HTTP_TAG + 32];
	struct curl_slist *longer;

	if (!value || !*value)
		return 0;
	snprintf(line, sizeof(line), "%s: %s", name, value);
	longer = api->slist_append(*list, line);
	if (!longer)
		return ERR_NOMEM(e);
	*list = longer;
	return 0;
}

static int judge(struct transfer *t, CURLcode code, struct err *e)
{
	const char *url = t->request->url;

	if (t->cancelled)
		return err_set(e, ERR_CANCELLED, "%s: interrupted", url);
	if (t->over_limit)
		return err_set(e, ERR_LIMIT, "%s: over %llu bytes", url,
			       (unsigned long long)t->request->max);
	if (t->write_failed)
		return err_set_errno(e, t->write_errno, "%s: cannot be written", url);
	/* the server has nothing beyond what is there already: begin again without the range */
	if (t->status == 416)
		return err_set(e, ERR_NETWORK, "%s: the part that is there does not fit (HTTP 416)",
			       url);
	if (code != CURLE_OK)
		return err_set(e, ERR_NETWORK, "%s: %s", url, t->api->easy_strerror(code));
	if (t->status == 404 || t->status == 410)
		return err_set(e, ERR_NOT_FOUND, "%s: not there (HTTP %ld)", url, t->status);
	if (t->status != 200 && t->status != 206 && t->status != 304)
		return err_set(e, ERR_NETWORK, "%s: the server answered HTTP %ld", url, t->status);
	return 0;
}

int http_get(struct http *h, const struct http_request *request, struct http_response *ret,
	     struct err *e)
{
	struct transfer t = {.request = request,
			     .at = request->resume_from,
			     .api = h->api,
			     .curl = h->curl,
			     .options = &h->options};
	struct curl_slist *headers = NULL;
	CURLcode code;
	int r;

	/* no other form reaches libcurl: no file:, no options hidden in a scheme */
	if (strncasecmp(request->url, "http://", 7) != 0 &&
	    strncasecmp(request->url, "https://", 8) != 0)
		return err_set(e, ERR_USAGE, "%s: only http and https addresses are fetched",
			       request->url);
	if (add_header(h->api, &headers, "If-None-Match", request->etag, e) < 0 ||
	    add_header(h->api, &headers, "If-Modified-Since", request->modified, e) < 0 ||
	    add_header(h->api, &headers, "If-Range", request->if_range, e) < 0) {
		h->api->slist_free_all(headers);
		return -1;
	}
	set_options(h, &t, headers);
	code = h->api->easy_perform(h->curl);
	h->api->easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &t.status);
	h->api->slist_free_all(headers);
	r = judge(&t, code, e);
	if (r < 0) {
		if (code != CURLE_OK)
			*ret = t.response;
		return r;
	}
	/* an empty body calls no writer: what stood there before must not stay */
	if (t.status == 200 && !t.started && ftruncate(request->fd, 0) < 0)
		return err_set_errno(e, errno, "%s: cannot be written", request->url);
	t.response.status = (int)t.status;
	t.response.bytes = t.started ? t.at : request->resume_from;
	*ret = t.response;
	return 0;
}
