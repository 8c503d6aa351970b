#include "advisory/download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "advisory/writer.h"

enum { ATTEMPTS = 3, SIDE_NAME = DOWNLOAD_NAME + 16 };
static const uint64_t FILE_MAX = (uint64_t)4 << 30;

struct wanted {
	const char *name, *url;
};

struct tags {
	char etag[HTTP_TAG], modified[HTTP_TAG];
};

/* --- the cache --- */

static void side_name(const char *name, const char *suffix, char out[SIDE_NAME])
{
	snprintf(out, SIDE_NAME, "%.*s%s", DOWNLOAD_NAME, name, suffix);
}

static void read_tags(struct download *d, const char *name, struct tags *ret)
{
	char path[SIDE_NAME], text[2 * HTTP_TAG + 2];
	struct str rest, line;
	ssize_t n;
	int fd;

	*ret = (struct tags){0};
	side_name(name, ".meta", path);
	fd = openat(d->cache, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	if (fd >= 0)
		close(fd);
	rest = str_make(text, n > 0 ? (size_t)n : 0);
	if (str_next_line(&rest, &line) && line.len < HTTP_TAG)
		memcpy(ret->etag, line.data, line.len);
	if (str_next_line(&rest, &line) && line.len < HTTP_TAG)
		memcpy(ret->modified, line.data, line.len);
}

static int write_tags(struct download *d, const char *name, const struct tags *tags, struct err *e)
{
	char path[SIDE_NAME], text[2 * HTTP_TAG + 4];
	int fd, r, len;

	side_name(name, ".meta", path);
	fd = openat(d->cache, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return err_set_errno(e, errno, "%s", path);
	len = snprintf(text, sizeof(text), "%s\n%s\n", tags->etag, tags->modified);
	r = file_write_all(fd, str_make(text, (size_t)len), e);
	close(fd);
	return r;
}

void download_drop(int cache, const char *name)
{
	char path[SIDE_NAME];

	unlinkat(cache, name, 0);
	side_name(name, ".meta", path);
	unlinkat(cache, path, 0);
}

bool download_exists(int cache, const char *name)
{
	struct stat st;

	return fstatat(cache, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size > 0;
}

/* The download is whole: it gets its name, its time and its tags. */
static int keep(struct download *d, const struct wanted *f, const char *part, int fd,
		const struct tags *tags, struct err *e)
{
	struct tm tm = {0};
	struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
	char meta[SIDE_NAME];

	if (tags->modified[0] && strptime(tags->modified, "%a, %d %b %Y %H:%M:%S GMT", &tm))
		times[1] = (struct timespec){.tv_sec = timegm(&tm)};
	if (fsync(fd) < 0 || futimens(fd, times) < 0)
		return err_set_errno(e, errno, "%s", part);
	/* no tags for other bytes, should we die in between */
	side_name(f->name, ".meta", meta);
	unlinkat(d->cache, meta, 0);
	if (renameat(d->cache, part, d->cache, f->name) < 0)
		return err_set_errno(e, errno, "%s", f->name);
	side_name(part, ".meta", meta);
	unlinkat(d->cache, meta, 0);
	return write_tags(d, f->name, tags, e);
}

/* --- fetching --- */

static int on_progress(void *context, uint64_t bytes, uint64_t total)
{
	struct download *d = context;

	return d->progress ? d->progress(d->context, d->name, bytes, total) : 0;
}

static uint64_t part_size(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

static bool same_entity(const struct tags *a, const struct http_response *b)
{
	if (a->etag[0] || b->etag[0])
		return strcmp(a->etag, b->etag) == 0;
	return a->modified[0] && strcmp(a->modified, b->modified) == 0;
}

static void to_tags(const struct http_response *r, struct tags *ret)
{
	memcpy(ret->etag, r->etag, HTTP_TAG);
	memcpy(ret->modified, r->modified, HTTP_TAG);
}

/*
 * One request. What came is kept with its tags when the transfer is cut; it is gone on with only
 * when the server says that it still has the same.
 */
static int request(struct download *d, const struct wanted *f, const char *part, int fd,
		   struct http_response *response, struct err *e)
{
	struct tags have = {0}, begun;
	struct http_request q = {.url = f->url, .fd = fd, .max = FILE_MAX};
	int r;

	read_tags(d, part, &begun);
	if (begun.etag[0] || begun.modified[0])
		q.resume_from = part_size(fd);
	if (q.resume_from) {
		q.if_range = begun.etag[0] ? begun.etag : begun.modified;
	} else {
		if (ftruncate(fd, 0) < 0)
			return err_set_errno(e, errno, "%s", part);
		if (download_exists(d->cache, f->name))
			read_tags(d, f->name, &have);
		q.etag = have.etag;
		q.modified = have.modified;
	}
	r = http_get(d->http, &q, response, e);
	if (r < 0 && e->code == ERR_NETWORK) {
		struct tags tags;

		to_tags(response, &tags);
		if (write_tags(d, part, &tags, NULL) < 0 || part_size(fd) == 0)
			download_drop(d->cache, part);
		return -1;
	}
	if (r == 0 && response->status == 206 && !same_entity(&begun, response)) {
		download_drop(d->cache, part);
		return err_set(e, ERR_NETWORK, "%s: changed while it was fetched", f->url);
	}
	return r;
}

static int open_part(struct download *d, const char *part, struct err *e)
{
	int fd = openat(d->cache, part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	return fd < 0 ? err_set_errno(e, errno, "%s", part) : fd;
}

/* 1 fetched, 0 as before, <0. */
static int attempt(struct download *d, const struct wanted *f, struct err *e)
{
	char part[SIDE_NAME];
	struct http_response response = {0};
	struct tags tags;
	int fd, r;

	side_name(f->name, ".part", part);
	fd = open_part(d, part, e);
	if (fd < 0)
		return -1;
	r = request(d, f, part, fd, &response, e);
	if (r == 0 && response.status == 304) {
		download_drop(d->cache, part);
	} else if (r == 0 && response.bytes == 0) {
		download_drop(d->cache, part);
		r = err_set(e, ERR_NETWORK, "%s: empty", f->url);
	} else if (r == 0) {
		to_tags(&response, &tags);
		r = keep(d, f, part, fd, &tags, e) < 0 ? -1 : 1;
	} else if (e->code != ERR_NETWORK && e->code != ERR_CANCELLED) {
		download_drop(d->cache, part);
	}
	close(fd);
	return r;
}

static void pause_between(unsigned milliseconds)
{
	struct timespec t = {.tv_sec = milliseconds / 1000,
			     .tv_nsec = (long)(milliseconds % 1000) * 1000000};

	nanosleep(&t, NULL);
}

int download_fetch(struct download *d, const char *name, const char *url, struct err *e)
{
	unsigned wait = d->retry_milliseconds ? d->retry_milliseconds : 1000;
	struct wanted f = {name, url};
	int r = -1;

	d->name = name;
	for (int i = 0; i < ATTEMPTS; i++) {
		if (i)
			pause_between(wait << (i - 1));
		*e = ERR_INIT;
		r = attempt(d, &f, e);
		if (r >= 0 || e->code != ERR_NETWORK)
			break;
	}
	return r;
}

int download_init(struct download *d, const char *proxy, const char *ca_file, struct err *e)
{
	struct http_options options = {.proxy = proxy,
				       .ca_file = ca_file,
				       .stall_seconds = d->stall_seconds,
				       .progress = on_progress,
				       .context = d};

	d->http = http_new(&options, e);
	return d->http ? 0 : -1;
}

void download_done(struct download *d)
{
	http_free(d->http);
	d->http = NULL;
}
