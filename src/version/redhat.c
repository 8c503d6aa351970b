/*
 * [epoch:]version[-release] of rpm packages, as rpm 4.18 orders them (rpmVersionCompare): epochs
 * first, a missing one is 0; then the versions, then the releases, by rpmvercmp. A version without
 * a release is lower than the same with one, even an empty one.
 */
#include "version/comparator.h"
#include "version/rpmvercmp.h"
#include "version/segment.h"

static int compare_evr(struct str a_text, struct str b_text)
{
	struct evr a = evr_split(a_text), b = evr_split(b_text);
	int order = segment_compare_numbers(a.epoch, b.epoch);

	if (order == 0)
		order = rpmvercmp(a.version, b.version);
	if (order)
		return order;
	if (a.has_release != b.has_release)
		return a.has_release ? 1 : -1;
	return rpmvercmp(a.release, b.release);
}

static int compare(struct str a, struct str b, int *ret_order, struct err *e)
{
	if (segment_check_text(a, e) < 0 || segment_check_text(b, e) < 0)
		return -1;
	*ret_order = compare_evr(a, b);
	return 0;
}

static bool valid(struct str version)
{
	struct evr v = evr_split(version);
	uint64_t epoch;

	return v.version.len && segment_only(v.version, "._+%{}~^") &&
	       (!v.has_release || (v.release.len && segment_only(v.release, "._+%{}~^"))) &&
	       str_parse_u64(v.epoch, &epoch) && epoch <= UINT32_MAX;
}

const struct comparator comparator_redhat = {
	.name = "redhat",
	.compare = compare,
	.valid = valid,
};
