#include "advisory/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "advisory/database.h"
#include "advisory/writer.h"
#include "base/fault.h"

#define BLOBS "blobs/sha256"

/* --- opening --- */

/* mkdir -p; the folders above as the person's umask has them. */
static int make_folders(const char *path, struct err *e)
{
	CLEANUP(buf_done) struct buf part = BUF_INIT;

	buf_add_cstr(&part, path);
	buf_add_char(&part, '\0');
	if (buf_failed(&part))
		return ERR_NOMEM(e);
	for (size_t i = 1; i < part.len; i++) {
		if (part.data[i] != '/' && part.data[i] != '\0')
			continue;
		part.data[i] = '\0';
		if (mkdir(part.data, 0777) < 0 && errno != EEXIST)
			return err_set_errno(e, errno, "%s", part.data);
		if (i + 1 < part.len)
			part.data[i] = '/';
	}
	return 0;
}

static bool is_ours(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..") || !strcmp(name, "lock") ||
	       !strcmp(name, "blobs") || !strcmp(name, "index") || !strcmp(name, "index.new") ||
	       !strncmp(name, "tmp-", 4);
}

/* Whatever else lies in the folder was not put there by a build: it would be swept away. */
static int check_folder(int dir, const char *path, struct err *e)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return err_set_errno(e, errno, "%s", path);
	}
	while (r == 0 && (entry = readdir(d)))
		if (!is_ours(entry->d_name))
			r = err_set(
				e, ERR_USAGE,
				"%s: holds '%s', which is not of a plimsoll database; choose an "
				"empty or new folder",
				path, entry->d_name);
	closedir(d);
	return r;
}

static int take_lock(struct store *s, const char *path, struct err *e)
{
	s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (s->lock < 0)
		return err_set_errno(e, errno, "%s/lock", path);
	if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return err_set(e, ERR_LIMIT, "%s: another build is running there", path);
	return err_set_errno(e, errno, "%s/lock", path);
}

static int make_blobs(struct store *s, const char *path, struct err *e)
{
	if ((mkdirat(s->dir, "blobs", 0777) < 0 && errno != EEXIST) ||
	    (mkdirat(s->dir, BLOBS, 0777) < 0 && errno != EEXIST))
		return err_set_errno(e, errno, "%s/" BLOBS, path);
	return 0;
}

int store_open(const char *path, struct store *ret, struct err *e)
{
	struct store s = {-1, -1};

	if (make_folders(path, e) < 0)
		return -1;
	s.dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s.dir < 0)
		return err_set_errno(e, errno, "%s", path);
	if (check_folder(s.dir, path, e) < 0 || take_lock(&s, path, e) < 0 ||
	    make_blobs(&s, path, e) < 0) {
		store_close(&s);
		return -1;
	}
	*ret = s;
	return 0;
}

void store_close(struct store *s)
{
	if (s->lock >= 0)
		close(s->lock);
	if (s->dir >= 0)
		close(s->dir);
	*s = (struct store){-1, -1};
}

/* --- committing --- */

static int read_all(int fd, struct buf *out, struct err *e)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, ERR_INTERNAL, "the build wrote no index");
	if (st.st_size > DATABASE_INDEX_MAX)
		return err_set(e, ERR_LIMIT, "too many partitions");
	if (!buf_reserve(out, (size_t)st.st_size + 1))
		return ERR_NOMEM(e);
	if (file_read_at(fd, out->data, (size_t)st.st_size, 0, e) < 0)
		return -1;
	buf_used(out, (size_t)st.st_size);
	return 0;
}

static int hash_fd(int fd, struct digest *ret, uint64_t *ret_size, struct err *e)
{
	struct hasher *h = hasher_new(DIGEST_SHA256, e);
	char *chunk = mem_alloc(1 << 18);
	struct stat st;
	int r = h ? 0 : -1;

	if (!chunk || fstat(fd, &st) < 0)
		r = ERR_NOMEM(e);
	for (off_t at = 0; r == 0 && at < st.st_size;) {
		size_t n = st.st_size - at < 1 << 18 ? (size_t)(st.st_size - at) : 1 << 18;

		r = file_read_at(fd, chunk, n, (uint64_t)at, e);
		if (r == 0)
			hasher_add(h, str_make(chunk, n));
		at += (off_t)n;
	}
	if (r == 0) {
		*ret_size = (uint64_t)st.st_size;
		r = hasher_end(h, ret, e);
	}
	mem_free(chunk);
	hasher_free(h);
	return r;
}

static int sync_fd(int fd, const char *what, struct err *e)
{
	int r = fault_hit(FAULT_WRITE) ? (errno = EIO, -1) : fsync(fd);

	return r < 0 ? err_set_errno(e, errno, "%s", what) : 0;
}

