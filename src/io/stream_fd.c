/*
 * A descriptor, or a part of one. Regular files are read with pread, so that streams can share a
 * descriptor and skip by arithmetic; pipes and the like with read, in order.
 *
 * The window: a reader that takes everything is given 256 KiB a chunk. After a skip it is 4 KiB,
 * and four times more with each chunk taken without a skip between. A tar walk that skips the
 * bodies so touches little more than the headers.
 */
#include "io/stream.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"

enum { FD_RING = 2, FD_CHUNK = 256 << 10, FD_CHUNK_SKIPPED = 4 << 10 };

struct fd_stream {
	struct stream stream;
	int fd;
	bool own;
	bool random;
	uint64_t start; /* of the part, in the file */
	uint64_t at;	/* next byte to read, from start */
	uint64_t len;	/* of the part; UINT64_MAX: to the end */
	size_t window;
	unsigned slot;
	char *ring;
};

/* One system call's worth of bytes; 0 at the end. `offset` is not used for pipes. */
static ssize_t read_some(const struct fd_stream *f, void *buf, size_t len, uint64_t offset,
			 struct err *e)
{
	ssize_t n;

	if (fault_hit(FAULT_READ))
		return err_set_errno(e, EIO, "read");
	do
		n = f->random ? pread(f->fd, buf, len, (off_t)offset) : read(f->fd, buf, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set_errno(e, errno, "read");
	return n;
}

static size_t cut(const struct fd_stream *f, uint64_t offset, size_t len)
{
	uint64_t left = offset < f->len ? f->len - offset : 0;

	return len < left ? len : (size_t)left;
}

static int fd_next(struct stream *s, struct str *ret_chunk, struct err *e)
{
	struct fd_stream *f = (struct fd_stream *)s;
	char *buf = f->ring + (size_t)f->slot * FD_CHUNK;
	size_t want = cut(f, f->at, f->window);
	ssize_t n = want ? read_some(f, buf, want, f->start + f->at, e) : 0;

	if (n <= 0)
		return (int)n;
	f->at += (uint64_t)n;
	f->slot = (f->slot + 1) % FD_RING;
	f->window = f->window < FD_CHUNK / 4 ? f->window * 4 : FD_CHUNK;
	*ret_chunk = str_make(buf, (size_t)n);
	return 1;
}

static int64_t fd_skip(struct stream *s, uint64_t n, struct err *e)
{
	struct fd_stream *f = (struct fd_stream *)s;
	uint64_t left = f->len - f->at;

	(void)e;
	if (n > left)
		n = left;
	f->at += n;
	f->window = FD_CHUNK_SKIPPED;
	return (int64_t)n;
}

static int64_t fd_read_at(struct stream *s, uint64_t offset, void *buf, size_t len, struct err *e)
{
	const struct fd_stream *f = (struct fd_stream *)s;
	size_t done = 0;

	len = cut(f, offset, len);
	while (done < len) {
		ssize_t n =
			read_some(f, (char *)buf + done, len - done, f->start + offset + done, e);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (int64_t)done;
}

static void fd_close(struct stream *s)
{
	struct fd_stream *f = (struct fd_stream *)s;

	if (f->own)
		close(f->fd);
	mem_free(f->ring);
	mem_free(f);
}

static const struct stream_ops fd_ops = {
	.name = "file",
	.next = fd_next,
	.skip = fd_skip,
	.read_at = fd_read_at,
	.close = fd_close,
};

static const struct stream_ops pipe_ops = {
	.name = "pipe",
	.next = fd_next,
	.close = fd_close,
};

static int set_range(struct fd_stream *f, uint64_t offset, uint64_t len, struct err *e)
{
	struct stat st;
	uint64_t left;

	if (fstat(f->fd, &st) < 0)
		return err_set_errno(e, errno, "fstat");
	f->random = S_ISREG(st.st_mode);
	f->len = len;
	if (!f->random)
		return offset ? err_set(e, ERR_UNSUPPORTED,
					"an offset into what is no regular file")
			      : 0;
	left = (uint64_t)st.st_size > offset ? (uint64_t)st.st_size - offset : 0;
	f->start = offset;
	if (len > left)
		f->len = left;
	return 0;
}

struct stream *stream_open_fd(int fd, bool own, uint64_t offset, uint64_t len, struct err *e)
{
	struct fd_stream *f = mem_zero(1, sizeof(*f));
	char *ring = f ? mem_alloc((size_t)FD_RING * FD_CHUNK) : NULL;

	if (!ring) {
		mem_free(f);
		if (own)
			close(fd);
		ERR_NOMEM(e);
		return NULL;
	}
	*f = (struct fd_stream){.fd = fd, .own = own, .window = FD_CHUNK, .ring = ring};
	if (set_range(f, offset, len, e) < 0) {
		fd_close(&f->stream);
		return NULL;
	}
	stream_init(&f->stream, f->random ? &fd_ops : &pipe_ops, FD_RING);
	return &f->stream;
}
