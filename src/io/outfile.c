#include "io/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/mem.h"

enum { OUT_BUFFER = 64 << 10, NAME_TRIES = 100 };

struct outfile {
	int fd;
	int folder;		 /* -1: written directly */
	char *path;		 /* as given, for messages */
	char *name;		 /* in the folder */
	char temp[NAME_MAX + 1]; /* its name until the rename; "" while it has none */
	mode_t mode;
	bool failed;
	size_t len;
	char buffer[OUT_BUFFER];
};

static char *copy_text(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = mem_alloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

static void outfile_free(struct outfile *o)
{
	if (o->temp[0])
		unlinkat(o->folder, o->temp, 0);
	if (o->fd > STDOUT_FILENO)
		close(o->fd);
	if (o->folder >= 0)
		close(o->folder);
	mem_free(o->path);
	mem_free(o->name);
	mem_free(o);
}

/* Makes up a name beside o->name; a long one is cut to make room. */
static void temp_name(const struct outfile *o, char ret_name[NAME_MAX + 1])
{
	uint64_t random = 0;

	if (getrandom(&random, sizeof(random), 0) < 0)
		random = (uint64_t)getpid();
	snprintf(ret_name, NAME_MAX + 1, ".%.200s.%08x.tmp", o->name, (unsigned)random);
}

static int open_temp(struct outfile *o, struct err *e)
{
	o->fd = openat(o->folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
	for (int i = 0; o->fd < 0 && i < NAME_TRIES; i++) {
		char name[NAME_MAX + 1];

		temp_name(o, name);
		o->fd = openat(o->folder, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
		if (o->fd >= 0)
			memcpy(o->temp, name, sizeof(name));
		else if (errno != EEXIST)
			break;
	}
	return o->fd < 0 ? err_set_errno(e, errno, "%s", o->path) : 0;
}

/* A name for a file that has none: only a link can give one, and only rename replaces. */
static int link_temp(struct outfile *o)
{
	char self[64];

	if (o->temp[0])
		return 0;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", o->fd);
	for (int i = 0; i < NAME_TRIES; i++) {
		char name[NAME_MAX + 1];

		temp_name(o, name);
		if (linkat(AT_FDCWD, self, o->folder, name, AT_SYMLINK_FOLLOW) == 0) {
			memcpy(o->temp, name, sizeof(name));
			return 0;
		}
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

/* Where the file really is: through symlinks, also a dangling one's folder must exist. */
static char *real_path(const char *path, const struct stat *st, bool exists)
{
	if (exists && S_ISLNK(st->st_mode)) {
		char *target = realpath(path, NULL);

		if (target)
			return target;
	}
	return copy_text(path);
}

static int open_folder(struct outfile *o, char *real, struct err *e)
{
	char *slash = strrchr(real, '/');
	const char *folder = slash ? real : ".";

	o->name = copy_text(slash ? slash + 1 : real);
	if (!o->name)
		return ERR_NOMEM(e);
	if (!*o->name)
		return err_set(e, ERR_USAGE, "%s: names a folder, not a file", o->path);
	if (slash == real)
		folder = "/";
	else if (slash)
		*slash = '\0';
	o->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return o->folder < 0 ? err_set_errno(e, errno, "%s", o->path) : 0;
}

static int open_direct(struct outfile *o, struct err *e)
{
	o->fd = open(o->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return o->fd < 0 ? err_set_errno(e, errno, "%s", o->path) : 0;
}

static int open_path(struct outfile *o, struct err *e)
{
	struct stat link, st;
	bool exists = lstat(o->path, &link) == 0;
	char *real;
	int r;

	if (stat(o->path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return err_set_errno(e, EISDIR, "%s", o->path);
		if (!S_ISREG(st.st_mode))
			return open_direct(o, e);
		o->mode = st.st_mode & 0777;
	}
	real = real_path(o->path, &link, exists);
	if (!real)
		return ERR_NOMEM(e);
	r = open_folder(o, real, e);
	free(real);
	return r < 0 ? -1 : open_temp(o, e);
}

struct outfile *outfile_open(const char *path, struct err *e)
{
	struct outfile *o = mem_zero(1, sizeof(*o));

	if (!o) {
		ERR_NOMEM(e);
		return NULL;
	}
	o->fd = STDOUT_FILENO;
	o->folder = -1;
	o->path = copy_text(strcmp(path, "-") == 0 ? "standard output" : path);
	if (!o->path || (strcmp(path, "-") != 0 && open_path(o, e) < 0)) {
		if (!o->path)
			ERR_NOMEM(e);
		outfile_free(o);
		return NULL;
	}
	return o;
}

static int write_all(struct outfile *o, const char *data, size_t len, struct err *e)
{
	while (len) {
		ssize_t n;

		if (fault_hit(FAULT_WRITE)) {
			errno = EIO;
			n = -1;
		} else {
			n = write(o->fd, data, len);
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			o->failed = true;
			return err_set_errno(e, errno, "%s", o->path);
		}
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int flush(struct outfile *o, struct err *e)
{
	size_t len = o->len;

	o->len = 0;
	return write_all(o, o->buffer, len, e);
}

int outfile_write(struct outfile *o, struct str bytes, struct err *e)
{
	if (o->failed)
		return err_set(e, ERR_IO, "%s: an earlier write failed", o->path);
	if (bytes.len > OUT_BUFFER - o->len && flush(o, e) < 0)
		return -1;
	if (bytes.len >= OUT_BUFFER)
		return write_all(o, bytes.data, bytes.len, e);
	if (bytes.len)
		memcpy(o->buffer + o->len, bytes.data, bytes.len);
	o->len += bytes.len;
	return 0;
}

static int give_name(struct outfile *o, struct err *e)
{
	if (fault_hit(FAULT_WRITE))
		return err_set_errno(e, EIO, "%s", o->path);
	if (o->mode && fchmod(o->fd, o->mode) < 0)
		return err_set_errno(e, errno, "%s", o->path);
	if (fsync(o->fd) < 0 || link_temp(o) < 0 ||
	    renameat(o->folder, o->temp, o->folder, o->name) < 0)
		return err_set_errno(e, errno, "%s", o->path);
	o->temp[0] = '\0';
	return 0;
}

int outfile_commit(struct outfile *o, struct err *e)
{
	int r = o->failed ? err_set(e, ERR_IO, "%s: an earlier write failed", o->path)
			  : flush(o, e);

	if (r == 0 && o->folder >= 0)
		r = give_name(o, e);
	outfile_free(o);
	return r;
}

void outfile_abort(struct outfile *o)
{
	if (o)
		outfile_free(o);
}

void outfile_abort_ptr(struct outfile **o)
{
	outfile_abort(*o);
	*o = NULL;
}
