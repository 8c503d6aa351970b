/*
 * rpm's segment comparison (rpm 4.18, rpmio/rpmvercmp.c and docs/manual/dependencies.md): a version
 * is read as runs of digits and runs of letters; all other bytes but '~' and '^' only separate.
 *Where the two differ first decides:
 *
 *	'~' < end < '^' < letters < digits
 *
 * Traps: letters beyond ASCII separate ("1.α" equals "1.β"); "1.0." equals "1.0"; numbers have any
 * size. The member `rpm` compares a version or a release alone, with no epoch and no dash rule.
 */
#include "version/comparator.h"
#include "version/rpmvercmp.h"
#include "version/segment.h"

enum part { PART_TILDE, PART_END, PART_CARET, PART_LETTERS, PART_DIGITS };

static bool is_separator(char c)
{
	return !segment_is_alnum(c) && c != '~' && c != '^';
}

static enum part next_part(struct str *s, struct str *ret_text)
{
	char c;

	(void)segment_take(s, is_separator);
	*ret_text = STR_NULL;
	c = segment_peek(*s);
	if (s->len == 0)
		return PART_END;
	if (c == '~' || c == '^') {
		*s = str_from(*s, 1);
		return c == '~' ? PART_TILDE : PART_CARET;
	}
	*ret_text = segment_take(s, segment_is_digit(c) ? segment_is_digit : segment_is_alpha);
	return segment_is_digit(c) ? PART_DIGITS : PART_LETTERS;
}

int rpmvercmp(struct str a, struct str b)
{
	for (;;) {
		struct str a_text, b_text;
		enum part a_part = next_part(&a, &a_text), b_part = next_part(&b, &b_text);
		int order = 0;

		if (a_part != b_part)
			return a_part < b_part ? -1 : 1;
		if (a_part == PART_END)
			return 0;
		if (a_part == PART_DIGITS)
			order = segment_compare_numbers(a_text, b_text);
		else if (a_part == PART_LETTERS)
			order = segment_sign(str_cmp(a_text, b_text));
		if (order)
			return order;
	}
}

struct evr evr_split(struct str text)
{
	struct evr r = {.epoch = STR("0")};
	struct str rest = text;
	struct str digits = segment_take(&rest, segment_is_digit);
	ptrdiff_t dash;

	if (segment_peek(rest) == ':') {
		if (digits.len)
			r.epoch = digits;
		text = str_from(rest, 1);
	}
	dash = str_find_last_char(text, '-');
	r.has_release = dash >= 0;
	r.version = r.has_release ? str_to(text, (size_t)dash) : text;
	r.release = r.has_release ? str_from(text, (size_t)dash + 1) : STR_NULL;
	return r;
}

static int compare(struct str a, struct str b, int *ret_order, struct err *e)
{
	if (segment_check_text(a, e) < 0 || segment_check_text(b, e) < 0)
		return -1;
	*ret_order = rpmvercmp(a, b);
	return 0;
}

/* rpmbuild takes letters, digits and these. */
static bool valid(struct str version)
{
	return version.len && segment_only(version, "._+%{}~^");
}

const struct comparator comparator_rpm = {
	.name = "rpm",
	.compare = compare,
	.valid = valid,
};
