/* Inside of the zip reader. */
#ifndef PLIMSOLL_ARCHIVE_ZIP_PARTS_H
#define PLIMSOLL_ARCHIVE_ZIP_PARTS_H

#include "archive/zip.h"
#include "base/cur.h"
#include "io/inflate.h"

enum {
	ZIP_WINDOW = 256 << 10, /* of the directory; more than its largest entry, 46 + 3 * 65535 */
	ZIP_LOCAL = 30,		/* fixed part of a local header */
	ZIP_CENTRAL = 46,
	ZIP_END = 22,
	ZIP_END64 = 56,
	ZIP_LOCATOR = 20,
};

enum {
	FLAG_ENCRYPTED = 1,
	FLAG_DESCRIPTOR = 8,
	FLAG_STRONG = 64,
	FLAG_UTF8 = 2048,
	FLAG_MASKED = 8192
};

struct zip {
	struct zip_source source;
	struct zip_options options;
	uint64_t base;	    /* of all offsets: bytes before the archive */
	uint64_t directory; /* where it is in the file */
	uint64_t directory_size;
	uint64_t count;
	bool count_is_16; /* stated in 16 bits only: 65,536 more are the same */

	uint64_t at; /* next entry, from the start of the directory */
	uint64_t index;
	char *window;
	uint64_t window_at;
	size_t window_len;

	struct buf packed; /* of zip_read */
	struct inflater *inflater;
	uint64_t unpacked; /* so far */
};

/* Exactly len bytes; ERR_TRUNCATED when the file ends before. */
int zip_read_exactly(struct zip *z, uint64_t offset, void *buf, size_t len, struct err *e);
/* Finds directory, size, count and base. */
int zip_find_directory(struct zip *z, struct err *e);

#endif
