/*
 * Downloads are kept in a cache folder:
 *
 *	NAME		the last whole download; its time is Last-Modified
 *	NAME.meta	two lines: its ETag, its Last-Modified as sent
 *	NAME.part	a download that was cut; NAME.part.meta as above
 *	ecosystems	those of OSV that were asked for, one a line
 *	built		what the last build was made of
 *
 * A file that is there is asked for with its tag; one that was cut is gone on with, when the server
 * still has the same. Nothing is parsed here: that is the build's worker.
 */
#include "advisory/update.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "advisory/manage.h"
#include "advisory/writer.h"
#include "io/http.h"
#include "io/worker.h"

enum { ATTEMPTS = 3, NAME_ROOM = 160, URL_ROOM = 512 };
static const uint64_t FILE_MAX = (uint64_t)4 << 30;

struct file {
	const struct feed *feed;
	char name[NAME_ROOM];
	char url[URL_ROOM];
	bool optional, absent;
	bool kept; /* not asked for this time: as it is in the cache */
};

struct update {
	const struct update_request *request;
	int cache; /* folder */
	struct http *http;
	const char *name;      /* being fetched */
	struct buf ecosystems; /* of the cache's list, each with a NUL behind it */
	VEC(struct file) files;
	struct buf *report;
	uint64_t fetched; /* files that changed */
};

struct tags {
	char etag[HTTP_TAG], modified[HTTP_TAG];
};

/* --- what is to be fetched --- */

/* "Rocky Linux" in a file's name, and in an address. */
static bool put_ecosystem(const char *pattern, const char *ecosystem, bool url, char *out,
			  size_t room)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t len = 0;

	for (const char *p = pattern; *p; p++) {
		for (const char *c = *p == '%' ? ecosystem : NULL; c && *c; c++) {
			bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
				     (*c >= '0' && *c <= '9') || *c == '.' || *c == '-' ||
				     *c == '_';

			if (len + 4 > room)
				return false;
			if (plain || !url) {
				out[len++] = plain ? *c : '-';
			} else {
				out[len++] = '%';
				out[len++] = hex[(unsigned char)*c >> 4];
				out[len++] = hex[*c & 15];
			}
		}
		if (*p == '%')
			continue;
		if (len + 2 > room)
			return false;
		out[len++] = *p;
	}
	out[len] = '\0';
	return true;
}

/* https://HOST/PATH as BASE/HOST/PATH. */
static bool put_url(const char *url, const char *from, char *out, size_t room)
{
	struct str rest = str_of(url);
	int len;

	if (!from)
		len = snprintf(out, room, "%s", url);
	else if (!str_skip(&rest, STR("https://")))
		return false;
	else
		len = snprintf(out, room, "%s%s%s", from,
			       str_ends(str_of(from), STR("/")) ? "" : "/", rest.data);
	return len >= 0 && (size_t)len < room;
}

static int add_file(struct update *u, const struct update_source *s, const char *ecosystem,
		    struct err *e)
{
	struct file *f = vec_push(&u->files);
	char url[URL_ROOM];

	if (!f)
		return ERR_NOMEM(e);
	f->feed = feed_find(str_of(s->feed));
	f->optional = s->optional;
	if (!f->feed || !put_ecosystem(s->name, ecosystem, false, f->name, sizeof(f->name)) ||
	    !put_ecosystem(s->url, ecosystem, true, url, sizeof(url)) ||
	    !put_url(url, u->request->from, f->url, sizeof(f->url)))
		return err_set(e, ERR_USAGE, "'%s' is too long", ecosystem);
	return 0;
}

static bool is_wanted(const struct update_request *r, const char *feed)
{
	if (!r->feeds || !r->feeds[0])
		return true;
	for (size_t i = 0; r->feeds[i]; i++)
		if (strcmp(r->feeds[i], feed) == 0)
			return true;
	return false;
}

