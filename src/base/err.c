#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const names[] = {
	[ERR_NONE] = "none",
	[ERR_MEMORY] = "memory",
	[ERR_IO] = "io",
	[ERR_TRUNCATED] = "truncated",
	[ERR_FORMAT] = "format",
	[ERR_LIMIT] = "limit",
	[ERR_DIGEST] = "digest",
	[ERR_NOT_FOUND] = "not_found",
	[ERR_UNSUPPORTED] = "unsupported",
	[ERR_NETWORK] = "network",
	[ERR_USAGE] = "usage",
	[ERR_CANCELLED] = "cancelled",
	[ERR_INTERNAL] = "internal",
};

const char *err_code_name(enum err_code code)
{
	return (size_t)code < sizeof(names) / sizeof(names[0]) ? names[code] : "unknown";
}

/*
 * Characters that a terminal or a reader obeys instead of showing: C1 controls, direction marks and
 * overrides ("Trojan Source"), line and paragraph separators, tags, the byte order mark.
 */
static bool is_control(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} ranges[] = {
		{0x00, 0x1f},	  {0x7f, 0x9f},	    {0x061c, 0x061c}, {0x200e, 0x200f},
		{0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff}, {0xe0000, 0xe007f},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	}
	return false;
}

static bool printable(struct str sequence)
{
	static const uint8_t first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t c = (uint8_t)sequence.data[0] & first_bits[sequence.len];

	for (size_t i = 1; i < sequence.len; i++)
		c = c << 6 | ((uint8_t)sequence.data[i] & 0x3f);
	return !is_control(c);
}

char *err_escape(char *out, size_t size, struct str s)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0, i = 0;

	while (i < s.len) {
		size_t n = str_utf8_len(str_from(s, i));
		bool plain = n && printable(str_sub(s, i, i + n));
		size_t need = plain ? n : 4;

		if (used + need + 4 > size) {
			for (int dot = 0; dot < 3 && used + 1 < size; dot++)
				out[used++] = '.';
			break;
		}
		if (plain) {
			memcpy(out + used, s.data + i, n);
			i += n;
		} else {
			uint8_t c = (uint8_t)s.data[i++];

			memcpy(out + used, (char[]){'\\', 'x', hex[c >> 4], hex[c & 15]}, 4);
		}
		used += need;
	}
	if (size)
		out[used] = '\0';
	return out;
}

static void set_message(struct err *e, const char *text)
{
	err_escape(e->message, sizeof(e->message), str_of(text));
}

int(err_set)(struct err *e, enum err_code code, const char *format, ...)
{
	char text[sizeof(e->message)];
	va_list args;

	if (!e)
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	e->code = code;
	e->hint[0] = '\0';
	set_message(e, text);
	return -1;
}

int(err_set_errno)(struct err *e, int errno_value, const char *format, ...)
{
	char text[sizeof(e->message)], reason[128];
	va_list args;

	if (!e)
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return err_set(e, ERR_IO, "%.500s: %s", text,
		       strerror_r(errno_value, reason, sizeof(reason)));
}

int(err_wrap)(struct err *e, const char *format, ...)
{
	char text[sizeof(e->message)], both[2 * sizeof(e->message) + 2];
	va_list args;

	if (!e)
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(both, sizeof(both), "%s: %s", text, e->message);
	set_message(e, both);
	return -1;
}

int(err_hint)(struct err *e, const char *format, ...)
{
	char text[sizeof(e->hint)];
	va_list args;

	if (!e)
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	err_escape(e->hint, sizeof(e->hint), str_of(text));
	return -1;
}
