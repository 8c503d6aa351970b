/*
 * What there is in a database folder, and whether it is whole.
 */
#ifndef PLIMSOLL_ADVISORY_MANAGE_H
#define PLIMSOLL_ADVISORY_MANAGE_H

#include "advisory/database.h"

/* Feeds with their dates and age at `now`, partitions with their records: text for people. */
int db_status(const char *path, int64_t now, struct buf *out, struct err *e);
/* The same as JSON. */
int db_status_json(const char *path, int64_t now, struct buf *out, struct err *e);
/*
 * Reads every byte of every partition against its digests. Text for people, one line a partition;
 * <0 with ERR_DIGEST when one is damaged, after all were looked at.
 */
int db_verify(const char *path, struct buf *out, struct err *e);

/* For tables: "1,234,567"; "12 KiB". Both return room. */
const char *text_grouped(uint64_t n, char room[32]);
const char *text_bytes(uint64_t n, char room[32]);
void partition_table(const struct database_index *index, struct buf *out);

#endif
