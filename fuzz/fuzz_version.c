/*
 * The first byte chooses a comparator, the rest is up to three versions, one a line. Whatever they
 * hold, the order has to be reflexive, antisymmetric and (but for loose ones) transitive.
 */
#include <stdlib.h>

#include "version/comparator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct comparator *choose(uint8_t byte)
{
	size_t count = 0;

	while (comparators[count])
		count++;
	return comparators[byte % count];
}

static bool order(const struct comparator *c, struct str a, struct str b, int *ret)
{
	struct err e = ERR_INIT;
	int mirrored;

	if (c->compare(a, b, ret, &e) < 0) {
		if (e.code != ERR_FORMAT || c->compare(b, a, ret, NULL) >= 0)
			abort();
		if (c->valid(a) && c->valid(b))
			abort();
		return false;
	}
	if (c->compare(b, a, &mirrored, &e) < 0)
		abort();
	if ((*ret < 0) != (mirrored > 0) || (*ret > 0) != (mirrored < 0))
		abort();
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_make(data + (size > 0), size - (size > 0)), v[3] = {0};
	const struct comparator *c;
	int ab, bc, ac, self;

	if (size == 0)
		return 0;
	c = choose(data[0]);
	for (int i = 0; i < 3; i++)
		if (!str_next(&rest, '\n', &v[i]))
			break;
	for (int i = 0; i < 3; i++)
		if (order(c, v[i], v[i], &self) && self)
			abort();
	if (!order(c, v[0], v[1], &ab) || !order(c, v[1], v[2], &bc) ||
	    !order(c, v[0], v[2], &ac) || c->loose)
		return 0;
	if (ab <= 0 && bc <= 0 && (ac > 0 || (ac == 0 && (ab < 0 || bc < 0))))
		abort();
	return 0;
}
