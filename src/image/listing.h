/*
 * The listing of a folder source: made by the broker, who may look at names and attributes but
 *reads no content; handed over in a sealed memory file. Little endian, in the order of a walk that
 *enters each folder where it stands, names sorted by bytes:
 *
 *	"PLIMLST1"  u64 count  u64 offset of the text
 *	count records of 64 bytes, see struct listing_record
 *	text: names and link targets, borrowed by offset and length
 */
#ifndef PLIMSOLL_IMAGE_LISTING_H
#define PLIMSOLL_IMAGE_LISTING_H

#include "base/buf.h"
#include "model/entry.h"

enum listing_note {
	LISTING_PLAIN,
	LISTING_UNREADABLE, /* a folder that could not be opened: its entries are missing */
	LISTING_OTHER_KIND, /* a kernel file system is mounted here: not entered */
	LISTING_TOO_DEEP,   /* over the limit of path length or depth: not entered */
	LISTING_CUT,	    /* the listing ends here: limit of entries */
	LISTING_NOTES
};

struct listing_record {
	uint32_t depth; /* 1: at the root of the source */
	uint8_t type;	/* enum entry_type */
	uint8_t note;	/* enum listing_note */
	uint16_t mode;
	uint32_t uid, gid, dev_major, dev_minor;
	uint64_t size;
	int64_t mtime;
	uint64_t name, link; /* offset in the text << 16 | length */
	uint64_t parent;     /* number of the folder's record; UINT64_MAX: the root */
};

enum { LISTING_RECORD = 64, LISTING_HEAD = 24 };

/* --- writing: the broker --- */

struct listing_limits {
	uint64_t entries_max;
	uint32_t path_max, depth_max;
	volatile const int *interrupted; /* MAY */
};

/*
 * Lists the folder behind an open descriptor (which stays open) into a new sealed memory file.
 * ERR_CANCELLED when interrupted.
 */
int listing_make(int folder, const struct listing_limits *limits, int *ret_fd, uint64_t *ret_size,
		 struct err *e);
/* The path of a record, relative to the root, from the memory file; ERR_NOT_FOUND. */
int listing_path(int listing, uint64_t index, struct buf *ret_path, struct err *e);

/* --- reading: the worker --- */

struct listing {
	struct str data, text;
	uint64_t count, next;
	struct buf path;  /* of the present entry */
	VEC(size_t) ends; /* length of the path at each depth */
};

/* Borrows the data; everything in it is checked. */
int listing_open(struct listing *l, struct str data, struct err *e);
void listing_close(struct listing *l);
/* 1 an entry (slices valid until the next call), 0 the end, <0 malformed. */
int listing_next(struct listing *l, struct entry *ret, enum listing_note *ret_note, struct err *e);

#endif
