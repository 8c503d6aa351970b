/*
 * JSON out, RFC 8259. Numbers come out as ECMAScript writes them (ECMA-262, Number::toString), so
 * that an output read and written again by common tools stays as it is.
 */
#include "text/json_write.h"

#include <ctype.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SINK_PIECE = 64 << 10 };

static void fail(struct json_writer *w, enum err_code code, const char *text)
{
	if (!w->error.code)
		err_set(&w->error, code, "%s", text);
}

void json_writer_init(struct json_writer *w, struct buf *out, unsigned indent)
{
	*w = (struct json_writer){.out = out, .indent = indent, .first = true};
}

void json_writer_init_sink(struct json_writer *w, json_sink *sink, void *context, unsigned indent)
{
	json_writer_init(w, &w->own, indent);
	w->sink = sink;
	w->context = context;
}

void json_writer_done(struct json_writer *w)
{
	buf_done(&w->own);
}

static void flush(struct json_writer *w, size_t over)
{
	if (buf_failed(w->out))
		fail(w, ERR_MEMORY, "not enough memory for the output");
	if (!w->sink || w->error.code || w->own.len <= over)
		return;
	if (w->sink(w->context, buf_str(&w->own), &w->error) < 0)
		fail(w, ERR_IO, "the output cannot be written");
	buf_clear(&w->own);
}

int json_writer_end(struct json_writer *w, struct err *e)
{
	if (w->depth || w->first || w->keyed)
		fail(w, ERR_INTERNAL, "JSON output ends too early");
	if (w->indent)
		buf_add_char(w->out, '\n');
	flush(w, 0);
	if (!w->error.code)
		return 0;
	if (e)
		*e = w->error;
	return -1;
}

/* --- the grammar ------------------------------------------------------------------------------ */

static bool in_object(const struct json_writer *w)
{
	return w->depth && w->kinds[(w->depth - 1) / 64] >> ((w->depth - 1) % 64) & 1;
}

static void new_line(struct json_writer *w)
{
	static const char blanks[] = "                                ";

	if (!w->indent)
		return;
	buf_add_char(w->out, '\n');
	for (size_t left = w->depth * w->indent; left;) {
		size_t n = left < sizeof(blanks) - 1 ? left : sizeof(blanks) - 1;

		buf_add(w->out, str_make(blanks, n));
		left -= n;
	}
}

static void separate(struct json_writer *w)
{
	if (!w->first)
		buf_add_char(w->out, ',');
	if (w->depth)
		new_line(w);
	w->first = false;
}

/* What stands before a value; false when none may stand here. */
static bool begin_value(struct json_writer *w)
{
	if (w->error.code)
		return false;
	if (in_object(w) != w->keyed || (w->depth == 0 && !w->first)) {
		fail(w, ERR_INTERNAL, "JSON output has a value out of place");
		return false;
	}
	if (!w->keyed)
		separate(w);
	w->keyed = false;
	flush(w, SINK_PIECE);
	return true;
}

static void open_level(struct json_writer *w, bool object)
{
	uint64_t bit = 1ull << (w->depth % 64);

	if (!begin_value(w))
		return;
	if (w->depth >= JSON_WRITE_DEPTH) {
		fail(w, ERR_INTERNAL, "JSON output is nested too deep");
		return;
	}
	if (object)
		w->kinds[w->depth / 64] |= bit;
	else
		w->kinds[w->depth / 64] &= ~bit;
	w->depth++;
	w->first = true;
	buf_add_char(w->out, object ? '{' : '[');
}

void json_write_object(struct json_writer *w)
{
	open_level(w, true);
}

void json_write_array(struct json_writer *w)
{
	open_level(w, false);
}

void json_write_end(struct json_writer *w)
{
	bool object = in_object(w);

	if (w->error.code)
		return;
	if (w->depth == 0 || w->keyed) {
		fail(w, ERR_INTERNAL, "JSON output ends a level out of place");
		return;
	}
	w->depth--;
	if (!w->first)
		new_line(w);
	w->first = false;
	buf_add_char(w->out, object ? '}' : ']');
}

void json_write_key(struct json_writer *w, struct str key)
{
	if (w->error.code)
		return;
	if (!in_object(w) || w->keyed) {
		fail(w, ERR_INTERNAL, "JSON output has a key out of place");
		return;
	}
	separate(w);
	w->keyed = true;
	json_quote(w->out, key);
	buf_add(w->out, w->indent ? STR(": ") : STR(":"));
}

/* --- strings ---------------------------------------------------------------------------------- */

/* Length of what can be copied as it is. */
static size_t plain_run(struct str s)
{
	size_t i = 0;

	while (i < s.len) {
		unsigned char c = (unsigned char)s.data[i];
		size_t n = 1;

		if (c < 0x20 || c == '"' || c == '\\')
			break;
		if (c >= 0x80)
			n = str_utf8_len(str_from(s, i));
		if (n == 0)
			break;
		i += n;
	}
	return i;
}

