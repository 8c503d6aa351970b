/*
 * Streams that stack: file, range of a file, memory, digest, codec, limit, tee. Pull, by chunk and
 * without copying: the reader at the top asks, each stage hands up a borrowed slice.
 *
 *	file -> digest (blob) -> gunzip -> limit (ratio) -> digest (diff_id) -> tar walk
 *
 * A chunk stays valid until `ring` further calls of stream_next on the same stream (ring >= 1), so
 * that a hash thread can lag behind the reader by ring-1 chunks (io/digest_stream.c).
 * Not thread-safe: one reader a stream.
 */
#ifndef PLIMSOLL_IO_STREAM_H
#define PLIMSOLL_IO_STREAM_H

#include "base/err.h"
#include "base/mem.h"
#include "crypto/digest.h"

struct stream;

struct stream_ops {
	const char *name;
	/*
	 * MUST. The next bytes, never empty before the end: 1 with a chunk, 0 at the end (again and
	 * again), <0 with an error (again and again).
	 */
	int (*next)(struct stream *s, struct str *ret_chunk, struct err *e);
	/*
	 * MAY. Drops n bytes without reading them (seek); gives how many, fewer only at the end, or
	 * <0. NULL: the stream is read and forgotten by stream_skip.
	 */
	int64_t (*skip)(struct stream *s, uint64_t n, struct err *e);
	/*
	 * MAY. Reads exactly at an offset from the start of the stream, without moving it; bytes
	 * read (short at the end) or <0. NULL: not random.
	 */
	int64_t (*read_at)(struct stream *s, uint64_t offset, void *buf, size_t len, struct err *e);
	/* MUST. Frees the stream and, where it owns it, the one below. */
	void (*close)(struct stream *s);
};

enum { STREAM_PEEK = 512 };

struct stream {
	const struct stream_ops *ops;
	unsigned ring;	   /* how many of the last chunks stay valid, >= 1 */
	uint64_t position; /* bytes handed up so far, pushed-back bytes deducted */
	struct str rest;   /* pushed back or left over from stream_read; served first */
	/* the rest is stream.c's own */
	struct str after;   /* served behind rest: the chunk that a joined head ends in */
	char *head;	    /* a head joined from several chunks (stream_peek), owned */
	int state;	    /* 1 more may come, 0 ended, -1 failed with `failure` */
	struct err failure; /* so that a failed stream fails again and again */
};

/* For who makes a stream: `s` is embedded first in the maker's own struct. */
void stream_init(struct stream *s, const struct stream_ops *ops, unsigned ring);

/* 1, 0 or <0 as stream_ops.next; serves what was pushed back first. */
int stream_next(struct stream *s, struct str *ret_chunk, struct err *e);
/* stream_next as a callback for readers that pull (text/json.h); the context is the stream. */
static inline int stream_pull(void *stream, struct str *ret_chunk, struct err *e)
{
	return stream_next((struct stream *)stream, ret_chunk, e);
}
/* Gives back the tail of the last chunk; it must be a suffix of it. */
void stream_push_back(struct stream *s, struct str tail);
/*
 * Shows the next `want` bytes (at most STREAM_PEEK) without taking them; fewer only at the end. The
 * slice is valid until the next call.
 */
int stream_peek(struct stream *s, size_t want, struct str *ret_head, struct err *e);
/* Fills buf; bytes read, short only at the end of the stream; <0 on error. */
int64_t stream_read(struct stream *s, void *buf, size_t len, struct err *e);
/* Drops n bytes; ERR_TRUNCATED when the stream ends before. */
int stream_skip(struct stream *s, uint64_t n, struct err *e);
/* As stream_skip, but the end is no error: gives how many bytes were dropped (n <= INT64_MAX). */
int64_t stream_drop(struct stream *s, uint64_t n, struct err *e);
/* Reads to the end into an arena: ERR_LIMIT beyond max. */
int stream_read_all(struct stream *s, struct arena *a, size_t max, struct str *ret, struct err *e);
static inline bool stream_is_random(const struct stream *s)
{
	return s->ops->read_at != 0;
}
/* Accepts NULL. */
void stream_close(struct stream *s);
void stream_close_ptr(struct stream **s); /* for CLEANUP */

