/*
 * What the readers of this module need once a process.
 */
#ifndef PLIMSOLL_BINARY_BINARY_H
#define PLIMSOLL_BINARY_BINARY_H

#include "base/err.h"

/*
 * Starts SQLite with this program's allocator and in-memory file system, so that reading a database
 * later makes no system call but for memory and locks. Call once, before confinement and before the
 * first thread; further calls do nothing.
 */
int binary_init(struct err *e);

#endif
