/*
 * pacman's order (vercmp(8), libalpm 13): [epoch:]pkgver[-pkgrel], split as rpm splits, but pkgver
 * and pkgrel are compared by an older relative of rpmvercmp, which differs from rpm's in four ways:
 *
 *  - '~' and '^' only separate;
 *  - separators count: where two parts agree and the runs before the next ones have different
 *    lengths, the shorter run is lower ("1..5" > "1.5");
 *  - left-over letters lose against nothing: "1.0rc" < "1.0", but "1.0.rc" > "1.0";
 *  - a missing pkgrel equals every pkgrel, so the order is not transitive.
 */
#include "version/comparator.h"
#include "version/rpmvercmp.h"
#include "version/segment.h"

static bool is_separator(char c)
{
	return !segment_is_alnum(c);
}

/* One of the two is at its end. */
static int compare_rest(struct str a, struct str b)
{
	if (a.len == 0 && b.len == 0)
		return 0;
	if ((a.len == 0 && !segment_is_alpha(segment_peek(b))) || segment_is_alpha(segment_peek(a)))
		return -1;
	return 1;
}

static int compare_runs(struct str *a, struct str *b)
{
	bool digits = segment_is_digit(segment_peek(*a));
	bool (*is)(char) = digits ? segment_is_digit : segment_is_alpha;
	struct str a_run = segment_take(a, is), b_run = segment_take(b, is);

	if (b_run.len == 0)
		return digits ? 1 : -1;
	return digits ? segment_compare_numbers(a_run, b_run) : segment_sign(str_cmp(a_run, b_run));
}

static int compare_part(struct str a, struct str b)
{
	if (str_eq(a, b))
		return 0;
	while (a.len && b.len) {
		size_t a_separators = segment_take(&a, is_separator).len;
		size_t b_separators = segment_take(&b, is_separator).len;
		int order;

		if (a.len == 0 || b.len == 0)
			break;
		if (a_separators != b_separators)
			return a_separators < b_separators ? -1 : 1;
		order = compare_runs(&a, &b);
		if (order)
			return order;
	}
	return compare_rest(a, b);
}

static int compare(struct str a_text, struct str b_text, int *ret_order, struct err *e)
{
	struct evr a, b;
	int order;

	if (segment_check_text(a_text, e) < 0 || segment_check_text(b_text, e) < 0)
		return -1;
	a = evr_split(a_text);
	b = evr_split(b_text);
	order = segment_compare_numbers(a.epoch, b.epoch);
	if (order == 0)
		order = compare_part(a.version, b.version);
	if (order == 0 && a.has_release && b.has_release)
		order = compare_part(a.release, b.release);
	*ret_order = order;
	return 0;
}

/* PKGBUILD(5): a pkgver holds no colon, slash, dash or blank; a pkgrel is a number with a dot. */
static bool valid(struct str version)
{
	struct evr v = evr_split(version);

	return v.version.len && segment_only(v.version, "._+~^@") &&
	       (!v.has_release || (v.release.len && segment_only(v.release, "._+")));
}

const struct comparator comparator_alpm = {
	.name = "alpm",
	.aliases = (const char *const[]){"arch", "pacman", NULL},
	.compare = compare,
	.valid = valid,
	.loose = true,
};
