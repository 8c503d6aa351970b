/*
 * Files below a folder are opened by openat2, so that no link in a hostile folder leads out of it:
 * blobs of a layout may be links inside it (content-addressed stores do that), files of a root file
 * system are opened through no link at all.
 */
#include "image/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "image/listing.h"
#include "image/source.h"
#include "io/worker.h"

/* A regular file below the folder; a pipe there would keep the broker waiting, so no waiting. */
static int open_below(int folder, const char *path, uint64_t resolve, uint64_t *ret_size,
		      struct err *e)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | resolve,
	};
	long fd = syscall(SYS_openat2, folder, path, &how, sizeof(how));
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, ERR_NOT_FOUND, "is not there");
	if (fd < 0 && errno == EXDEV)
		return err_set(e, ERR_FORMAT, "is a link that leads out of the folder");
	if (fd < 0)
		return err_set_errno(e, errno, "cannot be opened");
	if (fstat((int)fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close((int)fd);
		return err_set(e, ERR_FORMAT, "is no regular file");
	}
	*ret_size = (uint64_t)st.st_size;
	return (int)fd;
}

static bool layout_name(struct str name)
{
	return str_is(name, "index.json") || str_is(name, "oci-layout") ||
	       str_starts(name, STR("blobs/"));
}

static int answer_source(struct image_broker *b, struct str name, struct ask_reply *ret,
			 struct err *e)
{
	char path[1025];
	struct stat st;

	if (!name.len && !b->folder) {
		ret->fd = fcntl(b->fd, F_DUPFD_CLOEXEC, 3);
		if (ret->fd < 0)
			return err_set_errno(e, errno, "the source");
		ret->seekable = fstat(b->fd, &st) == 0 && S_ISREG(st.st_mode);
		ret->size = ret->seekable ? (uint64_t)st.st_size : UINT64_MAX;
		return 0;
	}
	if (!b->folder || !layout_name(name) || name.len >= sizeof(path) ||
	    memchr(name.data, '\0', name.len))
		return err_set(e, ERR_NOT_FOUND, "is not there");
	memcpy(path, name.data, name.len);
	path[name.len] = '\0';
	ret->fd = open_below(b->fd, path, 0, &ret->size, e);
	ret->seekable = true;
	return ret->fd < 0 ? -1 : 0;
}

static int make_listing(struct image_broker *b, struct err *e)
{
	struct listing_limits limits = {
		.entries_max = b->limits->entries_layer_max,
		.path_max = b->limits->path_max,
		.depth_max = b->limits->path_depth_max,
		.interrupted = worker_interrupted(),
	};

	if (b->listing >= 0)
		return 0;
	return listing_make(b->fd, &limits, &b->listing, &b->listing_size, e);
}

static int answer_listing(struct image_broker *b, struct ask_reply *ret, struct err *e)
{
	if (make_listing(b, e) < 0)
		return -1;
	ret->fd = fcntl(b->listing, F_DUPFD_CLOEXEC, 3);
	ret->size = b->listing_size;
	ret->seekable = true;
	return ret->fd < 0 ? err_set_errno(e, errno, "the listing") : 0;
}

static int answer_file(struct image_broker *b, struct str name, struct ask_reply *ret,
		       struct err *e)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	uint64_t index;

	if (b->listing < 0 || !str_parse_u64(name, &index))
		return err_set(e, ERR_NOT_FOUND, "is not there");
	if (listing_path(b->listing, index, &path, e) < 0)
		return -1;
	buf_add_char(&path, '\0');
	if (buf_failed(&path))
		return ERR_NOMEM(e);
	ret->fd = open_below(b->fd, path.data, RESOLVE_NO_SYMLINKS, &ret->size, e);
	ret->seekable = true;
	return ret->fd < 0 ? -1 : 0;
}

static int answer(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
		  struct err *e)
{
	struct image_broker *b = context;

	if (kind == ASK_SOURCE)
		return answer_source(b, name, ret, e);
	if (!b->folder || b->kind != IMAGE_DIRECTORY)
		return err_set(e, ERR_NOT_FOUND, "is not there");
	return kind == ASK_LISTING ? answer_listing(b, ret, e) : answer_file(b, name, ret, e);
}

/* --- opening ------------------------------------------------------------------------------------
 */

static int open_path(struct image_broker *b, struct err *e)
{
	char path[4096];
	struct str p = b->reference.path;
	struct stat st;

	if (p.len >= sizeof(path))
		return err_set(e, ERR_USAGE, "the path of the source is too long");
	memcpy(path, p.data, p.len);
	path[p.len] = '\0';
	b->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (b->fd < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "%s: no such file or folder", path);
	if (b->fd < 0)
		return err_set_errno(e, errno, "%s", path);
	if (fstat(b->fd, &st) < 0)
		return err_set_errno(e, errno, "%s", path);
	b->folder = S_ISDIR(st.st_mode);
	return 0;
}

static enum image_kind kind_of_folder(int fd)
{
	struct stat st;

	if (fstatat(fd, "oci-layout", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
		return IMAGE_OCI_LAYOUT;
	return IMAGE_DIRECTORY;
}

/* The form that was asked for must be one that such a thing can have. */
static int set_kind(struct image_broker *b, struct err *e)
{
	const struct source_reference *r = &b->reference;

	b->kind = b->folder ? kind_of_folder(b->fd) : IMAGE_ARCHIVE;
	if (!r->forced)
		return 0;
	if (source_of_kind(r->kind)->folder != b->folder)
		return err_set(e, ERR_USAGE, "'%s:' wants a %s, and '%.*s' is %s",
			       source_of_kind(r->kind)->name, b->folder ? "file" : "folder",
			       STR_ARG(r->path), b->folder ? "a folder" : "none");
	b->kind = r->kind;
	return 0;
}

int image_broker_open(struct image_broker *b, const char *text, const struct image_limits *limits,
		      struct err *e)
{
	int r;

	*b = (struct image_broker){.fd = -1, .listing = -1};
	b->limits = limits ? limits : &image_limits_default;
	b->handler = (struct ask_handler){b, answer};
	if (source_parse_reference(text, &b->reference, e) < 0)
		return -1;
	if (b->reference.standard_input) {
		b->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		r = b->fd < 0 ? err_set_errno(e, errno, "standard input") : 0;
	} else {
		r = open_path(b, e);
	}
	if (r == 0)
		r = set_kind(b, e);
	if (r < 0)
		image_broker_close(b);
	return r;
}

void image_broker_close(struct image_broker *b)
{
	if (b->fd >= 0)
		close(b->fd);
	if (b->listing >= 0)
		close(b->listing);
	b->fd = b->listing = -1;
}

void image_broker_handle(struct image_broker *b, const struct ask_handler *handlers[ASK_KINDS])
{
	handlers[ASK_SOURCE] = &b->handler;
	handlers[ASK_LISTING] = &b->handler;
	handlers[ASK_FILE] = &b->handler;
}

void image_broker_request(const struct image_broker *b, struct image_request *request)
{
	request->reference = str_of(b->reference.text);
	request->select = b->reference.select;
	request->kind = b->kind;
	request->forced = b->reference.forced;
}
