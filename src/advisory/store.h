/*
 * The writer's side of a database folder: made, locked, replaced at once, swept.
 */
#ifndef PLIMSOLL_ADVISORY_STORE_H
#define PLIMSOLL_ADVISORY_STORE_H

#include "advisory/files.h"

struct store {
	int dir;  /* the folder */
	int lock; /* held until store_close */
};

/*
 * Makes the folder where it is absent and takes its lock. ERR_USAGE when it holds something that is
 * no database; ERR_LIMIT when another build holds the lock.
 */
int store_open(const char *path, struct store *ret, struct err *e);
void store_close(struct store *s);
/*
 * Gives the blobs of a build their names, replaces the index, and removes what the new index does
 * not name. Until the index is replaced nothing of the old database is touched.
 */
int store_commit(struct store *s, const struct build_files *files, struct err *e);

#endif
