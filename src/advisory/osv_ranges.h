/*
 * What an OSV record says of versions: events of ranges into spans, and enumerations.
 */
#ifndef PLIMSOLL_ADVISORY_OSV_RANGES_H
#define PLIMSOLL_ADVISORY_OSV_RANGES_H

#include "base/mem.h"
#include "model/advisory.h"
#include "text/tree.h"

/* A growing list in an arena; zero-initialised it is empty. */
struct strings {
	struct str *items;
	size_t count;
};
bool strings_add(struct arena *a, struct strings *list, struct str s);
/* Sorts and drops repeated ones. */
void strings_sort(struct strings *list);

struct osv_ranges {
	bool git; /* a git range was passed over */
	bool odd; /* an event was not understood */
};

/*
 * Fills spans and versions of the advisory from one item of `affected`. Enumerated versions that a
 * span contains are left away, where the comparator (by name) is known. False without memory.
 */
bool osv_read_ranges(const struct tree_node *affected, const char *comparator, struct arena *arena,
		     struct advisory *ret, struct osv_ranges *ret_ranges);

#endif
