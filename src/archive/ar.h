/*
 * ar(5) archives as deb(5) uses them: a magic line, then members with a 60-byte header.
 */
#ifndef PLIMSOLL_ARCHIVE_AR_H
#define PLIMSOLL_ARCHIVE_AR_H

#include "base/err.h"
#include "base/str.h"

struct ar_member {
	char name[17];	       /* without trailing blanks and slash */
	uint64_t offset, size; /* of the body in the file */
};

/*
 * Reads the member headers of a seekable descriptor until `wanted` says true of one: 1 with it, 0
 * when there is none, <0: ERR_FORMAT, ERR_TRUNCATED, ERR_LIMIT (over 64 members), ERR_IO.
 */
int ar_find(int fd, bool (*wanted)(const struct ar_member *m), struct ar_member *ret,
	    struct err *e);

#endif
