/*
 * dpkg's order (deb-version(7), dpkg 1.21): [epoch:]upstream[-revision]. Non-digits and digits take
 * turns; among non-digits '~' sorts before the end, letters before all other bytes.
 *
 * What dpkg refuses (an empty part behind a colon or dash, an epoch that is no number) cannot be
 * compared; what it only warns of (no digit first, odd characters) is ordered, and not valid.
 */
#include "version/comparator.h"
#include "version/segment.h"

#include <limits.h>

struct parts {
	struct str epoch;    /* may be empty: 0 */
	struct str upstream; /* not empty */
	struct str revision; /* may be empty: as "0" */
};

static int refuse(struct str version, const char *why, struct err *e)
{
	return err_set(e, ERR_FORMAT, "version '%.*s': %s", STR_ARG(str_to(version, 128)), why);
}

static int split_epoch(struct str version, struct parts *p, struct err *e)
{
	ptrdiff_t colon = str_find_char(version, ':');
	uint64_t epoch;

	p->upstream = version;
	if (colon < 0)
		return 0;
	p->epoch = str_to(version, (size_t)colon);
	p->upstream = str_from(version, (size_t)colon + 1);
	/* dpkg reads it with strtol, which takes a plus; negative and beyond int are errors */
	if (segment_peek(p->epoch) == '+')
		p->epoch = str_from(p->epoch, 1);
	if (!str_parse_u64(p->epoch, &epoch))
		return refuse(version, "its epoch is not a number", e);
	if (epoch > INT_MAX)
		return refuse(version, "its epoch is too big", e);
	if (p->upstream.len == 0)
		return refuse(version, "nothing behind its colon", e);
	return 0;
}

static int split(struct str version, struct parts *ret, struct err *e)
{
	struct parts p = {0};
	ptrdiff_t dash;

	if (segment_check_text(version, e) < 0 || split_epoch(version, &p, e) < 0)
		return -1;
	dash = str_find_last_char(p.upstream, '-');
	if (dash >= 0) {
		p.revision = str_from(p.upstream, (size_t)dash + 1);
		p.upstream = str_to(p.upstream, (size_t)dash);
		if (p.revision.len == 0)
			return refuse(version, "its revision is empty", e);
	}
	if (p.upstream.len == 0)
		return refuse(version, "its upstream part is empty", e);
	*ret = p;
	return 0;
}

/* Of a byte that is no digit, or of the end. As dpkg on machines whose char is signed. */
static int weight(struct str s)
{
	char c = segment_peek(s);

	if (s.len == 0 || segment_is_digit(c))
		return 0;
	if (segment_is_alpha(c))
		return c;
	return c == '~' ? -1 : (signed char)c + 256;
}

static int compare_part(struct str a, struct str b)
{
	while (a.len || b.len) {
		int order;

		while (weight(a) || weight(b)) {
			if (weight(a) != weight(b))
				return weight(a) < weight(b) ? -1 : 1;
			a = str_from(a, 1);
			b = str_from(b, 1);
		}
		order = segment_compare_numbers(segment_take(&a, segment_is_digit),
						segment_take(&b, segment_is_digit));
		if (order)
			return order;
	}
	return 0;
}

static int compare(struct str a_text, struct str b_text, int *ret_order, struct err *e)
{
	struct parts a, b;
	int order;

	if (split(a_text, &a, e) < 0 || split(b_text, &b, e) < 0)
		return -1;
	order = segment_compare_numbers(a.epoch, b.epoch);
	if (order == 0)
		order = compare_part(a.upstream, b.upstream);
	if (order == 0)
		order = compare_part(a.revision, b.revision);
	*ret_order = order;
	return 0;
}

static bool valid(struct str version)
{
	struct parts p;

	return split(version, &p, NULL) == 0 && segment_is_digit(p.upstream.data[0]) &&
	       segment_only(p.upstream, ".-+~:") && segment_only(p.revision, ".+~");
}

const struct comparator comparator_debian = {
	.name = "debian",
	.aliases = (const char *const[]){"deb", "dpkg", "opkg", NULL},
	.compare = compare,
	.valid = valid,
};
