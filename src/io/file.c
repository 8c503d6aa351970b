#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fault.h"

int file_read(const char *path, size_t max, struct buf *ret, struct err *e)
{
	bool input = strcmp(path, "-") == 0;
	int fd = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), result = 0;
	ssize_t n;

	if (fd < 0)
		return err_set_errno(e, errno, "%s", path);
	for (;;) {
		char *p = buf_reserve(ret, 65536);

		if (!p) {
			result = ERR_NOMEM(e);
			break;
		}
		n = fault_hit(FAULT_READ) ? (errno = EIO, -1) : read(fd, p, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			result = err_set_errno(e, errno, "%s", path);
		if (n <= 0)
			break;
		buf_used(ret, (size_t)n);
		if (ret->len > max) {
			result = err_set(e, ERR_LIMIT, "%s: over %zu bytes", path, max);
			break;
		}
	}
	if (!input)
		close(fd);
	return result;
}
