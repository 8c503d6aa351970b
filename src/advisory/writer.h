/*
 * Writes one partition file from entries in the order of their keys. The same entries give the same
 * bytes (with the same libzstd).
 */
#ifndef PLIMSOLL_ADVISORY_WRITER_H
#define PLIMSOLL_ADVISORY_WRITER_H

#include "advisory/format.h"

struct partition_writer;

struct partition_facts {
	struct str name, comparator;
	struct str *feeds; /* names, sorted */
	size_t feed_count;
};

struct partition_result {
	struct digest digest; /* of the whole file */
	struct digest root;   /* of its tail */
	uint64_t size, records, keys, blocks;
};

/* Writes to fd from its present position on; does not own it. */
int partition_writer_open(int fd, const struct partition_facts *facts,
			  struct partition_writer **ret, struct err *e);
/* The table that records of this file are encoded with. */
struct words *partition_writer_words(struct partition_writer *w);
/*
 * A key with all its records, encoded, in the order in which readers get them. Keys go up
 * (str_cmp).
 */
int partition_writer_add(struct partition_writer *w, struct str key, const struct str *records,
			 size_t count, struct err *e);
/* Writes the tail. The file is not synced. */
int partition_writer_end(struct partition_writer *w, struct partition_result *ret, struct err *e);
/* Accepts NULL. */
void partition_writer_close(struct partition_writer *w);

/* write(2) of all bytes, with the fault hook of the tests; ERR_IO. */
int file_write_all(int fd, struct str bytes, struct err *e);
/* pread(2) of exactly that many bytes; ERR_TRUNCATED when the file ends before. */
int file_read_at(int fd, void *bytes, size_t len, uint64_t offset, struct err *e);

#endif
