#include "base/str.h"

#include <strings.h>

int str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.data, b.data, n) : 0;

	if (c)
		return c;
	return (a.len > b.len) - (a.len < b.len);
}

int str_cmp_qsort(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

bool str_eq_nocase(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.data, b.data, a.len) == 0);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len &&
	       (prefix.len == 0 || memcmp(s.data, prefix.data, prefix.len) == 0);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && (suffix.len == 0 || memcmp(s.data + s.len - suffix.len,
								 suffix.data, suffix.len) == 0);
}

bool str_skip(struct str *s, struct str prefix)
{
	if (!str_starts(*s, prefix))
		return false;
	*s = str_from(*s, prefix.len);
	return true;
}

ptrdiff_t str_find_char(struct str s, char c)
{
	const char *hit = s.len ? memchr(s.data, c, s.len) : NULL;

	return hit ? hit - s.data : -1;
}

ptrdiff_t str_find_last_char(struct str s, char c)
{
	const char *hit = s.len ? memrchr(s.data, c, s.len) : NULL;

	return hit ? hit - s.data : -1;
}

ptrdiff_t str_find(struct str s, struct str needle)
{
	const char *hit;

	if (needle.len == 0)
		return 0;
	hit = s.len >= needle.len ? memmem(s.data, s.len, needle.data, needle.len) : NULL;
	return hit ? hit - s.data : -1;
}

struct str str_from(struct str s, size_t start)
{
	if (start > s.len)
		start = s.len;
	return str_make(s.data ? s.data + start : NULL, s.len - start);
}

struct str str_to(struct str s, size_t end)
{
	return str_make(s.data, end < s.len ? end : s.len);
}

struct str str_sub(struct str s, size_t start, size_t end)
{
	return str_from(str_to(s, end), start);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.len && is_space(s.data[0]))
		s = str_from(s, 1);
	while (s.len && is_space(s.data[s.len - 1]))
		s.len--;
	return s;
}

bool str_next(struct str *rest, char sep, struct str *ret_part)
{
	ptrdiff_t at;

	if (!rest->data)
		return false;
	at = str_find_char(*rest, sep);
	if (at < 0) {
		*ret_part = *rest;
		*rest = STR_NULL;
		return true;
	}
	*ret_part = str_to(*rest, (size_t)at);
	*rest = str_from(*rest, (size_t)at + 1);
	return true;
}

bool str_next_line(struct str *rest, struct str *ret_line)
{
	struct str line;

	if (rest->len == 0 || !str_next(rest, '\n', &line))
		return false;
	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	*ret_line = line;
	return true;
}

bool str_parse_u64(struct str s, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(s.data[i] - '0'), &value))
			return false;
	}
	*ret_value = value;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool str_parse_hex(struct str s, uint8_t *ret_bytes, size_t size)
{
	if (s.len != 2 * size)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (hex_digit(s.data[i]) < 0)
			return false;
	for (size_t i = 0; i < size; i++)
		ret_bytes[i] =
			(uint8_t)(hex_digit(s.data[2 * i]) << 4 | hex_digit(s.data[2 * i + 1]));
	return true;
}

uint64_t str_hash(struct str s, uint64_t seed)
{
	uint64_t h = 0xcbf29ce484222325u ^ seed;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (uint8_t)s.data[i]) * 0x100000001b3u;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	return h ^ h >> 32;
}

size_t str_utf8_len(struct str s)
{
	const uint8_t *p = (const uint8_t *)s.data;
	uint8_t low = 0x80, high = 0xbf;
	size_t n;

	if (s.len == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (s.len < n)
		return 0;
	/* the second byte alone rules out overlong forms, surrogates and what is over U+10FFFF */
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool str_is_utf8(struct str s)
{
	size_t i = 0;

	while (i < s.len) {
		size_t n = str_utf8_len(str_from(s, i));

		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

/*
 * Two saved places, one for the last '*' inside a component and one for the last "**": the classic
 * iterative matcher, so a hostile path costs at most pattern times path steps and no stack.
 */
bool str_glob(const char *pattern, struct str path)
{
	const char *p = pattern, *star = NULL, *deep = NULL;
	size_t i = 0, star_at = 0, deep_at = 0;

	for (;;) {
		if (p[0] == '*' && p[1] == '*') {
			p += 2;
			if (*p == '\0')
				return true;
			p++; /* the slash behind it */
			deep = p;
			deep_at = i;
			star = NULL;
			continue;
		}
		if (*p == '*') {
			star = ++p;
			star_at = i;
			continue;
		}
		if (i < path.len && *p &&
		    (*p == path.data[i] || (*p == '?' && path.data[i] != '/'))) {
			p++;
			i++;
			continue;
		}
		if (i == path.len && *p == '\0')
			return true;
		if (star && star_at < path.len && path.data[star_at] != '/') {
			i = ++star_at;
			p = star;
			continue;
		}
		if (!deep)
			return false;
		while (deep_at < path.len && path.data[deep_at] != '/')
			deep_at++;
		if (deep_at >= path.len)
			return false;
		i = ++deep_at;
		p = deep;
		star = NULL;
	}
}
