/*
 * SQLite over bytes in memory: a file system of two read-only files (a database and its write-ahead
 * log) and an allocator that charges the scan's budget. For hostile databases: see sqlite_open.
 */
#ifndef PLIMSOLL_BINARY_SQLITE_MEMORY_H
#define PLIMSOLL_BINARY_SQLITE_MEMORY_H

#include <sqlite3.h>

#include "base/mem.h"

struct sqlite_memory {
	struct str main;
	struct str wal; /* data NULL: there is none; served as an empty file */
	/*
	 * main is served as at least so long, zeros behind its end: SQLite refuses a file that is
	 * shorter than its header says, whole.
	 */
	uint64_t main_size;
	struct budget *budget;
	size_t max; /* bytes SQLite may allocate */
	size_t used;
	bool over_max;	/* an allocation failed for max */
	uint64_t steps; /* virtual machine instructions left, in thousands */
};

/*
 * Opens for this thread; `m` must outlive the connection, and one thread has one open at a time.
 * The connection is hardened: defensive, no trusted schema, no attached files, no extensions, small
 * limits, checked cells, and statements are cut off after m->steps.
 */
int sqlite_open(struct sqlite_memory *m, sqlite3 **ret, struct err *e);
/* Accepts NULL. */
void sqlite_close(struct sqlite_memory *m, sqlite3 *db);

/* err_set for a result code of SQLite: memory, limit, else format. */
int sqlite_err(const struct sqlite_memory *m, sqlite3 *db, int code, struct err *e,
	       const char *what);

#endif
