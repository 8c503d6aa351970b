#include "version/comparator.h"

/* 1 inside, 0 outside, <0 cannot be said. */
static int in_span(const struct comparator *c, struct str v, const struct version_span *s,
		   struct err *e)
{
	int order;

	if (str_is(s->fixed, "0"))
		return 0;
	if (s->introduced.len && !str_is(s->introduced, "0")) {
		if (c->compare(v, s->introduced, &order, e) < 0)
			return -1;
		if (order < 0)
			return 0;
	}
	if (s->fixed.len) {
		if (c->compare(v, s->fixed, &order, e) < 0)
			return -1;
		if (order >= 0)
			return 0;
	}
	if (s->last_affected.len) {
		if (c->compare(v, s->last_affected, &order, e) < 0)
			return -1;
		if (order > 0)
			return 0;
	}
	return 1;
}

int version_in_spans(const struct comparator *c, struct str v, const struct version_span *spans,
		     size_t count, bool *ret_inside, struct err *e)
{
	bool unsaid = false;

	for (size_t i = 0; i < count; i++) {
		int inside = in_span(c, v, &spans[i], e);

		if (inside > 0) {
			*ret_inside = true;
			return 0;
		}
		if (inside < 0)
			unsaid = true;
	}
	if (unsaid)
		return -1;
	*ret_inside = false;
	return 0;
}
