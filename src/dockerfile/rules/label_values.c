/*
 * What labels may hold, by kind.
 */
#include "base/date.h"
#include "dockerfile/rules/label.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool is_hex(char c)
{
	return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

/* Characters of RFC 3986, percent-encoded bytes included. */
static bool has_only_uri_chars(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (c == '%') {
			if (i + 2 >= s.len || !is_hex(s.data[i + 1]) || !is_hex(s.data[i + 2]))
				return false;
			i += 2;
		} else if (!is_digit(c) && !is_letter(c) &&
			   !(c && strchr("-._~:/?#[]@!$&'()*+,;=", c))) {
			return false;
		}
	}
	return true;
}

bool is_url(struct str s)
{
	ptrdiff_t colon = str_find_char(s, ':');

	if (colon < 1 || !is_letter(s.data[0]) || s.len == (size_t)colon + 1)
		return false;
	for (ptrdiff_t i = 0; i < colon; i++) {
		char c = s.data[i];

		if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.')
			return false;
	}
	return has_only_uri_chars(s);
}

static bool has_digits(struct str s, size_t at, size_t count)
{
	if (at + count > s.len)
		return false;
	for (size_t i = at; i < at + count; i++) {
		if (!is_digit(s.data[i]))
			return false;
	}
	return true;
}

/* "Z", "+02:00" */
static bool is_zone(struct str s)
{
	if (s.len == 1)
		return (s.data[0] | 32) == 'z';
	return s.len == 6 && (s.data[0] == '+' || s.data[0] == '-') && has_digits(s, 1, 2) &&
	       s.data[3] == ':' && has_digits(s, 4, 2) && s.data[1] < '3' && s.data[4] < '6' &&
	       (s.data[1] < '2' || s.data[2] < '4');
}

/* "23:59:60.123Z" */
static bool is_time(struct str s)
{
	size_t at = 8;

	if (!has_digits(s, 0, 2) || s.len < 9 || s.data[2] != ':' || !has_digits(s, 3, 2) ||
	    s.data[5] != ':' || !has_digits(s, 6, 2))
		return false;
	if (s.data[0] > '2' || (s.data[0] == '2' && s.data[1] > '3') || s.data[3] > '5' ||
	    s.data[6] > '6' || (s.data[6] == '6' && s.data[7] > '0'))
		return false;
	if (s.data[at] == '.') {
		size_t start = ++at;

		while (at < s.len && is_digit(s.data[at]))
			at++;
		if (at == start)
			return false;
	}
	return is_zone(str_from(s, at));
}

bool is_rfc3339(struct str s)
{
	int64_t day;

	return s.len > 11 && (s.data[10] == 'T' || s.data[10] == 't' || s.data[10] == ' ') &&
	       has_digits(s, 0, 4) && date_parse(str_to(s, 10), &day) && is_time(str_from(s, 11));
}

static const char *const spdx_ids[] = {
#define SPDX(id) id,
#include "dockerfile/rules/spdx_ids.def"
#undef SPDX
};

/* The list is sorted without regard to case; identifiers are matched that way. */
static int cmp_nocase(struct str a, const char *b)
{
	for (size_t i = 0;; i++) {
		int x = i < a.len ? (unsigned char)a.data[i] : 0, y = (unsigned char)b[i];

		x = x >= 'A' && x <= 'Z' ? x | 32 : x;
		y = y >= 'A' && y <= 'Z' ? y | 32 : y;
		if (x != y || !y)
			return x - y;
	}
}

static bool is_spdx_id(struct str id)
{
	size_t low = 0, high = sizeof(spdx_ids) / sizeof(*spdx_ids);

	if (str_ends(id, STR("+")))
		id.len--;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = cmp_nocase(id, spdx_ids[middle]);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return str_starts(id, STR("LicenseRef-")) || str_starts(id, STR("DocumentRef-"));
}

/* The next word of an expression; parentheses are words. */
static bool next_token(struct str s, size_t *at, struct str *ret)
{
	size_t start;

	while (*at < s.len && s.data[*at] == ' ')
		(*at)++;
	start = *at;
	if (start == s.len)
		return false;
	if (s.data[start] == '(' || s.data[start] == ')') {
		(*at)++;
	} else {
		while (*at < s.len && s.data[*at] != ' ' && s.data[*at] != '(' &&
		       s.data[*at] != ')')
			(*at)++;
	}
	*ret = str_sub(s, start, *at);
	return true;
}