/* In the list of those that are fetched anyway, or were asked for before? */
static bool is_listed(const struct update *u, const char *ecosystem)
{
	struct str rest = buf_str(&u->ecosystems), one;

	while (str_next(&rest, '\0', &one))
		if (str_is(one, ecosystem))
			return true;
	for (size_t i = 0; update_ecosystems[i]; i++)
		if (strcmp(update_ecosystems[i], ecosystem) == 0)
			return true;
	return false;
}

static int read_ecosystems(struct update *u, struct err *e)
{
	char text[4096];
	int fd = openat(u->cache, "ecosystems", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));
	struct str rest = str_make(text, n > 0 ? (size_t)n : 0), line;

	if (fd >= 0)
		close(fd);
	while (str_next_line(&rest, &line)) {
		if (!line.len || line.len > 64)
			continue;
		buf_add(&u->ecosystems, line);
		buf_add_char(&u->ecosystems, '\0');
	}
	return buf_failed(&u->ecosystems) ? ERR_NOMEM(e) : 0;
}

static int write_ecosystems(struct update *u, struct err *e)
{
	struct str rest = buf_str(&u->ecosystems), one;
	int fd = openat(u->cache, "ecosystems",
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	int r = fd < 0 ? err_set_errno(e, errno, "ecosystems") : 0;

	while (r == 0 && str_next(&rest, '\0', &one))
		if (one.len && (r = file_write_all(fd, one, e)) == 0)
			r = file_write_all(fd, STR("\n"), e);
	if (fd >= 0)
		close(fd);
	return r;
}

/* Remembers those that are asked for now: the next update fetches them too. */
static int add_ecosystems(struct update *u, struct err *e)
{
	const char *const *asked = u->request->ecosystems;
	size_t before = u->ecosystems.len;

	for (size_t i = 0; asked && asked[i]; i++) {
		if (!asked[i][0] || strlen(asked[i]) > 64 || strpbrk(asked[i], "/\n%"))
			return err_set(e, ERR_USAGE, "'%s' is no ecosystem", asked[i]);
		if (is_listed(u, asked[i]))
			continue;
		buf_add_cstr(&u->ecosystems, asked[i]);
		buf_add_char(&u->ecosystems, '\0');
	}
	if (buf_failed(&u->ecosystems))
		return ERR_NOMEM(e);
	return u->ecosystems.len > before ? write_ecosystems(u, e) : 0;
}

static int add_ecosystem_files(struct update *u, const struct update_source *s, struct err *e)
{
	struct str rest = buf_str(&u->ecosystems), one;

	for (size_t i = 0; update_ecosystems[i]; i++)
		if (add_file(u, s, update_ecosystems[i], e) < 0)
			return -1;
	while (str_next(&rest, '\0', &one))
		if (one.len && add_file(u, s, one.data, e) < 0)
			return -1;
	return 0;
}

static int list_files(struct update *u, struct err *e)
{
	if (read_ecosystems(u, e) < 0 || add_ecosystems(u, e) < 0)
		return -1;
	for (const struct update_source *s = update_sources; s->name; s++) {
		int r = strchr(s->url, '%') ? add_ecosystem_files(u, s, e) : add_file(u, s, "", e);

		if (r < 0)
			return -1;
	}
	for (size_t i = 0; i < u->files.count; i++)
		u->files.items[i].kept = !is_wanted(u->request, u->files.items[i].feed->name);
	return 0;
}

/* --- the cache --- */

static void side_name(const char *name, const char *suffix, char out[NAME_ROOM + 16])
{
	snprintf(out, NAME_ROOM + 16, "%.*s%s", NAME_ROOM, name, suffix);
}

static void read_tags(struct update *u, const char *name, struct tags *ret)
{
	char path[NAME_ROOM + 16], text[2 * HTTP_TAG + 2];
	struct str rest, line;
	ssize_t n;
	int fd;

	*ret = (struct tags){0};
	side_name(name, ".meta", path);
	fd = openat(u->cache, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	if (fd >= 0)
		close(fd);
	rest = str_make(text, n > 0 ? (size_t)n : 0);
	if (str_next_line(&rest, &line) && line.len < HTTP_TAG)
		memcpy(ret->etag, line.data, line.len);
	if (str_next_line(&rest, &line) && line.len < HTTP_TAG)
		memcpy(ret->modified, line.data, line.len);
}

static int write_tags(struct update *u, const char *name, const struct tags *tags, struct err *e)
{
	char path[NAME_ROOM + 16], text[2 * HTTP_TAG + 4];
	int fd, r, len;

	side_name(name, ".meta", path);
	fd = openat(u->cache, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return err_set_errno(e, errno, "%s", path);
	len = snprintf(text, sizeof(text), "%s\n%s\n", tags->etag, tags->modified);
	r = file_write_all(fd, str_make(text, (size_t)len), e);
	close(fd);
	return r;
}

static void drop(struct update *u, const char *name)
{
	char path[NAME_ROOM + 16];

	unlinkat(u->cache, name, 0);
	side_name(name, ".meta", path);
	unlinkat(u->cache, path, 0);
}

static bool exists(struct update *u, const char *name)
{
	struct stat st;

	return fstatat(u->cache, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size > 0;
}

/* The download is whole: it gets its name, its time and its tags. */
static int keep(struct update *u, const struct file *f, const char *part, int fd,
		const struct tags *tags, struct err *e)
{
	struct tm tm = {0};
	struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
	char meta[NAME_ROOM + 16];

	if (tags->modified[0] && strptime(tags->modified, "%a, %d %b %Y %H:%M:%S GMT", &tm))
		times[1] = (struct timespec){.tv_sec = timegm(&tm)};
	if (fsync(fd) < 0 || futimens(fd, times) < 0)
		return err_set_errno(e, errno, "%s", part);
	/* no tags for other bytes, should we die in between */
	side_name(f->name, ".meta", meta);
	unlinkat(u->cache, meta, 0);
	if (renameat(u->cache, part, u->cache, f->name) < 0)
		return err_set_errno(e, errno, "%s", f->name);
	side_name(part, ".meta", meta);
	unlinkat(u->cache, meta, 0);
	return write_tags(u, f->name, tags, e);
}

/* --- fetching --- */

static int on_progress(void *context, uint64_t bytes, uint64_t total)
{
	struct update *u = context;

	if (*worker_interrupted())
		return 1;
	return u->request->progress
		       ? u->request->progress(u->request->context, u->name, bytes, total)
		       : 0;
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
static int request(struct update *u, const struct file *f, const char *part, int fd,
		   struct http_response *response, struct err *e)
{
	struct tags have = {0}, begun;
	struct http_request q = {.url = f->url, .fd = fd, .max = FILE_MAX};
	int r;

	read_tags(u, part, &begun);
	if (begun.etag[0] || begun.modified[0])
		q.resume_from = part_size(fd);
	if (q.resume_from) {
		q.if_range = begun.etag[0] ? begun.etag : begun.modified;
	} else {
		if (ftruncate(fd, 0) < 0)
			return err_set_errno(e, errno, "%s", part);
		if (exists(u, f->name))
			read_tags(u, f->name, &have);
		q.etag = have.etag;
		q.modified = have.modified;
	}
	r = http_get(u->http, &q, response, e);
	if (r < 0 && e->code == ERR_NETWORK) {
		struct tags tags;

		to_tags(response, &tags);
		if (write_tags(u, part, &tags, NULL) < 0 || part_size(fd) == 0)
			drop(u, part);
		return -1;
	}
	if (r == 0 && response->status == 206 && !same_entity(&begun, response)) {
		drop(u, part);
		return err_set(e, ERR_NETWORK, "%s: changed while it was fetched", f->url);
	}
	return r;
}

static int open_part(struct update *u, const char *part, struct err *e)
{
	int fd = openat(u->cache, part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	return fd < 0 ? err_set_errno(e, errno, "%s", part) : fd;
}

/* 1 fetched, 0 as before, <0. */
static int attempt(struct update *u, const struct file *f, struct err *e)
{
	char part[NAME_ROOM + 16];
	struct http_response response = {0};
	struct tags tags;
	int fd, r;

	side_name(f->name, ".part", part);
	fd = open_part(u, part, e);
	if (fd < 0)
		return -1;
	r = request(u, f, part, fd, &response, e);
	if (r == 0 && response.status == 304) {
		drop(u, part);
	} else if (r == 0 && response.bytes == 0) {
		drop(u, part);
		r = err_set(e, ERR_NETWORK, "%s: empty", f->url);
	} else if (r == 0) {
		to_tags(&response, &tags);
		r = keep(u, f, part, fd, &tags, e) < 0 ? -1 : 1;
	} else if (e->code != ERR_NETWORK && e->code != ERR_CANCELLED) {
		drop(u, part);
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

static int fetch(struct update *u, struct file *f, struct err *e)
{
	unsigned wait = u->request->retry_milliseconds ? u->request->retry_milliseconds : 1000;
	int r = -1;

	u->name = f->name;
	for (int i = 0; i < ATTEMPTS; i++) {
		if (i)
			pause_between(wait << (i - 1));
		*e = ERR_INIT;
		r = attempt(u, f, e);
		if (r >= 0 || e->code != ERR_NETWORK || *worker_interrupted())
			break;
	}
	if (r < 0 && e->code == ERR_NOT_FOUND && f->optional) {
		*e = ERR_INIT;
		f->absent = true;
		drop(u, f->name);
		return 0;
	}
	if (r > 0) {
		u->fetched++;
		buf_printf(u->report, "fetched    %s\n", f->name);
	} else if (r == 0) {
		buf_printf(u->report, "as before  %s\n", f->name);
	}
	return r < 0 ? -1 : 0;
}

static int fetch_all(struct update *u, struct err *e)
{
	struct http_options options = {.proxy = u->request->proxy,
				       .ca_file = u->request->ca_file,
				       .stall_seconds = u->request->stall_seconds,
				       .progress = on_progress,
				       .context = u};
	int r = 0;

	u->http = http_new(&options, e);
	if (!u->http)
		return -1;
	for (size_t i = 0; r == 0 && i < u->files.count; i++)
		if (!u->files.items[i].kept)
			r = fetch(u, &u->files.items[i], e);
	http_free(u->http);
	u->http = NULL;
	if (r < 0 && e->code == ERR_NETWORK)
		err_hint(e, "the database is as it was; 'plimsoll db update' goes on where it "
			    "stopped, 'plimsoll db build' needs no network");
	return r;
}

/* --- building --- */

/* What stands for the state of all files and of the database made of them. */
static void put_state(struct update *u, const char *out, struct buf *text)
{
	struct database_folder *folder = NULL;
	struct stat st;

	for (size_t i = 0; i < u->files.count; i++) {
		const struct file *f = &u->files.items[i];

		if (!f->absent && fstatat(u->cache, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			buf_printf(text, "%s %lld %lld.%09ld\n", f->name, (long long)st.st_size,
				   (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
	}
	if (database_folder_open(out, &folder, NULL) == 0)
		database_index_format(database_folder_index(folder), text);
	database_folder_close(folder);
}

static bool is_built(struct update *u, const char *out)
{
	CLEANUP(buf_done) struct buf now = BUF_INIT;
	struct digest digest;
	char hex[DIGEST_TEXT], kept[DIGEST_TEXT];
	int fd = openat(u->cache, "built", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : read(fd, kept, sizeof(kept));

	if (fd >= 0)
		close(fd);
	put_state(u, out, &now);
	return n == 64 && !buf_failed(&now) &&
	       digest_of(DIGEST_SHA256, buf_str(&now), &digest, NULL) == 0 &&
	       str_is(str_make(kept, 64), digest_format_hex(&digest, hex));
}

static void note_built(struct update *u, const char *out)
{
	CLEANUP(buf_done) struct buf now = BUF_INIT;
	struct digest digest;
	char hex[DIGEST_TEXT];
	int fd;

	put_state(u, out, &now);
	if (buf_failed(&now) || digest_of(DIGEST_SHA256, buf_str(&now), &digest, NULL) < 0)
		return;
	fd = openat(u->cache, "built", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return;
	/* only a shortcut: without it the next update builds again */
	(void)file_write_all(fd, str_make(digest_format_hex(&digest, hex), 64), NULL);
	close(fd);
}

/*
 * A download that the build cannot read must not be "as before" next time; which one it was, its
 * error names.
 */
static void forget_named(struct update *u, const char *message)
{
	for (size_t i = 0; i < u->files.count; i++)
		if (strstr(message, u->files.items[i].name))
			drop(u, u->files.items[i].name);
}

static int build(struct update *u, struct err *e)
{
	const struct update_request *r = u->request;
	CLEANUP(mem_free_ptr)
	struct build_input *inputs = mem_zero(u->files.count, sizeof(*inputs));
	struct build_request request = {.out = r->out, .inputs = inputs};
	struct arena arena = {0};
	int result = inputs ? 0 : ERR_NOMEM(e);

	for (size_t i = 0; result == 0 && i < u->files.count; i++) {
		const struct file *f = &u->files.items[i];
		struct str path;

		if (f->absent || !exists(u, f->name))
			continue;
		path = arena_printf(&arena, "%s/%s", r->cache, f->name);
		if (!path.data)
			result = ERR_NOMEM(e);
		inputs[request.input_count++] = (struct build_input){f->feed, path.data};
	}
	if (result == 0 && request.input_count == 0)
		result = err_set(e, ERR_NOT_FOUND, "%s: nothing was fetched yet", r->cache);
	if (result == 0) {
		buf_add_char(u->report, '\n');
		result = db_build(&request, u->report, e);
		if (result < 0 && (e->code == ERR_FORMAT || e->code == ERR_TRUNCATED ||
				   e->code == ERR_DIGEST || e->code == ERR_LIMIT))
			forget_named(u, e->message);
	}
	arena_done(&arena);
	return result;
}

static int run(struct update *u, struct err *e)
{
	const struct update_request *r = u->request;

	if (list_files(u, e) < 0 || (!r->offline && fetch_all(u, e) < 0))
		return -1;
	if (!r->force && is_built(u, r->out)) {
		buf_add_cstr(u->report, "the database is up to date\n");
		return 0;
	}
	if (build(u, e) < 0)
		return -1;
	note_built(u, r->out);
	return 0;
}

static int make_folder(const char *path, struct err *e)
{
	CLEANUP(buf_done) struct buf part = BUF_INIT;

	buf_add_cstr(&part, path);
	buf_add_char(&part, '\0');
	if (buf_failed(&part))
		return ERR_NOMEM(e);
	for (size_t i = 1; i < part.len; i++) {
		char c = part.data[i];

		if (c != '/' && c != '\0')
			continue;
		part.data[i] = '\0';
		if (mkdir(part.data, 0777) < 0 && errno != EEXIST)
			return err_set_errno(e, errno, "%s", part.data);
		part.data[i] = c;
	}
	return 0;
}

int db_update(const struct update_request *request, struct buf *report, struct err *e)
{
	struct update u = {.request = request, .report = report};
	int r;

	if (crypto_init(e) < 0 || make_folder(request->cache, e) < 0)
		return -1;
	u.cache = open(request->cache, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (u.cache < 0)
		return err_set_errno(e, errno, "%s", request->cache);
	r = run(&u, e);
	close(u.cache);
	vec_done(&u.files);
	buf_done(&u.ecosystems);
	return r;
}
