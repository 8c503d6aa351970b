/*
 * zip (PKWARE APPNOTE 6.3), by its central directory, zip64 included. Members are stored or
 *deflated; their checksums and lengths are verified. No recursion, memory bounded, linear: members
 *that share bytes, as in a zip bomb, are refused.
 *
 *	z = zip_open(stream, size, e);
 *	while ((r = zip_next(z, &entry, e)) > 0)
 *		if (wanted(entry.name) && (member = zip_member(z, e)))
 *			...
 */
#ifndef PLIMSOLL_ARCHIVE_ZIP_H
#define PLIMSOLL_ARCHIVE_ZIP_H

#include "io/stream.h"

struct zip;

struct zip_entry {
	struct str name; /* as stored; valid until the next call of zip_next */
	bool folder;	 /* the name ends in a slash */
	uint64_t size, packed_size;
	uint32_t crc;
	int64_t time;	 /* local time of the packer taken as UTC, seconds; 0 unknown */
	uint64_t offset; /* of the local header */
};

/* The first four bytes of a zip with members, or of an empty one. */
bool zip_probe(struct str head);
/*
 * A random stream of `size` bytes; borrowed. Finds the directory at its end: ERR_FORMAT,
 * ERR_TRUNCATED (no end record), ERR_UNSUPPORTED for one in several volumes.
 */
struct zip *zip_open(struct stream *s, uint64_t size, struct err *e);
/* Accepts NULL; members must be closed before. */
void zip_close(struct zip *z);
uint64_t zip_count(const struct zip *z);
/* 1 the next member of the directory, 0 behind the last, <0. */
int zip_next(struct zip *z, struct zip_entry *ret, struct err *e);
/*
 * The content of the last member of zip_next. NULL: ERR_FORMAT when directory and local header
 * differ, ERR_UNSUPPORTED for encryption and other methods. At its end a wrong length or checksum
 * is an error.
 */
struct stream *zip_member(struct zip *z, struct err *e);

#endif
