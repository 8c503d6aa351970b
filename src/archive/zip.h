/*
 * zip by its central directory, over random access: what unpackers and the Java machine read.
 * Entries are walked without keeping the directory in memory; bodies (stored or deflated) are read
 * whole or as a stream, their CRC and size checked.
 *
 * The directory is the truth. A local header that says otherwise is DIAG_ambiguous_archive (a
 * reader that streams takes that one); it is met when the body is opened.
 *
 * An encrypted entry or an unknown method is ERR_UNSUPPORTED for that entry alone.
 */
#ifndef PLIMSOLL_ARCHIVE_ZIP_H
#define PLIMSOLL_ARCHIVE_ZIP_H

#include "base/buf.h"
#include "base/diag.h"
#include "io/stream.h"

/* Where the bytes are; it must live as long as the zip. */
struct zip_source {
	/* As stream_ops.read_at: bytes read, short only at the end, or <0. */
	int64_t (*read_at)(void *context, uint64_t offset, void *buf, size_t len, struct err *e);
	void *context;
	uint64_t size;
};
/* Of memory that lives as long: `data` is the context. */
struct zip_source zip_source_memory(const struct str *data);
/* Of a random stream (stream_is_random) of known size. */
struct zip_source zip_source_stream(struct stream *s, uint64_t size);

struct zip_options {
	struct budget *budget;
	struct diags *diags;
	int layer;	      /* for diagnostics */
	struct str path;      /* of the zip itself, for diagnostics */
	bool strict;	      /* a local header that disagrees is ERR_FORMAT */
	uint64_t entries_max; /* ERR_LIMIT */
	size_t name_max;      /* bytes; longer is ERR_LIMIT */
	/*
	 * All that was unpacked together, ERR_LIMIT when over `ratio` times the file once past
	 * grace: entries that share their bytes count each time.
	 */
	unsigned ratio;
	uint64_t grace;
};
/* 2,000,000 entries, names of 4,096 bytes, 200 times past 1 GiB; layer -1. */
extern const struct zip_options zip_options_default;

enum { ZIP_STORED = 0, ZIP_DEFLATED = 8 };

struct zip_entry {
	struct str name; /* as in the directory: raw bytes, perhaps with a leading '/' or ".." */
	uint64_t index;	 /* in the directory */
	uint64_t offset; /* of the local header, in the file */
	uint64_t packed, size;
	uint32_t crc;
	int64_t time; /* of the packer's clock, taken as UTC; 0 unknown */
	uint16_t method, flags;
	uint16_t mode; /* Unix permission bits where made on Unix, else 0 */
	bool folder;   /* the name ends in '/' */
	bool symlink;  /* made on Unix as a link: the body is its target */
	bool encrypted;
	bool utf8; /* the name is said to be UTF-8 */
};

struct zip;

/* The source's struct is copied. ERR_FORMAT: no zip; ERR_TRUNCATED: its directory is cut short. */
struct zip *zip_open(const struct zip_source *source, const struct zip_options *options,
		     struct err *e);
/* Accepts NULL. */
void zip_close(struct zip *z);

/* How many entries the directory says it has. */
uint64_t zip_count(const struct zip *z);
/* Bytes before the archive itself: a start script, a program. */
uint64_t zip_prefix(const struct zip *z);

/* 1 the next entry of the directory, 0 its end, <0. The name is valid until the next call. */
int zip_next(struct zip *z, struct zip_entry *ret, struct err *e);
/* Back to the first entry. */
void zip_rewind(struct zip *z);
/* Rewinds and looks for the first entry of that name: 1, 0 when there is none, <0. */
int zip_find(struct zip *z, struct str name, struct zip_entry *ret, struct err *e);

/*
 * The whole body into `to` (emptied first). ERR_LIMIT when its stated size is over max, before
 * anything is read; ERR_FORMAT when it is not what the directory says.
 */
int zip_read(struct zip *z, const struct zip_entry *entry, size_t max, struct buf *to,
	     struct err *e);
/* The body as a stream, closed before the zip. Errors of its check come at its end. */
struct stream *zip_open_body(struct zip *z, const struct zip_entry *entry, struct err *e);

/* True when the bytes begin like a zip: a local header, or the end of an empty one. */
bool zip_probe(struct str head);

#endif
