/* Inside of the tar reader: a header block, pax records, a sparse map, the state of the walk. */
#ifndef PLIMSOLL_ARCHIVE_TAR_PARTS_H
#define PLIMSOLL_ARCHIVE_TAR_PARTS_H

#include "archive/tar.h"
#include "base/buf.h"

enum { TAR_BLOCK = 512 };

/* --- one header block (tar_header.c) --- */

enum tar_magic { TAR_V7, TAR_USTAR, TAR_STAR, TAR_GNU };

/* Slices of the block. */
struct tar_header {
	enum tar_magic magic;
	char type;
	struct str name, prefix, link;
	int64_t size, mode, uid, gid, mtime, dev_major, dev_minor;
	uint64_t odd; /* 1 << TAR_ODD_... seen in the block itself */
};

bool tar_is_zero_block(const char *block);
/* Octal or base-256 as Go reads a header field; false when it is no number or does not fit. */
bool tar_number(struct str field, int64_t *ret);
/* NULL, or what is wrong with the block. */
const char *tar_header_parse(const char *block, struct tar_header *ret);
/* Some types never have a body, whatever their size says. */
bool tar_type_without_body(char type);

/* --- pax records (tar_pax.c) --- */

/* Data NULL: absent; a later record of the same key replaces the earlier. Slices of the records. */
struct tar_pax {
	bool any;
	struct str path, linkpath, size, uid, gid, mtime, atime, ctime;
	struct str sparse_major, sparse_minor, sparse_name, sparse_size, sparse_realsize,
		sparse_map, sparse_numblocks;
	struct str capability;
	bool xattrs;
	bool schily_size;
	bool empty;   /* a record that matters has no value */
	bool matters; /* some record changes how an entry is read */
};

/*
 * `pairs` takes the offsets and lengths of sparse format 0.0, as int64_t in turn. NULL, or what is
 * wrong with the records.
 */
const char *tar_pax_parse(struct str records, struct tar_pax *ret, struct buf *pairs);
/* A decimal with a sign, as Go's ParseInt. */
bool tar_decimal(struct str s, int64_t *ret);
/* "seconds.fraction": the seconds. */
bool tar_pax_time(struct str s, int64_t *ret);

/* --- the sparse map (tar_sparse.c) --- */

/* A run of data: in the content, and in the body as stored. */
struct tar_span {
	uint64_t offset, len, stored;
};

struct tar {
	struct stream *s;
	struct tar_options options;
	uint64_t start; /* of the archive in the stream */
	uint64_t at;	/* of the present header, from start */

	struct buf meta;      /* pax records */
	struct buf pairs;     /* of sparse format 0.0 */
	struct buf long_name; /* GNU long name and link, up to their NUL */
	struct buf long_link;
	struct tar_pax pax;
	bool has_long_name, has_long_link;

	struct buf path, clean, link, clean_link; /* of the present entry */
	uint64_t left;				  /* of the present body in the stream */
	unsigned pad;				  /* behind it */
	bool sparse;
	struct buf map;	    /* struct tar_span, when sparse */
	size_t span;	    /* next or present one */
	uint64_t size, pos; /* of the content, and what was read of it */
	uint64_t body_at;   /* in the stream, from its own start */
	uint64_t body_size;
	uint64_t holes; /* of all sparse files so far */

	struct tar_end end;
	bool ended;
	size_t odd[TAR_ODDITIES];
};

int tar_fail(const struct tar *t, enum err_code code, const char *what, struct err *e);
void tar_odd(struct tar *t, enum tar_oddity odd, struct str path);

static inline const struct tar_span *tar_spans(const struct tar *t)
{
	return (const struct tar_span *)(const void *)t->map.data;
}

static inline size_t tar_span_count(const struct tar *t)
{
	return t->map.len / sizeof(struct tar_span);
}

/*
 * Reads the map of the present entry, if it has one, and sets size, sparse and the name that sparse
 * files carry in their records. `block` is the header, for the old GNU form.
 */
int tar_read_sparse(struct tar *t, const struct tar_header *h, const char *block, struct str *name,
		    struct err *e);

#endif
