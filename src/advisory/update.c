/*
 * Fetches what changed into the cache folder (download.h), then builds from all that is there.
 *Nothing is parsed here: that is the build's worker. In the cache stand also:
 *
 *	ecosystems	those of OSV that were asked for, one a line
 *	built		what the last build was made of
 */
#include "advisory/update.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "advisory/download.h"
#include "advisory/writer.h"

enum { URL_ROOM = 512 };

struct file {
	const struct feed *feed;
	char name[DOWNLOAD_NAME];
	char url[URL_ROOM];
	bool optional, absent;
	bool kept; /* not asked for this time: as it is in the cache */
};

struct update {
	const struct update_request *request;
	struct download download;
	struct buf ecosystems; /* of the cache's list, each with a NUL behind it */
	VEC(struct file) files;
	struct buf *report;
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
	int fd = openat(u->download.cache, "ecosystems", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
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
	int fd = openat(u->download.cache, "ecosystems",
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

/* --- fetching --- */

static int fetch(struct update *u, struct file *f, struct err *e)
{
	int r = download_fetch(&u->download, f->name, f->url, e);

	if (r < 0 && e->code == ERR_NOT_FOUND && f->optional) {
		*e = ERR_INIT;
		f->absent = true;
		download_drop(u->download.cache, f->name);
		return 0;
	}
	if (r >= 0)
		buf_printf(u->report, "%-10s %s\n", r ? "fetched" : "as before", f->name);
	return r < 0 ? -1 : 0;
}

static int fetch_all(struct update *u, struct err *e)
{
	int r = download_init(&u->download, u->request->proxy, u->request->ca_file, e);

	for (size_t i = 0; r == 0 && i < u->files.count; i++)
		if (!u->files.items[i].kept)
			r = fetch(u, &u->files.items[i], e);
	download_done(&u->download);
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

		if (!f->absent &&
		    fstatat(u->download.cache, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
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
	int fd = openat(u->download.cache, "built", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
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
	fd = openat(u->download.cache, "built",
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
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
			download_drop(u->download.cache, u->files.items[i].name);
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

		if (f->absent || !download_exists(u->download.cache, f->name))
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
	struct update u = {.request = request,
			   .report = report,
			   .download = {.stall_seconds = request->stall_seconds,
					.retry_milliseconds = request->retry_milliseconds,
					.progress = request->progress,
					.context = request->context}};
	int r;

	if (crypto_init(e) < 0 || make_folder(request->cache, e) < 0)
		return -1;
	u.download.cache = open(request->cache, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (u.download.cache < 0)
		return err_set_errno(e, errno, "%s", request->cache);
	r = run(&u, e);
	close(u.download.cache);
	vec_done(&u.files);
	buf_done(&u.ecosystems);
	return r;
}
