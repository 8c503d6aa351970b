/*
 * All wanted paths of all inspectors, compiled once so that an entry that nobody wants costs two
 * look-ups of short strings.
 */
#ifndef PLIMSOLL_INSPECT_GLOB_INDEX_H
#define PLIMSOLL_INSPECT_GLOB_INDEX_H

#include "inspect/inspector.h"

struct glob_index;

struct glob_index *glob_index_new(const struct inspector *const *list, struct err *e);
void glob_index_free(struct glob_index *g);
/* Bit i: list[i] wants the path. At most 64 inspectors. */
uint64_t glob_index_match(const struct glob_index *g, struct str path);

#endif