/* "MIT OR (GPL-2.0-only WITH Classpath-exception-2.0 AND Zlib)": operands and operators take turns.
 */
bool is_spdx(struct str s)
{
	bool operand = true, exception = false;
	size_t at = 0, depth = 0;
	struct str word;

	while (next_token(s, &at, &word)) {
		if (str_is(word, "(")) {
			if (!operand || exception)
				return false;
			depth++;
		} else if (str_is(word, ")")) {
			if (operand || !depth--)
				return false;
		} else if (!operand) {
			exception = str_is(word, "WITH");
			if (!exception && !str_is(word, "AND") && !str_is(word, "OR"))
				return false;
			operand = true;
		} else {
			if (!exception && !is_spdx_id(word))
				return false;
			operand = exception = false;
		}
	}
	return !operand && !depth;
}

bool is_git_hash(struct str s)
{
	enum { SHORT = 7, SHA1 = 40, SHA256 = 64 };

	if (s.len != SHORT && s.len != SHA1 && s.len != SHA256)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_digit(s.data[i]) && (s.data[i] < 'a' || s.data[i] > 'f'))
			return false;
	}
	return true;
}

/* "0", "12": no leading zero. */
static bool is_number(struct str s)
{
	if (!s.len || (s.len > 1 && s.data[0] == '0'))
		return false;
	return has_digits(s, 0, s.len);
}

/* Parts between dots of letters, digits and dashes; with `numbers` digits alone have no leading
 * zero. */
static bool are_identifiers(struct str s, bool numbers)
{
	struct str part;

	while (str_next(&s, '.', &part)) {
		if (!part.len)
			return false;
		for (size_t i = 0; i < part.len; i++) {
			if (!is_letter(part.data[i]) && !is_digit(part.data[i]) &&
			    part.data[i] != '-')
				return false;
		}
		if (numbers && has_digits(part, 0, part.len) && !is_number(part))
			return false;
	}
	return true;
}

bool is_semver(struct str s)
{
	ptrdiff_t plus = str_find_char(s, '+'), dash;
	struct str part;
	unsigned parts = 0;

	if (plus >= 0) {
		if (!are_identifiers(str_from(s, (size_t)plus + 1), false))
			return false;
		s = str_to(s, (size_t)plus);
	}
	dash = str_find_char(s, '-');
	if (dash >= 0) {
		if (!are_identifiers(str_from(s, (size_t)dash + 1), true))
			return false;
		s = str_to(s, (size_t)dash);
	}
	while (str_next(&s, '.', &part)) {
		parts++;
		if (!is_number(part))
			return false;
	}
	return parts == 3;
}

static bool is_atom_char(char c)
{
	return is_letter(c) || is_digit(c) || (unsigned char)c >= 0x80 ||
	       (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* Atoms with single dots between them. */
static bool is_dot_atom(struct str s)
{
	struct str part;

	if (!s.len)
		return false;
	while (str_next(&s, '.', &part)) {
		if (!part.len)
			return false;
		for (size_t i = 0; i < part.len; i++) {
			if (!is_atom_char(part.data[i]))
				return false;
		}
	}
	return true;
}

static bool is_quoted_string(struct str s)
{
	if (s.len < 2 || s.data[0] != '"' || s.data[s.len - 1] != '"')
		return false;
	for (size_t i = 1; i + 1 < s.len; i++) {
		if (s.data[i] == '\\')
			i++;
		else if (s.data[i] == '"' || (unsigned char)s.data[i] < 0x20)
			return false;
	}
	return true;
}

bool is_email(struct str s)
{
	ptrdiff_t at = str_find_last_char(s, '@');
	struct str local, domain;

	if (at < 1)
		return false;
	local = str_to(s, (size_t)at);
	domain = str_from(s, (size_t)at + 1);
	if (!is_dot_atom(local) && !is_quoted_string(local))
		return false;
	if (domain.len > 2 && domain.data[0] == '[' && domain.data[domain.len - 1] == ']')
		return true;
	return is_dot_atom(domain);
}
