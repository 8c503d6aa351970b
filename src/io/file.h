/*
 * Small files of the person who runs the program.
 */
#ifndef PLIMSOLL_IO_FILE_H
#define PLIMSOLL_IO_FILE_H

#include "base/buf.h"

/* A whole file, or standard input for "-"; ERR_LIMIT over max bytes. Free with buf_done. */
int file_read(const char *path, size_t max, struct buf *ret, struct err *e);

#endif
