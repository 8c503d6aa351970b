/*
 * Order of Alpine packages: number{.number}...{letter}{_suffix{number}}...{~hash}{-r number}
 * (apk-package(5)). Two tools define it and differ. Rules, by which both sets of test vectors hold:
 *
 *  1. What apk-tools 3 accepts is ordered as it does. apk-tools 2 has two bugs there that 3 mended:
 *     it puts 6.0_pre1 above 6.0 (a last number of zero hides the suffix), and compares numbers
 * with leading zeros by the count of zeros (8.2.0 above 8.2.001); now they compare as text, below
 * all numbers without.
 *  2. What only apk-tools 2 accepts, a patch number behind the letter (3.3.3p1), is ordered as it
 *     does: such packages are installed, and apk-tools 3 calls any two of them equal.
 *  3. Both tools order malformed versions by their well-formed beginning. What is malformed sorts
 *     below everything that could stand in its place but a pre-release suffix (apk-tools 3), two
 *     malformed tails are equal, and empty numbers between dots are stepped over (apk-tools 2,
 * where 3 stops). None of these is valid().
 *
 * Numbers have any size (2 refuses 18 digits, 3 wraps at 64 bits). A version is read as a sequence
 * of tokens; where two first differ, the rank decides, then the value.
 */
#include "version/comparator.h"
#include "version/segment.h"

enum rank {
	RANK_PRE, /* _alpha _beta _pre _rc */
	RANK_JUNK,
	RANK_EMPTY, /* a number without digits */
	RANK_END,
	RANK_REVISION,
	RANK_HASH,
	RANK_SUFFIX_NUMBER,
	RANK_POST, /* _cvs _svn _git _hg _p */
	RANK_LETTER,
	RANK_NUMBER,
};

enum place {
	PLACE_START,
	PLACE_NUMBER,
	PLACE_LETTER,
	PLACE_SUFFIX,
	PLACE_SUFFIX_NUMBER,
	PLACE_HASH,
	PLACE_REVISION
};

struct token {
	enum rank rank;
	bool text;	  /* a number behind a dot: leading zeros make it text */
	int suffix;	  /* index into suffixes */
	struct str value; /* digits, letter, hash */
};

struct reader {
	struct str rest;
	enum place place;
};

static const struct {
	const char *name;
	enum rank rank;
} suffixes[] = {
	{"alpha", RANK_PRE}, {"beta", RANK_PRE}, {"pre", RANK_PRE},
	{"rc", RANK_PRE},    {"cvs", RANK_POST}, {"svn", RANK_POST},
	{"git", RANK_POST},  {"hg", RANK_POST},	 {"p", RANK_POST},
};

static bool is_hash(char c)
{
	return segment_is_digit(c) || (c >= 'a' && c <= 'f');
}

static struct token junk(struct reader *r)
{
	r->rest = STR_NULL;
	return (struct token){.rank = RANK_JUNK};
}

static struct token take_digits(struct reader *r, enum rank rank, enum place place)
{
	struct token t = {.rank = rank, .value = segment_take(&r->rest, segment_is_digit)};

	if (t.value.len == 0)
		t.rank = RANK_EMPTY;
	r->place = place;
	return t;
}

static struct token take_part(struct reader *r)
{
	struct token t;

	r->rest = str_from(r->rest, 1);
	t = take_digits(r, RANK_NUMBER, PLACE_NUMBER);
	t.text = true;
	return t;
}

static struct token take_letter(struct reader *r)
{
	struct token t = {.rank = RANK_LETTER, .value = str_to(r->rest, 1)};

	r->rest = str_from(r->rest, 1);
	r->place = PLACE_LETTER;
	return t;
}

static struct token take_suffix(struct reader *r)
{
	struct str rest = str_from(r->rest, 1);
	struct str word = segment_take(&rest, segment_is_lower);

	for (int i = 0; i < (int)(sizeof(suffixes) / sizeof(suffixes[0])); i++) {
		if (!str_is(word, suffixes[i].name))
			continue;
		*r = (struct reader){.rest = rest, .place = PLACE_SUFFIX};
		return (struct token){.rank = suffixes[i].rank, .suffix = i};
	}
	return junk(r);
}

