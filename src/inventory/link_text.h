/*
 * The text of a symlink as the library of the container runtime's applier reads it (continuity's
 * fs.RootPath over Go's filepath.Join): a/x/../b is a/b wherever x leads. The kernel follows x.
 */
#ifndef PLIMSOLL_INVENTORY_LINK_TEXT_H
#define PLIMSOLL_INVENTORY_LINK_TEXT_H

#include "base/buf.h"

/* Into out, which is cleared: no "." and no "name/..", leading ".." stay. <0 without memory. */
int link_clean(struct str target, struct buf *out);

#endif
