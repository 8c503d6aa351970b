/*
 * Judges lines "A op B" with a comparator: what `plimsoll version check` does.
 */
#ifndef PLIMSOLL_VERSION_CHECK_H
#define PLIMSOLL_VERSION_CHECK_H

#include "base/buf.h"
#include "version/comparator.h"

struct version_check {
	size_t passed;
	size_t failed;
};

/*
 * `text`: one "A op B" a line, blank-separated, op one of < <= = == != >= >; empty lines and lines
 * that begin with '#' are skipped. Adds a line to `out` for each that does not hold, with its
 * number, and at the end "N passed, N failed". A version that cannot be compared fails its line,
 * and the line says why. ERR_USAGE naming the line when one is malformed: *ret is untouched then,
 * and out holds what failed before it.
 */
int version_check(const struct comparator *c, struct str text, struct buf *out,
		  struct version_check *ret, struct err *e);

#endif
