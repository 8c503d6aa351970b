/*
 * SQLite's write-ahead log: which of its frames SQLite will use. SQLite passes over the others
 * without a word.
 */
#ifndef PLIMSOLL_BINARY_SQLITE_WAL_H
#define PLIMSOLL_BINARY_SQLITE_WAL_H

#include "base/diag.h"

/*
 * Checks header and frames (salts, checksums, commits) as SQLite's recovery does and reports what
 * it would not use: DIAG_wal_ignored, or DIAG_wal_leftover for frames of an earlier use of the log,
 * which were copied into the database before the log was begun anew. `page_size` is the database's.
 */
void sqlite_wal_check(struct str wal, uint32_t page_size, struct diags *diags,
		      struct diag_place place);

#endif
