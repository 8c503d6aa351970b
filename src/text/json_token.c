#include "text/json_token.h"

/* --- numbers and literals --------------------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool skip_digits(struct str *s)
{
	size_t n = 0;

	while (n < s->len && is_digit(s->data[n]))
		n++;
	*s = str_from(*s, n);
	return n > 0;
}

static bool is_number(struct str s)
{
	str_skip(&s, STR("-"));
	if (!str_skip(&s, STR("0")) && !skip_digits(&s))
		return false;
	if (str_skip(&s, STR(".")) && !skip_digits(&s))
		return false;
	if (str_skip(&s, STR("e")) || str_skip(&s, STR("E"))) {
		if (!str_skip(&s, STR("+")))
			str_skip(&s, STR("-"));
		if (!skip_digits(&s))
			return false;
	}
	return s.len == 0;
}

int json_word_event(struct str word)
{
	if (is_digit(word.data[0]) || word.data[0] == '-')
		return is_number(word) ? JSON_NUMBER : -1;
	if (str_eq(word, STR("true")))
		return JSON_TRUE;
	if (str_eq(word, STR("false")))
		return JSON_FALSE;
	return str_eq(word, STR("null")) ? JSON_NULL : -1;
}

/* --- strings ---------------------------------------------------------------------------------- */

size_t json_utf8_prefix(struct str s)
{
	size_t i = 0;

	while (i < s.len) {
		size_t n;

		if (s.len - i >= 8 && !(json_load(s.data + i) & EACH(0x80))) {
			i += 8;
			continue;
		}
		n = str_utf8_len(str_from(s, i));
		if (n == 0)
			break;
		i += n;
	}
	return i;
}

static char *put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
		return out;
	}
	if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (c & 0x3f));
	return out;
}

static bool hex4(struct str s, uint32_t *ret)
{
	uint8_t bytes[2];

	if (s.len < 4 || !str_parse_hex(str_to(s, 4), bytes, 2))
		return false;
	*ret = (uint32_t)bytes[0] << 8 | bytes[1];
	return true;
}

/*
 * \uxxxx, or two that make a pair of surrogates, at the start of s behind the backslash. Bytes
 * taken or 0. Never writes more than it takes: one gives at most 3 bytes, a pair 4.
 */
static size_t unescape_unicode(struct str s, char **out, bool *replaced)
{
	uint32_t c, low;

	if (!hex4(str_from(s, 1), &c))
		return 0;
	if (c >= 0xd800 && c < 0xdc00 && str_starts(str_from(s, 5), STR("\\u")) &&
	    hex4(str_from(s, 7), &low) && low >= 0xdc00 && low < 0xe000) {
		*out = put_utf8(*out, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
		return 11;
	}
	if (c >= 0xd800 && c < 0xe000) {
		c = 0xfffd;
		*replaced = true;
	}
	*out = put_utf8(*out, c);
	return 5;
}

static size_t unescape_one(struct str s, char **out, bool *replaced)
{
	static const char plain[256] = {
		['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
		['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
	};
	unsigned char c = s.len ? (unsigned char)s.data[0] : 0;

	if (c == 'u')
		return unescape_unicode(s, out, replaced);
	if (!plain[c])
		return 0;
	*(*out)++ = plain[c];
	return 1;
}

ptrdiff_t json_unescape(struct str raw, char *out, bool *replaced, size_t *ret_bad)
{
	char *first = out;
	size_t i = 0;

	for (;;) {
		ptrdiff_t run = str_find_char(str_from(raw, i), '\\');
		size_t n = run < 0 ? raw.len - i : (size_t)run;

		memmove(out, raw.data + i, n);
		out += n;
		i += n;
		if (i == raw.len)
			return out - first;
		n = unescape_one(str_from(raw, i + 1), &out, replaced);
		if (n == 0) {
			*ret_bad = i;
			return -1;
		}
		i += 1 + n;
	}
}