static struct token take_hash(struct reader *r)
{
	struct str rest = str_from(r->rest, 1);
	struct str hash = segment_take(&rest, is_hash);

	if (hash.len == 0)
		return junk(r);
	*r = (struct reader){.rest = rest, .place = PLACE_HASH};
	return (struct token){.rank = RANK_HASH, .value = hash};
}

/* "-r" alone, or with a further dash behind it, is revision 0 (both tools); "-rx" is junk. */
static struct token take_revision(struct reader *r)
{
	struct str rest = r->rest;
	struct token t = {.rank = RANK_REVISION};

	if (!str_skip(&rest, STR("-r")))
		return junk(r);
	t.value = segment_take(&rest, segment_is_digit);
	if (t.value.len == 0 && rest.len && rest.data[0] != '-')
		return junk(r);
	*r = (struct reader){.rest = rest, .place = PLACE_REVISION};
	return t;
}

static struct token next_token(struct reader *r)
{
	char c = segment_peek(r->rest);

	if (r->place == PLACE_START)
		return take_digits(r, RANK_NUMBER, PLACE_NUMBER);
	if (r->rest.len == 0)
		return (struct token){.rank = RANK_END};
	if (c == '.' && r->place == PLACE_NUMBER)
		return take_part(r);
	if (segment_is_lower(c) && r->place == PLACE_NUMBER)
		return take_letter(r);
	if (segment_is_digit(c) && r->place == PLACE_LETTER)
		return take_digits(r, RANK_NUMBER, PLACE_NUMBER);
	if (segment_is_digit(c) && r->place == PLACE_SUFFIX)
		return take_digits(r, RANK_SUFFIX_NUMBER, PLACE_SUFFIX_NUMBER);
	if (c == '_' && r->place <= PLACE_SUFFIX_NUMBER)
		return take_suffix(r);
	if (c == '~' && r->place < PLACE_HASH)
		return take_hash(r);
	if (c == '-' && r->place < PLACE_REVISION)
		return take_revision(r);
	return junk(r);
}

static bool has_leading_zero(struct token t)
{
	return t.text && t.value.data[0] == '0';
}

static int compare_tokens(struct token a, struct token b)
{
	if (a.rank != b.rank)
		return a.rank < b.rank ? -1 : 1;
	switch (a.rank) {
	case RANK_PRE:
	case RANK_POST:
		return segment_sign(a.suffix - b.suffix);
	case RANK_LETTER:
	case RANK_HASH:
		return segment_sign(str_cmp(a.value, b.value));
	case RANK_NUMBER:
		if (has_leading_zero(a) || has_leading_zero(b))
			return segment_sign(str_cmp(a.value, b.value));
		return segment_compare_numbers(a.value, b.value);
	case RANK_SUFFIX_NUMBER:
	case RANK_REVISION:
		return segment_compare_numbers(a.value, b.value);
	default:
		return 0;
	}
}

static int compare(struct str a_text, struct str b_text, int *ret_order, struct err *e)
{
	struct reader a = {.rest = a_text}, b = {.rest = b_text};

	if (segment_check_text(a_text, e) < 0 || segment_check_text(b_text, e) < 0)
		return -1;
	for (;;) {
		struct token x = next_token(&a), y = next_token(&b);
		int order = compare_tokens(x, y);

		if (order || x.rank == RANK_END || x.rank == RANK_JUNK) {
			*ret_order = order;
			return 0;
		}
	}
}

static bool valid(struct str version)
{
	struct reader r = {.rest = version};

	for (;;) {
		struct token t = next_token(&r);

		if (t.rank == RANK_END)
			return true;
		if (t.rank == RANK_JUNK || t.rank == RANK_EMPTY)
			return false;
		if (t.rank == RANK_REVISION && t.value.len == 0)
			return false;
	}
}

const struct comparator comparator_alpine = {
	.name = "alpine",
	.aliases = (const char *const[]){"apk", NULL},
	.compare = compare,
	.valid = valid,
};
