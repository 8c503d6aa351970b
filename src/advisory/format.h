/*
 * The partition file, version 1 (docs/formats/database.md): what its reader and its writer share.
 *
 *	header | block, block, ... | tail | footer
 *
 * Blocks are zstd frames of sorted entries. The tail has the names, the filter, and for each block
 * its first key, its lengths and its checksum; the footer has the digest of the tail. So the 32
 *bytes of the tail's digest stand for every byte of the file, and a block is checked when it is
 *read.
 */
#ifndef PLIMSOLL_ADVISORY_FORMAT_H
#define PLIMSOLL_ADVISORY_FORMAT_H

#include "base/buf.h"
#include "base/cur.h"
#include "base/map.h"
#include "crypto/digest.h"
#include "model/advisory.h"

enum {
	PARTITION_VERSION = 1,
	PARTITION_HEADER = 16,	 /* magic, version, zero */
	PARTITION_FOOTER = 64,	 /* tail offset, tail length, digest, version, zero, magic */
	PARTITION_CHECKSUM = 16, /* of a block: the first bytes of its SHA-256 */
	PARTITION_FILTER_UNIT = 32,
	PARTITION_TAIL_MAX = 256 << 20,
	PARTITION_BLOCK_MAX = 4 << 20, /* of a block, unpacked */
	PARTITION_KEY_MAX = 4096,
	PARTITION_RECORD_MAX = 1 << 20, /* of one record, encoded */
	PARTITION_WORDS_MAX = 1024,
	PARTITION_FEEDS_MAX = 64,
};

extern const char partition_magic[8];

enum partition_kind {
	PARTITION_PKG, /* package name to advisories */
	PARTITION_CVE, /* id to severity, scores, title */
	PARTITION_EPSS,
	PARTITION_KEV,
	PARTITION_ALIAS,
	PARTITION_EOL, /* "debian/12" to days and code name */
	PARTITION_KINDS
};

/* By the name of the partition: "pkg/..." or one of "id/cve" and so on; PARTITION_KINDS for others.
 */
enum partition_kind partition_kind_of(struct str name);

/* --- keys --- */

/* The hash that places block boundaries and filter bits: FNV-1a of 64 bits, mixed (MurmurHash3
 * finalizer). */
uint64_t key_hash(struct str key);
/* Sets (tests) the eight bits of a hash in a filter of `units` units. */
void filter_add(uint8_t *filter, size_t units, uint64_t hash);
bool filter_test(const uint8_t *filter, size_t units, uint64_t hash);

/* --- records --- */

/*
 * Words that repeat in each record (feeds, sources of severities, lists of architectures) stand
 * once a file. With a NULL table, or a full one, they are written in full.
 */
struct words {
	VEC(struct str) list;
	struct map index;
	struct arena *arena; /* of the words */
};
void words_init(struct words *w, struct arena *arena);
void words_done(struct words *w);
void put_word(struct buf *b, struct words *w, struct str word);
/* Of `count` words; they may be none. */
struct str get_word(struct cur *c, const struct str *words, size_t count);

void put_str(struct buf *b, struct str s);
struct str get_str(struct cur *c);
/* "CVE-2024-0001" in three to five bytes, anything else in full. */
void put_id(struct buf *b, struct str id);
/* Makes the text in the arena; an empty slice and c->bad on failure. */
struct str get_id(struct cur *c, struct arena *a);
/* "2026-11-24" as days; anything else as unknown, read back as "". */
void put_day(struct buf *b, struct str day);
struct str get_day(struct cur *c, struct arena *a);

/*
 * One advisory without its package name (that is the key), title, evidence and score vector (they
 * stand in id/cve).
 */
void put_advisory(struct buf *b, struct words *words, const struct advisory *a);
/*
 * Slices point into the cursor's memory where they can, else into the arena. False when the bytes
 * are not a record: c->bad, or out of memory (ret_memory set).
 */
bool get_advisory(struct cur *c, const struct str *words, size_t word_count, struct arena *arena,
		  struct advisory *ret, bool *ret_memory);

#endif