/* --- the bottom ------------------------------------------------------------------------------ */

/*
 * Bytes [offset, offset+len) of a descriptor; len UINT64_MAX: to the end. Regular files are read
 * with pread (many streams may share one), random and skippable; anything else with read, offset 0.
 * `own` closes the descriptor, also on failure. Chunks of 256 KiB; small reads after a skip (4 KiB,
 * growing while nothing is skipped) so that a walk over plain tar headers does not drag bodies in.
 */
struct stream *stream_open_fd(int fd, bool own, uint64_t offset, uint64_t len, struct err *e);
/* Borrowed memory, random. */
struct stream *stream_open_memory(struct str data, struct err *e);

/* --- the stages: each owns the stream below it, also when opening fails ----------------------- */

/*
 * Computes a digest of what passes. With `thread` the hashing runs in a thread of its own beside
 * the reader (in the reader where none can be started). skip() reads. After the end of the stream,
 * digest_stream_get gives the digest and the number of bytes; before it (or after an error) it
 * fails.
 */
struct stream *stream_open_digest(struct stream *below, enum digest_algorithm algorithm,
				  bool thread, struct err *e);
/* The digest is not wanted any more: what still passes is not hashed, digest_stream_get fails. */
void digest_stream_drop(struct stream *s);
int digest_stream_get(struct stream *s, struct digest *ret_digest, uint64_t *ret_bytes,
		      struct err *e);

/* ERR_LIMIT once more than max bytes passed. */
struct stream *stream_open_limit(struct stream *below, uint64_t max, struct err *e);

/* --- codecs: a family, codecs.def ------------------------------------------------------------- */

enum { CODEC_HEAD = 32 };

struct codec {
	const char *name;   /* MUST: "gzip", "zstd", "xz", "bzip2", "none" */
	const char *suffix; /* MUST: ".gz" */
	/* MUST: true when the first bytes (CODEC_HEAD, fewer at the end) are of this form */
	bool (*probe)(struct str head);
	/*
	 * MUST: a stream of the decoded bytes; all members or frames in a row, skippable zstd
	 * frames skipped; junk behind the last member is ERR_FORMAT, a cut stream ERR_TRUNCATED;
	 * checksums verified. Owns below, also on failure.
	 */
	struct stream *(*open)(struct stream *below, struct budget *budget, struct err *e);
};

/* NULL when none matches (plain bytes). `head` is the start of the data. */
const struct codec *codec_probe(struct str head);
const struct codec *codec_find(const char *name);
extern const struct codec *const codecs[]; /* NULL-ended, sorted by name */
/*
 * Looks at the head and stacks the codec on it (or gives `below` itself; ret_codec is "none" then).
 * Owns below, also on failure. ret_codec may be NULL.
 *
 * Memory a stream, charged to the budget: a ring of 1 MiB for the output, and gzip 0.1 MiB, bzip2
 * 3.7 MiB, zstd its window (at most 128 MiB, what `zstd` itself takes without --long; beyond:
 * ERR_LIMIT), xz its dictionary (at most 128 MiB, `xz -9` has 64).
 */
struct stream *stream_open_decoded(struct stream *below, struct budget *budget,
				   const struct codec **ret_codec, struct err *e);

/*
 * Bytes of a raw deflate stream, which ends where its last block ends: what is left of `below` is
 * not looked at. For zip members.
 */
struct stream *stream_open_inflate(struct stream *below, struct budget *budget, struct err *e);

/*
 * Fails with ERR_LIMIT when the output is over `ratio` times the input once `grace` bytes (1 GiB)
 * passed: decision 9. `input` is the stream whose position counts as input.
 */
struct stream *stream_open_ratio(struct stream *below, struct stream *input, unsigned ratio,
				 uint64_t grace, struct err *e);

#endif