static void quote_byte(struct buf *b, unsigned char c)
{
	static const char shorts[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
				      ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
	static const char hex[] = "0123456789abcdef";

	if (c < sizeof(shorts) && shorts[c])
		buf_add(b, str_make((char[]){'\\', shorts[c]}, 2));
	else if (c < 0x20)
		buf_add(b, str_make((char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6));
	else
		buf_add(b, str_make((char[]){'\\', '\\', 'x', hex[c >> 4], hex[c & 15]}, 5));
}

void json_quote(struct buf *b, struct str s)
{
	buf_add_char(b, '"');
	while (s.len) {
		size_t n = plain_run(s);

		buf_add(b, str_to(s, n));
		if (n < s.len)
			quote_byte(b, (unsigned char)s.data[n]);
		s = str_from(s, n + 1);
	}
	buf_add_char(b, '"');
}

void json_write_string(struct json_writer *w, struct str s)
{
	if (begin_value(w))
		json_quote(w->out, s);
}

void json_write_cstr(struct json_writer *w, const char *s)
{
	json_write_string(w, str_of(s));
}

/* --- numbers ---------------------------------------------------------------------------------- */

/*
 * The shortest decimal digits (first not 0) and the exponent of the first. printf and strtod use
 * the same decimal sign, and only digits are taken from the text, so the locale does not matter.
 */
static int shortest_digits(double value, char digits[24], int *exponent)
{
	char text[40];
	int n = 0;

	for (int precision = value < DBL_MIN ? 0 : 14; precision <= 16; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, value);
		if (strtod(text, NULL) == value)
			break;
	}
	*exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	for (const char *p = text; *p != 'e'; p++)
		if (isdigit((unsigned char)*p) && n < 23)
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
	return n;
}

bool double_format(double value, char out[DOUBLE_TEXT])
{
	const char *sign = signbit(value) && value != 0 ? "-" : "";
	char digits[24];
	int n, exponent, point;

	if (!isfinite(value))
		return false;
	n = shortest_digits(fabs(value), digits, &exponent);
	point = exponent + 1; /* digits before the decimal point */
	if (point > 21 || point < -5)
		snprintf(out, DOUBLE_TEXT, "%s%c%s%se%+d", sign, digits[0], n > 1 ? "." : "",
			 digits + 1, exponent);
	else if (point <= 0)
		snprintf(out, DOUBLE_TEXT, "%s0.%.*s%s", sign, -point, "00000", digits);
	else if (point >= n)
		snprintf(out, DOUBLE_TEXT, "%s%s%.*s", sign, digits, point - n,
			 "000000000000000000000");
	else
		snprintf(out, DOUBLE_TEXT, "%s%.*s.%s", sign, point, digits, digits + point);
	return true;
}

void json_write_double(struct json_writer *w, double value)
{
	char text[DOUBLE_TEXT];

	if (!double_format(value, text))
		fail(w, ERR_INTERNAL, "JSON output has a number that is none");
	else if (begin_value(w))
		buf_add_cstr(w->out, text);
}

void json_write_i64(struct json_writer *w, int64_t value)
{
	if (begin_value(w))
		buf_printf(w->out, "%" PRId64, value);
}

void json_write_u64(struct json_writer *w, uint64_t value)
{
	if (begin_value(w))
		buf_printf(w->out, "%" PRIu64, value);
}

void json_write_bool(struct json_writer *w, bool value)
{
	json_write_raw(w, value ? STR("true") : STR("false"));
}

void json_write_null(struct json_writer *w)
{
	json_write_raw(w, STR("null"));
}

void json_write_raw(struct json_writer *w, struct str json)
{
	if (begin_value(w))
		buf_add(w->out, json);
}

/* --- members ---------------------------------------------------------------------------------- */

void json_write_member(struct json_writer *w, const char *key, struct str value)
{
	json_write_key(w, str_of(key));
	json_write_string(w, value);
}

void json_write_member_cstr(struct json_writer *w, const char *key, const char *value)
{
	json_write_key(w, str_of(key));
	json_write_cstr(w, value);
}

void json_write_member_u64(struct json_writer *w, const char *key, uint64_t value)
{
	json_write_key(w, str_of(key));
	json_write_u64(w, value);
}

void json_write_member_i64(struct json_writer *w, const char *key, int64_t value)
{
	json_write_key(w, str_of(key));
	json_write_i64(w, value);
}

void json_write_member_double(struct json_writer *w, const char *key, double value)
{
	json_write_key(w, str_of(key));
	json_write_double(w, value);
}

void json_write_member_bool(struct json_writer *w, const char *key, bool value)
{
	json_write_key(w, str_of(key));
	json_write_bool(w, value);
}

void json_write_member_object(struct json_writer *w, const char *key)
{
	json_write_key(w, str_of(key));
	json_write_object(w);
}

void json_write_member_array(struct json_writer *w, const char *key)
{
	json_write_key(w, str_of(key));
	json_write_array(w);
}
