/*
 * Output files appear whole or not at all: bytes go to a file without a name in the same folder,
 * which gets its name by rename once everything is written and synced. A process that dies before
 * leaves nothing behind (where the file system has no O_TMPFILE, a ".NAME.xxxxxxxx.tmp" at worst).
 * "-" is standard output. What exists and is no regular file (a terminal, a pipe, /dev/null) is
 * written directly; a symlink is followed, so that its target is replaced and the link stays.
 */
#ifndef PLIMSOLL_IO_OUTFILE_H
#define PLIMSOLL_IO_OUTFILE_H

#include "base/err.h"
#include "base/str.h"

struct outfile;

/* NULL on failure. */
struct outfile *outfile_open(const char *path, struct err *e);
/* Buffered. Fails again and again once it failed. */
int outfile_write(struct outfile *o, struct str bytes, struct err *e);
/* outfile_write as a callback: the context is the outfile. */
static inline int outfile_put(void *outfile, struct str bytes, struct err *e)
{
	return outfile_write((struct outfile *)outfile, bytes, e);
}
/*
 * Writes what is buffered, syncs and gives the file its name; the permissions are those of the file
 * it replaces, else 0666 less the umask. Frees o, also on failure: then nothing has appeared.
 */
int outfile_commit(struct outfile *o, struct err *e);
/* Drops all. Accepts NULL. */
void outfile_abort(struct outfile *o);
void outfile_abort_ptr(struct outfile **o); /* for CLEANUP */

#endif
