/*
 * What this program is and what is built into it.
 */
#ifndef PLIMSOLL_CLI_VERSION_H
#define PLIMSOLL_CLI_VERSION_H

#include "base/buf.h"

#define PLIMSOLL_VERSION "0.1.0"

/* "plimsoll 0.1.0", and with `features` a line for every member of every family, or why it is
 * missing. */
void version_text(bool features, struct buf *out);

#endif
