#include "test.h"

#include <locale.h>
#include <math.h>

#include "base/fault.h"
#include "text/json.h"
#include "text/json_write.h"

static void write_sample(struct json_writer *w)
{
	json_write_object(w);
	json_write_member_cstr(w, "name", "a\"b");
	json_write_member_u64(w, "size", UINT64_MAX);
	json_write_member_i64(w, "low", INT64_MIN);
	json_write_member_array(w, "list");
	json_write_bool(w, true);
	json_write_null(w);
	json_write_double(w, 7.5);
	json_write_object(w);
	json_write_end(w);
	json_write_array(w);
	json_write_end(w);
	json_write_array(w);
	json_write_raw(w, STR("1e400"));
	json_write_end(w);
	json_write_end(w);
	json_write_member_object(w, "o");
	json_write_member_bool(w, "no", false);
	json_write_end(w);
	json_write_end(w);
}

TEST(compact_and_indented_output)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct json_writer w;

	json_writer_init(&w, &b, 0);
	write_sample(&w);
	CHECK_OK(json_writer_end(&w, &e));
	CHECK_STR(buf_str(&b),
		  "{\"name\":\"a\\\"b\",\"size\":18446744073709551615,"
		  "\"low\":-9223372036854775808,\"list\":[true,null,7.5,{},[],[1e400]],"
		  "\"o\":{\"no\":false}}");
	buf_clear(&b);
	json_writer_init(&w, &b, 2);
	write_sample(&w);
	CHECK_OK(json_writer_end(&w, &e));
	CHECK_STR(buf_str(&b),
		  "{\n  \"name\": \"a\\\"b\",\n  \"size\": 18446744073709551615,\n"
		  "  \"low\": -9223372036854775808,\n  \"list\": [\n    true,\n    null,\n"
		  "    7.5,\n    {},\n    [],\n    [\n      1e400\n    ]\n  ],\n"
		  "  \"o\": {\n    \"no\": false\n  }\n}\n");
	buf_done(&b);
}

TEST(strings_are_escaped)
{
	static const struct {
		struct str in;
		const char *out;
	} rows[] = {
		{STR_INIT(""), "\"\""},
		{STR_INIT("\"\\/\b\f\n\r\t"), "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
		{STR_INIT("\0\x1f\x7f"), "\"\\u0000\\u001f\x7f\""},
		{STR_INIT("\xc3\xa4\xf0\x9f\x9a\xa2"), "\"\xc3\xa4\xf0\x9f\x9a\xa2\""},
		{STR_INIT("a\xffz"), "\"a\\\\xffz\""},
		{STR_INIT("\xc3"), "\"\\\\xc3\""},
		{STR_INIT("\xed\xa0\x80"), "\"\\\\xed\\\\xa0\\\\x80\""},
		{STR_INIT("\xe2\x82\xc3\xa4"), "\"\\\\xe2\\\\x82\xc3\xa4\""},
	};
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&b);
		json_quote(&b, rows[i].in);
		CHECK_STR(buf_str(&b), rows[i].out);
	}
	buf_done(&b);
}

TEST(doubles_are_the_shortest_that_read_back)
{
	static const struct {
		double value;
		const char *text;
	} rows[] = {
		{0, "0"},
		{-0.0, "0"},
		{1, "1"},
		{-1.5, "-1.5"},
		{100, "100"},
		{0.1, "0.1"},
		{0.30000000000000004, "0.30000000000000004"},
		{9.8, "9.8"},
		{0.00123, "0.00123"},
		{0.000001, "0.000001"},
		{0.0000001, "1e-7"},
		{123456789012345680000.0, "123456789012345680000"},
		{1e21, "1e+21"},
		{1.5e300, "1.5e+300"},
		{5e-324, "5e-324"},
		{1.7976931348623157e308, "1.7976931348623157e+308"},
		{2.2250738585072014e-308, "2.2250738585072014e-308"},
		{9007199254740993.0, "9007199254740992"},
	};
	char text[DOUBLE_TEXT];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(double_format(rows[i].value, text));
		CHECK_STR(str_of(text), rows[i].text);
		CHECK(strtod(text, NULL) == rows[i].value);
	}
	CHECK(!double_format(INFINITY, text));
	CHECK(!double_format(NAN, text));
}