/* The name of a nameless file; where it cannot have one (no /proc), a copy gets it. */
static int link_or_copy(struct store *s, int fd, const char *name, struct err *e)
{
	char from[64], temporary[160];
	char *chunk;
	int out, r = 0;
	uint64_t at = 0;
	struct stat st;

	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, from, s->dir, name, AT_SYMLINK_FOLLOW) == 0 || errno == EEXIST)
		return 0;
	snprintf(temporary, sizeof(temporary), BLOBS "/tmp-%ld", (long)getpid());
	out = openat(s->dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (out < 0 || fstat(fd, &st) < 0) {
		err_set_errno(e, errno, "%s", temporary);
		if (out >= 0)
			close(out);
		return -1;
	}
	chunk = mem_alloc(1 << 18);
	if (!chunk)
		r = ERR_NOMEM(e);
	while (r == 0 && at < (uint64_t)st.st_size) {
		size_t n = (uint64_t)st.st_size - at < 1 << 18 ? (size_t)((uint64_t)st.st_size - at)
							       : 1 << 18;

		r = file_read_at(fd, chunk, n, at, e);
		if (r == 0)
			r = file_write_all(out, str_make(chunk, n), e);
		at += n;
	}
	mem_free(chunk);
	if (r == 0)
		r = sync_fd(out, temporary, e);
	close(out);
	if (r == 0 && renameat(s->dir, temporary, s->dir, name) < 0)
		r = err_set_errno(e, errno, "%s", name);
	if (r < 0)
		unlinkat(s->dir, temporary, 0);
	return r;
}

/* What the worker says of a file is checked before the file gets the name of its digest. */
static int commit_blob(struct store *s, int fd, const struct index_partition *row, struct err *e)
{
	struct digest digest;
	char text[DIGEST_TEXT], name[160];
	struct stat st;
	uint64_t size = 0;

	if (fd < 0 || hash_fd(fd, &digest, &size, e) < 0)
		return fd < 0 ? err_set(e, ERR_INTERNAL, "a partition is missing") : -1;
	if (!str_is(row->digest, digest_format(&digest, text)) || size != row->size)
		return err_set(e, ERR_DIGEST, "%.*s: was not written as the index says",
			       STR_ARG(row->name));
	if (sync_fd(fd, "the database folder", e) < 0)
		return -1;
	snprintf(name, sizeof(name), BLOBS "/%s", digest_format_hex(&digest, text));
	if (fstatat(s->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size == size)
		return 0;
	return link_or_copy(s, fd, name, e);
}

static int sync_folder(struct store *s, const char *name, struct err *e)
{
	int fd = openat(s->dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? err_set_errno(e, errno, "%s", name) : sync_fd(fd, name, e);

	if (fd >= 0)
		close(fd);
	return r;
}

static int replace_index(struct store *s, struct str text, struct err *e)
{
	int fd = openat(s->dir, "index.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
			0644);
	int r;

	if (fd < 0)
		return err_set_errno(e, errno, "index.new");
	r = file_write_all(fd, text, e);
	if (r == 0)
		r = sync_fd(fd, "index.new", e);
	close(fd);
	if (r == 0 && renameat(s->dir, "index.new", s->dir, "index") < 0)
		r = err_set_errno(e, errno, "index");
	if (r < 0)
		unlinkat(s->dir, "index.new", 0);
	return r < 0 ? -1 : sync_folder(s, ".", e);
}

static bool is_named(const struct database_index *index, const char *hex)
{
	for (size_t i = 0; i < index->partition_count; i++)
		if (str_is(str_from(index->partitions[i].digest, 7), hex))
			return true;
	return false;
}

/* Removes what no index names. What cannot be removed is tried again next time. */
static void sweep(struct store *s, const char *folder, const struct database_index *index)
{
	int fd = openat(s->dir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(d))) {
		bool blob = strlen(entry->d_name) == 64 && index;

		if ((blob && !is_named(index, entry->d_name)) || !strncmp(entry->d_name, "tmp-", 4))
			unlinkat(dirfd(d), entry->d_name, 0);
	}
	closedir(d);
}

static int commit(struct store *s, const struct build_files *files,
		  const struct database_index *index, struct str text, struct err *e)
{
	if (index->partition_count != build_files_blobs(files))
		return err_set(e, ERR_INTERNAL, "the index names %zu partitions, %zu were written",
			       index->partition_count, build_files_blobs(files));
	for (size_t i = 0; i < index->partition_count; i++)
		if (commit_blob(s, build_files_blob(files, i), &index->partitions[i], e) < 0)
			return -1;
	if (sync_folder(s, BLOBS, e) < 0 || replace_index(s, text, e) < 0)
		return -1;
	sweep(s, BLOBS, index);
	sweep(s, ".", NULL);
	return 0;
}

int store_commit(struct store *s, const struct build_files *files, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct database_index index;
	int r;

	if (read_all(build_files_index(files), &text, e) < 0 ||
	    database_index_parse(buf_str(&text), NULL, &index, e) < 0)
		return -1;
	r = commit(s, files, &index, buf_str(&text), e);
	database_index_done(&index);
	return r;
}
