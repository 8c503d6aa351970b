/*
 * A partition inside the module: shared by its reader and its verifier.
 */
#ifndef PLIMSOLL_ADVISORY_PARTITION_H
#define PLIMSOLL_ADVISORY_PARTITION_H

#include <errno.h>

#include "advisory/database.h"
#include "advisory/format.h"

struct partition_block {
	struct str key; /* first */
	uint64_t offset;
	uint32_t len, raw;
	struct str checksum;
};

struct partition {
	int fd;
	struct arena arena;   /* the tail and what was parsed of it */
	struct arena scratch; /* one record at a time */
	uint64_t size, tail_offset;
	uint8_t root[32];
	struct str tail;
	struct str name, comparator;
	enum partition_kind kind;
	uint64_t records, keys;
	struct partition_feed *feeds;
	size_t feed_count;
	struct str *words;
	size_t word_count;
	const uint8_t *filter;
	size_t units;
	struct partition_block *blocks;
	size_t block_count;
	char digest[DIGEST_TEXT];
	struct buf packed, raw; /* of the block being looked at */
	struct ZSTD_DCtx_s *zstd;
	struct hasher *hasher;

	bool memory; /* records given instead of a file */
	const struct advisory *given;
	uint32_t *order; /* of them, by package */
};

/* The entries of a block, one after another; the key lives here. Start with key_len 0. */
struct partition_entry {
	char key[PARTITION_KEY_MAX];
	size_t key_len;
	uint64_t count; /* records */
	struct str body;
};
/* False at the end, and when it is malformed (c->bad). */
bool entry_next(struct cur *c, struct partition_entry *entry);

/* For messages: the name, or what it would be. */
#define PARTITION_ARG(p) STR_ARG((p)->name.len ? (p)->name : STR("database partition"))

/* Without anything in it; NULL without memory. */
struct partition *partition_new(struct budget *budget);

/* A block, checked and unpacked; valid until the next call. */
int partition_load(struct partition *p, const struct partition_block *b, struct str *ret,
		   struct err *e);
int partition_hash(const struct partition *p, struct digest *ret, struct err *e);

#endif
