/*
 * A database folder as a reader opens it:
 *
 *	index			which file is which partition (index.c)
 *	blobs/sha256/<hex>	the partitions, by the digest of their bytes
 *
 * The index is replaced by rename and its old blobs are removed afterwards (store.c), so a reader
 *that comes in between reads the index again, once.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "advisory/database.h"
#include "advisory/writer.h"

/* An index that was replaced meanwhile: what was borrowed from it lives on. */
struct retired {
	struct database_index index;
	struct retired *next;
};

struct database_folder {
	int dir;
	char path[512]; /* for messages */
	struct database_index index;
	struct stat seen; /* of the index file */
	struct retired *retired;
};

static int no_database(const struct database_folder *f, struct err *e)
{
	err_set(e, ERR_NOT_FOUND, "%s: there is no vulnerability database", f->path);
	err_hint(e, "plimsoll db update");
	return -1;
}

/* Keeps the index that was read before for those who borrowed from it. */
static int replace_index(struct database_folder *f, const struct database_index *index,
			 struct err *e)
{
	struct retired *old = f->index.arena.head ? mem_zero(1, sizeof(*old)) : NULL;

	if (!old && f->index.arena.head)
		return ERR_NOMEM(e);
	if (old) {
		old->index = f->index;
		old->next = f->retired;
		f->retired = old;
	}
	f->index = *index;
	return 0;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int read_index(struct database_folder *f, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct database_index index;
	struct stat st;
	int fd = openat(f->dir, "index", O_RDONLY | O_CLOEXEC | O_NOFOLLOW), r;

	if (fd < 0)
		return errno == ENOENT ? no_database(f, e)
				       : err_set_errno(e, errno, "%s/index", f->path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > DATABASE_INDEX_MAX) {
		close(fd);
		return err_set(e, ERR_FORMAT, "%s/index: not the index of a database", f->path);
	}
	if (same_file(&st, &f->seen)) {
		close(fd);
		return 0;
	}
	if (buf_reserve(&text, (size_t)st.st_size)) {
		r = file_read_at(fd, text.data, (size_t)st.st_size, 0, e);
		buf_used(&text, (size_t)st.st_size);
	} else {
		r = ERR_NOMEM(e);
	}
	close(fd);
	if (r < 0 || database_index_parse(buf_str(&text), NULL, &index, e) < 0)
		return err_wrap(e, "%s", f->path);
	if (replace_index(f, &index, e) < 0) {
		database_index_done(&index);
		return -1;
	}
	f->seen = st;
	return 0;
}

int database_folder_open(const char *path, struct database_folder **ret, struct err *e)
{
	struct database_folder *f = mem_zero(1, sizeof(*f));

	if (!f)
		return ERR_NOMEM(e);
	err_escape(f->path, sizeof(f->path), str_of(path));
	f->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dir < 0) {
		if (errno == ENOENT)
			no_database(f, e);
		else
			err_set_errno(e, errno, "%s", f->path);
		database_folder_close(f);
		return -1;
	}
	if (read_index(f, e) < 0) {
		database_folder_close(f);
		return -1;
	}
	*ret = f;
	return 0;
}

void database_folder_close(struct database_folder *f)
{
	if (!f)
		return;
	if (f->dir >= 0)
		close(f->dir);
	database_index_done(&f->index);
	while (f->retired) {
		struct retired *next = f->retired->next;

		database_index_done(&f->retired->index);
		mem_free(f->retired);
		f->retired = next;
	}
	mem_free(f);
}

const struct database_index *database_folder_index(const struct database_folder *f)
{
	return &f->index;
}

static int open_blob(struct database_folder *f, struct str name)
{
	const struct index_partition *row = database_index_find(&f->index, name);
	char path[160];

	if (!row) {
		errno = 0;
		return -1;
	}
	snprintf(path, sizeof(path), "blobs/sha256/%.64s", row->digest.data + 7);
	return openat(f->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

/* A descriptor for reading of something that others may rename meanwhile. */
static int open_file(struct database_folder *f, struct str name, struct err *e)
{
	int fd;

	if (str_is(name, "index")) {
		fd = openat(f->dir, "index", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		return fd < 0 ? err_set_errno(e, errno, "%s/index", f->path) : fd;
	}
	fd = open_blob(f, name);
	if (fd < 0 && errno == ENOENT) { /* replaced since the index was read? */
		if (read_index(f, e) < 0)
			return -1;
		fd = open_blob(f, name);
	}
	if (fd >= 0)
		return fd;
	if (errno == 0)
		return err_set(e, ERR_NOT_FOUND, "%s: the database has no partition '%.*s'",
			       f->path, STR_ARG(name));
	return err_set_errno(e, errno, "%s: the file of %.*s", f->path, STR_ARG(name));
}

int database_folder_file(struct database_folder *f, struct str name, int *ret_fd,
			 uint64_t *ret_size, struct err *e)
{
	int fd = open_file(f, name, e);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(e, ERR_FORMAT, "%s: %.*s is not a regular file", f->path,
			       STR_ARG(name));
	}
	*ret_fd = fd;
	if (ret_size)
		*ret_size = (uint64_t)st.st_size;
	return 0;
}

int database_folder_partition(struct database_folder *f, struct str name, struct budget *budget,
			      struct partition **ret, struct err *e)
{
	struct partition *p;
	int fd;

	if (database_folder_file(f, name, &fd, NULL, e) < 0)
		return -1;
	if (partition_open(fd, budget, &p, e) < 0)
		return err_wrap(e, "%s: %.*s", f->path, STR_ARG(name));
	if (!str_eq(partition_name(p), name)) {
		partition_close(p);
		return err_set(e, ERR_FORMAT, "%s: the file of '%.*s' holds another partition",
			       f->path, STR_ARG(name));
	}
	if (partition_bind(p, &f->index, e) < 0) {
		partition_close(p);
		return err_wrap(e, "%s", f->path);
	}
	*ret = p;
	return 0;
}
