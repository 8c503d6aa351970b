#include "archive/ar.h"

#include <errno.h>
#include <unistd.h>

#include "base/cur.h"

enum { HEADER = 60, MEMBERS_MAX = 64 };

static int read_at(int fd, uint64_t offset, char *out, size_t len, struct err *e)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(fd, out + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(e, errno, "ar");
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (int)done;
}

static int parse_header(struct str header, uint64_t offset, struct ar_member *ret, struct err *e)
{
	struct cur c = cur_of(header);
	struct str name = str_trim(cur_take(&c, 16)), size;

	cur_skip(&c, 12 + 6 + 6 + 8);
	size = str_trim(cur_take(&c, 10));
	if (!str_eq(cur_take(&c, 2), STR("`\n")) || !str_parse_u64(size, &ret->size) ||
	    ret->size > INT64_MAX / 2)
		return err_set(e, ERR_FORMAT, "ar: offset %llu: not a member header",
			       (unsigned long long)offset);
	if (str_ends(name, STR("/")))
		name.len--;
	memset(ret->name, 0, sizeof(ret->name));
	memcpy(ret->name, name.data, name.len);
	ret->offset = offset + HEADER;
	return 0;
}

int ar_find(int fd, bool (*wanted)(const struct ar_member *m), struct ar_member *ret, struct err *e)
{
	char header[HEADER];
	uint64_t at = 8;
	int n = read_at(fd, 0, header, 8, e);

	if (n < 0)
		return -1;
	if (n != 8 || memcmp(header, "!<arch>\n", 8) != 0)
		return err_set(e, ERR_FORMAT, "ar: not an ar archive");
	for (int members = 0; members < MEMBERS_MAX; members++) {
		struct ar_member m;

		n = read_at(fd, at, header, HEADER, e);
		if (n <= 0)
			return n;
		if (n != HEADER)
			return err_set(e, ERR_TRUNCATED, "ar: offset %llu: cut short",
				       (unsigned long long)at);
		if (parse_header(str_make(header, HEADER), at, &m, e) < 0)
			return -1;
		if (wanted(&m)) {
			*ret = m;
			return 1;
		}
		/* bodies are padded to an even length */
		at = m.offset + m.size + (m.size & 1);
	}
	return err_set(e, ERR_LIMIT, "ar: more than %d members", MEMBERS_MAX);
}
