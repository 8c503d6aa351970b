/*
 * The part of a build that parses feeds and writes partitions: runs in the confined worker, asks
 * for all descriptors (files.h).
 */
#ifndef PLIMSOLL_ADVISORY_CORE_H
#define PLIMSOLL_ADVISORY_CORE_H

#include "advisory/build.h"
#include "advisory/input.h"

int build_core(const struct asker *asker, const struct build_request *request, struct err *e);

/* What people read of a build: feeds, reasons, partitions. */
void build_report(const struct feed_sink *sink, const struct database_index *index, size_t list_max,
		  struct buf *out);

#endif
