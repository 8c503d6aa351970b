/*
 * Comparators: the order of versions, one member an ecosystem, as its own tool orders them.
 *
 * To add one:
 *  1. src/version/NAME.c ending in `const struct comparator comparator_NAME = {...};`
 *  2. its line in src/version/comparators.def (sorted): COMPARATOR(NAME)
 *  3. rows in tests/unit/version/test_version.c, and a differential case in
 *     tests/golden/test_version.py where the native tool is at hand.
 *  4. its first byte in fuzz/fuzz_version.c comes by itself; add a seed fuzz/corpus/version/NAME-*.
 */
#ifndef PLIMSOLL_VERSION_COMPARATOR_H
#define PLIMSOLL_VERSION_COMPARATOR_H

#include "base/err.h"
#include "model/advisory.h"

struct comparator {
	const char *name;	    /* MUST: what users type */
	const char *const *aliases; /* MAY: NULL-ended */
	/*
	 * MUST. *ret_order is <0, 0 or >0. ERR_FORMAT naming the version when the native tool gives
	 * no order for it; *ret_order is untouched then. Linear time, no allocation, any bytes.
	 */
	int (*compare)(struct str a, struct str b, int *ret_order, struct err *e);
	/*
	 * MUST. True when the native tool takes the version without complaint. compare() may order
	 * others too (as the native tool does), but such an order is worth a version_odd.
	 */
	bool (*valid)(struct str version);
	/*
	 * The order is not transitive: versions without a release equal all that have one. Such a
	 * list must not be sorted.
	 */
	bool loose;
};

extern const struct comparator *const comparators[]; /* NULL-ended, sorted by name */
/* By name or alias; NULL when there is none. */
const struct comparator *comparator_find(struct str name);

/*
 * Whether v lies in one of the spans: introduced <= v and (v < fixed, or v <= last_affected, or no
 * upper bound). An introduced of "" or "0" is the beginning of all versions, without comparing; a
 * fixed of "0" makes its span empty; where both fixed and last_affected stand, both must hold.
 * ERR_FORMAT when a bound or v cannot be compared and no other span contains v.
 */
int version_in_spans(const struct comparator *c, struct str v, const struct version_span *spans,
		     size_t count, bool *ret_inside, struct err *e);

#endif