TEST(random_bit_patterns_read_back)
{
	uint64_t bits = 88172645463325252u;
	char text[DOUBLE_TEXT];
	double value;

	for (int i = 0; i < 200000; i++) {
		bits ^= bits << 13;
		bits ^= bits >> 7;
		bits ^= bits << 17;
		memcpy(&value, &bits, sizeof(value));
		if (!double_format(value, text)) {
			CHECK(!isfinite(value));
			continue;
		}
		if (strtod(text, NULL) != value || strlen(text) > 25)
			test_fail(__FILE__, __LINE__, "%a became %s", value, text);
	}
}

TEST(the_locale_does_not_matter)
{
	char text[DOUBLE_TEXT];

	if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8")) {
		test_skip("no locale with a decimal comma is installed");
		return;
	}
	CHECK(double_format(1234.5, text));
	setlocale(LC_NUMERIC, "C");
	CHECK_STR(str_of(text), "1234.5");
}

static void value_for_key(struct json_writer *w)
{
	json_write_object(w);
	json_write_null(w);
}

static void key_in_array(struct json_writer *w)
{
	json_write_array(w);
	json_write_key(w, STR("a"));
}

static void key_without_value(struct json_writer *w)
{
	json_write_object(w);
	json_write_key(w, STR("a"));
	json_write_end(w);
}

static void two_values(struct json_writer *w)
{
	json_write_null(w);
	json_write_null(w);
}

static void too_many_ends(struct json_writer *w)
{
	json_write_object(w);
	json_write_end(w);
	json_write_end(w);
}

static void left_open(struct json_writer *w)
{
	json_write_object(w);
}

static void nothing(struct json_writer *w)
{
	(void)w;
}

static void not_a_number(struct json_writer *w)
{
	json_write_double(w, NAN);
}

static void too_deep(struct json_writer *w)
{
	for (int i = 0; i < 100000; i++)
		json_write_array(w);
	for (int i = 0; i < 100000; i++)
		json_write_end(w);
}

TEST(what_is_not_json_fails_and_stays_failed)
{
	static void (*const rows[])(struct json_writer * w) = {
		value_for_key, key_in_array, key_without_value, two_values, too_many_ends,
		left_open,     nothing,	     not_a_number,	too_deep,
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_INIT;
		struct buf b = BUF_INIT;
		struct json_writer w;
		size_t len;

		json_writer_init(&w, &b, 0);
		rows[i](&w);
		len = b.len;
		if (json_writer_failed(&w))
			write_sample(&w);
		CHECK_INT(b.len, len);
		CHECK_ERR(json_writer_end(&w, &e), ERR_INTERNAL);
		buf_done(&b);
	}
}

static int append(void *context, struct str bytes, struct err *e)
{
	struct buf *b = context;

	buf_add(b, bytes);
	return b->len > 300000 ? err_set(e, ERR_IO, "disk full") : 0;
}

static void write_many(struct json_writer *w, int count)
{
	json_write_array(w);
	for (int i = 0; i < count; i++)
		write_sample(w);
	json_write_end(w);
}

TEST(a_sink_gets_the_same_bytes_in_pieces)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT, whole = BUF_INIT;
	struct json_writer w;

	json_writer_init(&w, &whole, 0);
	write_many(&w, 1000);
	CHECK_OK(json_writer_end(&w, &e));
	json_writer_init_sink(&w, append, &b, 0);
	write_many(&w, 1000);
	CHECK(b.len > 60000 && w.own.room < 300000);
	CHECK_OK(json_writer_end(&w, &e));
	CHECK(str_eq(buf_str(&b), buf_str(&whole)));
	json_writer_done(&w);
	buf_clear(&b);
	json_writer_init_sink(&w, append, &b, 0);
	write_many(&w, 1000000);
	CHECK_ERR(json_writer_end(&w, &e), ERR_IO);
	CHECK_STR(str_of(e.message), "disk full");
	CHECK(b.len < 400000);
	json_writer_done(&w);
	buf_done(&b);
	buf_done(&whole);
}

static int countdown;

static bool fail_at_zero(enum fault_kind kind)
{
	return kind == FAULT_ALLOC && countdown-- == 0;
}

TEST(every_failed_allocation_is_reported)
{
	for (int k = 0;; k++) {
		struct err e = ERR_INIT;
		struct buf b = BUF_INIT;
		struct json_writer w;
		int r;

		countdown = k;
		fault_hook = fail_at_zero;
		json_writer_init(&w, &b, 2);
		write_many(&w, 100);
		r = json_writer_end(&w, &e);
		fault_hook = NULL;
		buf_done(&b);
		if (countdown >= 0) {
			CHECK(r == 0 && k > 3);
			break;
		}
		CHECK(r < 0 && e.code == ERR_MEMORY);
	}
}
