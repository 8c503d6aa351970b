#include "advisory/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "advisory/writer.h"
#include "base/buf.h"

enum { FILES_MAX = 4 << 20, DEPTH_MAX = 64 };

struct file {
	struct str path;
	int64_t time;
};

struct input {
	const char *name;
	int fd;
	bool folder;
	VEC(struct file) files; /* of a folder */
};

struct build_files {
	int dir;
	struct input *inputs;
	size_t input_count;
	struct arena arena; /* paths */
	VEC(int) blobs;
	int index, report;
};

/* --- folders --- */

struct folder {
	struct str path; /* "" for the input itself */
	unsigned depth;
};

struct walk {
	struct build_files *f;
	struct input *in;
	VEC(struct folder) todo;
};

static struct str below(struct arena *a, struct str folder, const char *name)
{
	return folder.len ? arena_printf(a, "%.*s/%s", (int)folder.len, folder.data, name)
			  : arena_str(a, str_of(name));
}

/* Links are not followed, hidden files not looked at (.git). */
static int add_entry(struct walk *w, DIR *d, const struct folder *folder, const char *name,
		     struct err *e)
{
	struct stat st;
	struct str path;
	struct folder *more;
	struct file *file;

	if (name[0] == '.' || fstatat(dirfd(d), name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return 0;
	path = below(&w->f->arena, folder->path, name);
	if (!path.data)
		return ERR_NOMEM(e);
	if (S_ISDIR(st.st_mode)) {
		if (folder->depth == DEPTH_MAX)
			return err_set(e, ERR_LIMIT, "%s: too many folders in folders",
				       w->in->name);
		more = vec_push(&w->todo);
		if (!more)
			return ERR_NOMEM(e);
		*more = (struct folder){path, folder->depth + 1};
		return 0;
	}
	if (w->in->files.count == FILES_MAX)
		return err_set(e, ERR_LIMIT, "%s: too many files", w->in->name);
	file = vec_push(&w->in->files);
	if (!file)
		return ERR_NOMEM(e);
	*file = (struct file){path, st.st_mtime};
	return 0;
}

static int read_folder(struct walk *w, const struct folder *folder, struct err *e)
{
	int fd = openat(w->in->fd, folder->path.len ? folder->path.data : ".",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return err_set_errno(e, errno, "%s/%.*s", w->in->name, STR_ARG(folder->path));
	}
	while (r == 0 && (entry = readdir(d)))
		r = add_entry(w, d, folder, entry->d_name, e);
	closedir(d);
	return r;
}

static int by_path(const void *a, const void *b)
{
	return str_cmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static int list_folder(struct build_files *f, struct input *in, struct err *e)
{
	struct walk w = {.f = f, .in = in};
	struct folder folder = {STR(""), 0};
	int r = read_folder(&w, &folder, e);

	while (r == 0 && w.todo.count) {
		folder = w.todo.items[--w.todo.count];
		r = read_folder(&w, &folder, e);
	}
	vec_done(&w.todo);
	if (r == 0 && in->files.count)
		qsort(in->files.items, in->files.count, sizeof(*in->files.items), by_path);
	return r;
}

/* --- inputs --- */

static int open_input(struct build_files *f, struct input *in, struct err *e)
{
	struct stat st;

	in->fd = open(in->name, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "%s: there is no such file or folder", in->name);
	if (in->fd < 0 || fstat(in->fd, &st) < 0)
		return err_set_errno(e, errno, "%s", in->name);
	in->folder = S_ISDIR(st.st_mode);
	if (!in->folder && !S_ISREG(st.st_mode))
		return err_set(e, ERR_USAGE, "%s: neither a file nor a folder", in->name);
	return in->folder ? list_folder(f, in, e) : 0;
}

int build_files_open(const struct build_files_options *options, struct build_files **ret,
		     struct err *e)
{
	struct build_files *f = mem_zero(1, sizeof(*f));

	if (!f)
		return ERR_NOMEM(e);
	f->dir = options->dir;
	f->index = f->report = -1;
	f->inputs = mem_zero(options->input_count, sizeof(*f->inputs));
	if (!f->inputs) {
		build_files_close(f);
		return ERR_NOMEM(e);
	}
	f->input_count = options->input_count;
	for (size_t i = 0; i < f->input_count; i++)
		f->inputs[i] = (struct input){.name = options->inputs[i], .fd = -1};
	for (size_t i = 0; i < f->input_count; i++) {
		if (open_input(f, &f->inputs[i], e) < 0) {
			build_files_close(f);
			return -1;
		}
	}
	*ret = f;
	return 0;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void build_files_close(struct build_files *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->input_count; i++) {
		close_fd(f->inputs[i].fd);
		vec_done(&f->inputs[i].files);
	}
	for (size_t i = 0; i < f->blobs.count; i++)
		close_fd(f->blobs.items[i]);
	vec_done(&f->blobs);
	close_fd(f->index);
	close_fd(f->report);
	arena_done(&f->arena);
	mem_free(f->inputs);
	mem_free(f);
}

/* --- answers --- */

/* A file without a name in the database's folder: gone with its last descriptor. */
static int nameless(struct build_files *f, struct err *e)
{
	int fd = openat(f->dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
	char name[64];

	if (fd >= 0)
		return fd;
	snprintf(name, sizeof(name), "tmp-%ld", (long)getpid());
	fd = openat(f->dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set_errno(e, errno, "the database folder");
	unlinkat(f->dir, name, 0);
	return fd;
}

/* A second descriptor of a file that is kept: both share their place in it. */
static int shared(int fd, struct ask_reply *ret, struct err *e)
{
	int twin = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (twin < 0)
		return err_set_errno(e, errno, "the database folder");
	*ret = (struct ask_reply){.fd = twin, .size = 0, .seekable = true};
	return 0;
}

static int answer_output(struct build_files *f, struct str name, struct ask_reply *ret,
			 struct err *e)
{
	bool index = str_is(name, "index"), report = str_is(name, "report");
	int fd, *slot;

	if (index || report)
		fd = memfd_create("build", MFD_CLOEXEC);
	else if (str_is(name, "spill") || str_is(name, "blob"))
		fd = nameless(f, e);
	else
		return err_set(e, ERR_NOT_FOUND, "no such output");
	if (fd < 0)
		return index || report ? err_set_errno(e, errno, "memory file") : -1;
	if (str_is(name, "spill")) {
		*ret = (struct ask_reply){.fd = fd, .size = 0, .seekable = true};
		return 0;
	}
	slot = index ? &f->index : report ? &f->report : vec_push(&f->blobs);
	if (!slot) {
		close(fd);
		return ERR_NOMEM(e);
	}
	if (index || report)
		close_fd(*slot);
	*slot = fd;
	return shared(fd, ret, e);
}

static int answer_listing(const struct input *in, struct ask_reply *ret, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct ask_reply reply = {.fd = -1};

	if (in->folder) {
		for (size_t i = 0; i < in->files.count; i++) {
			buf_printf(&text, "%lld ", (long long)in->files.items[i].time);
			buf_add(&text, in->files.items[i].path);
			buf_add_char(&text, '\0');
		}
		if (buf_failed(&text))
			return ERR_NOMEM(e);
		reply.fd = memfd_create("listing", MFD_CLOEXEC);
		reply.size = text.len;
		reply.seekable = true;
		if (reply.fd < 0)
			return err_set_errno(e, errno, "memory file");
		if (file_write_all(reply.fd, buf_str(&text), e) < 0) {
			close(reply.fd);
			return -1;
		}
	}
	*ret = reply;
	return 0;
}

static int reply_file(int fd, const char *name, struct ask_reply *ret, struct err *e)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		err_set_errno(e, errno, "%s", name);
		close_fd(fd);
		return -1;
	}
	*ret = (struct ask_reply){.fd = fd, .size = (uint64_t)st.st_size, .seekable = true};
	/* the time of the file, for feeds without dates of their own */
	snprintf(ret->text, sizeof(ret->text), "%lld", (long long)st.st_mtime);
	return 0;
}

static int answer_file(const struct input *in, struct str number, struct ask_reply *ret,
		       struct err *e)
{
	uint64_t i;
	struct str path;

	if (!str_parse_u64(number, &i) || i >= in->files.count)
		return err_set(e, ERR_NOT_FOUND, "no such file");
	path = in->files.items[i].path;
	return reply_file(openat(in->fd, path.data, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK),
			  path.data, ret, e);
}

int build_files_answer(void *build_files, enum ask_kind kind, struct str name,
		       struct ask_reply *ret, struct err *e)
{
	struct build_files *f = build_files;
	struct str rest = name, number;
	struct input *in;
	uint64_t i;

	if (kind == ASK_OUTPUT)
		return answer_output(f, name, ret, e);
	if (!str_next(&rest, '/', &number) || !str_parse_u64(number, &i) || i >= f->input_count)
		return err_set(e, ERR_NOT_FOUND, "no such input");
	in = &f->inputs[i];
	if (kind == ASK_LISTING)
		return answer_listing(in, ret, e);
	if (kind == ASK_SOURCE && !in->folder)
		return reply_file(fcntl(in->fd, F_DUPFD_CLOEXEC, 3), in->name, ret, e);
	if (kind == ASK_FILE)
		return answer_file(in, rest, ret, e);
	return err_set(e, ERR_NOT_FOUND, "no such file");
}

size_t build_files_blobs(const struct build_files *f)
{
	return f->blobs.count;
}

int build_files_blob(const struct build_files *f, size_t i)
{
	return i < f->blobs.count ? f->blobs.items[i] : -1;
}

int build_files_index(const struct build_files *f)
{
	return f->index;
}

int build_files_report(const struct build_files *f)
{
	return f->report;
}
