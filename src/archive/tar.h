/*
 * tar, read as the container runtime reads it: containerd's applier over Go's archive/tar (decision
 *3 of ARCHITECTURE). docs/formats/tar.md has the table of what common readers take differently,
 *whom we follow and what is said about it; tar_oddities.def is its list.
 *
 *	struct tar *t = tar_open(stream, &options, e);
 *	while ((r = tar_next(t, &entry, e)) > 0)
 *		while ((r = tar_read_chunk(t, &chunk, e)) > 0)
 *			...
 *	tar_finish(t, &end, e)
 *
 * Pull, one pass, no recursion, memory bounded by the options. A body that is not read is skipped:
 *by seeking where the stream can.
 *
 * What the runtime refuses is an error (ERR_FORMAT), and what is cut short ERR_TRUNCATED, both with
 * the offset; entries until then were valid. What it takes, but another common reader takes
 * otherwise, is an oddity of class gap: DIAG_ambiguous_archive. A harmless oddity is a note:
 * DIAG_archive_note, said once a kind and archive.
 */
#ifndef PLIMSOLL_ARCHIVE_TAR_H
#define PLIMSOLL_ARCHIVE_TAR_H

#include "base/diag.h"
#include "io/stream.h"
#include "model/entry.h"

enum tar_oddity {
#define ODDITY(name, class, text) TAR_ODD_##name,
#include "archive/tar_oddities.def"
#undef ODDITY
	TAR_ODDITIES
};
const char *tar_oddity_name(enum tar_oddity odd);
const char *tar_oddity_text(enum tar_oddity odd);
/* DIAG_NOTE or DIAG_GAP */
enum diag_class tar_oddity_class(enum tar_oddity odd);

struct tar_options {
	struct budget *budget; /* NULL: unlimited */
	struct diags *diags;   /* NULL: oddities are only counted */
	int layer;	       /* for diagnostics, -1: none */
	/*
	 * A longer path (or link), or more folders, is the gap path_limit, and its entry is stepped
	 * over.
	 */
	size_t path_max;
	unsigned depth_max;
	size_t meta_max; /* pax records or a GNU long name, bytes: ERR_LIMIT; Go has 1 MiB */
	/*
	 * Holes of sparse files count as inflated bytes: ERR_LIMIT when over `hole_ratio` times the
	 * archive read so far, once past hole_grace. The ratio stream below cannot see them.
	 */
	unsigned hole_ratio;
	uint64_t hole_grace;
};
/* 4,096 bytes, 256 folders, 1 MiB, 200 times past 1 GiB; layer -1. */
extern const struct tar_options tar_options_default;

struct tar_entry {
	/*
	 * path is clean: components joined by '/', none empty, "." or ".."; ".." was applied to the
	 * text, at the root without effect. "" is the root itself (the runtime passes over such an
	 * entry). size is that of the content, holes of sparse files included, 0 but for files.
	 */
	struct entry entry;
	struct str
		raw_path; /* as the runtime reads it, before cleaning: "./", "/", ".." as found */
	struct str raw_link; /* as found; also of hardlinks */
	char type;	     /* the header's type letter; '\0' as found */
	bool sparse;
	bool pax;	       /* there were pax records for it */
	bool dotdot;	       /* raw_path or a hardlink's target has a ".." component */
	bool xattrs;	       /* there are extended attributes */
	struct str capability; /* raw value of security.capability, or empty */
	uint64_t body_offset; /* of the body in the stream given to tar_open, map blocks excluded */
	uint64_t body_size;   /* in the archive: less than entry.size when sparse */
};

struct tar;

/* Borrows the stream, from its present position on; offsets count from there. */
struct tar *tar_open(struct stream *s, const struct tar_options *options, struct err *e);
/* Accepts NULL; the stream stays open. */
void tar_close(struct tar *t);

/* 1 an entry, 0 the end of the archive, <0. Slices of the entry are valid until the next call. */
int tar_next(struct tar *t, struct tar_entry *ret, struct err *e);
/* The next bytes of the content, holes as zeros: 1, 0 at its end, <0. Valid until the next call. */
int tar_read_chunk(struct tar *t, struct str *ret_chunk, struct err *e);
/* The whole content (from its start) into an arena; ERR_LIMIT over max, before anything is read. */
int tar_read_all(struct tar *t, struct arena *a, size_t max, struct str *ret, struct err *e);
/*
 * Random access to the content of the present entry, without moving: only where the stream is
 * random. Bytes read, short at the end of the content.
 */
bool tar_is_random(const struct tar *t);
int64_t tar_read_at(struct tar *t, uint64_t offset, void *buf, size_t len, struct err *e);

/* What stands behind the end of the archive, where the runtime does not look. */
struct tar_end {
	bool marker;	   /* two zero blocks; false: the stream just ended */
	uint64_t offset;   /* where the end marker begins, or the end */
	uint64_t trailing; /* bytes behind it, the marker not counted */
	uint64_t nonzero;  /* offset of the first that is not zero; UINT64_MAX: none */
	/* all that is not zero is one regular file "stargz.index.json", the index of an estargz
	 * layer */
	bool only_stargz_index;
};
/*
 * After tar_next gave 0: reads the stream to its end, as its digest needs, and says what was there.
 * Reports nothing by itself: whether trailing data is a gap is the caller's to judge.
 */
int tar_finish(struct tar *t, struct tar_end *ret, struct err *e);

/* How often an oddity was met so far. */
size_t tar_oddity_count(const struct tar *t, enum tar_oddity odd);
/* Offset of the header that is being read or was read last. */
uint64_t tar_offset(const struct tar *t);

/*
 * True when the first 512 bytes look like the start of a tar: a header whose checksum is right, or
 * the zero blocks of an empty one.
 */
bool tar_probe(struct str head);

/*
 * The text form of cleaning, as filepath.Clean with ".." stopped at the root: into out (at least
 * path.len bytes); gives the length. *ret_dotdot is set (not cleared) when there was a "..".
 */
size_t tar_clean_path(struct str path, char *out, bool *ret_dotdot);

#endif
