#include "test.h"

#include "base/fault.h"
#include "io/stream.h"
#include "text/json.h"

/* One line for all events: "{ k=a s=b n=1 } ." or the error code behind '!'. */
static const char *describe(struct json *j, struct buf *out, struct err *e)
{
	static const char *const marks[] = {
		[JSON_END] = ".",	 [JSON_MORE] = "?",    [JSON_OBJECT] = "{",
		[JSON_OBJECT_END] = "}", [JSON_ARRAY] = "[",   [JSON_ARRAY_END] = "]",
		[JSON_KEY] = "k=",	 [JSON_STRING] = "s=", [JSON_NUMBER] = "n=",
		[JSON_TRUE] = "",	 [JSON_FALSE] = "",    [JSON_NULL] = "",
	};
	int r;

	buf_clear(out);
	do {
		r = json_next(j, e);
		if (r < 0) {
			buf_printf(out, "!%s", err_code_name(e->code));
			break;
		}
		buf_add_cstr(out, marks[r]);
		buf_add_escaped(out, j->text);
		buf_add_cstr(out, j->duplicate ? "(twice)" : "");
		buf_add_cstr(out, j->replaced ? "(replaced)" : "");
		if (r != JSON_END)
			buf_printf(out, "@%" PRIu64 ":%" PRIu64 ":%" PRIu64 " ", j->offset, j->line,
				   j->column);
	} while (r != JSON_END);
	buf_add_char(out, '\0');
	return buf_failed(out) ? "?" : out->data;
}

static void without_places(char *s)
{
	char *out = s;

	for (; *s; s++) {
		if (*s == '@')
			s += strcspn(s, " ");
		if (!*s)
			break;
		*out++ = *s;
	}
	*out = '\0';
}

static void check_row(struct str text, const struct json_options *options, const char *expected)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct json j;

	json_init_slice(&j, text, options);
	describe(&j, &b, &e);
	without_places(b.data);
	if (strcmp(b.data, expected) != 0)
		test_fail(__FILE__, __LINE__, "'%.*s' gave '%s' (%s), expected '%s'", STR_ARG(text),
			  b.data, e.message, expected);
	json_done(&j);
	buf_done(&b);
}

struct row {
	struct str text;
	const char *expected;
};

static void check_rows(const struct row *rows, size_t count, const struct json_options *options)
{
	for (size_t i = 0; i < count; i++)
		check_row(rows[i].text, options, rows[i].expected);
}

#define CHECK_ROWS(rows, options) check_rows(rows, sizeof(rows) / sizeof((rows)[0]), options)

TEST(values_become_events)
{
	static const struct row rows[] = {
		{STR_INIT("{}"), "{ } ."},
		{STR_INIT(" [ ] "), "[ ] ."},
		{STR_INIT("{\"a\":[1,-2.5e+3,true,false,null,\"x\"],\"b\":{}}"),
		 "{ k=a [ n=1 n=-2.5e+3 true false null s=x ] k=b { } } ."},
		{STR_INIT("\"\""), "s= ."},
		{STR_INIT("0"), "n=0 ."},
		{STR_INIT("-0.0E-0\n"), "n=-0.0E-0 ."},
		{STR_INIT("true"), "true ."},
		{STR_INIT("\xef\xbb\xbf[]"), "[ ] ."},
		{STR_INIT("\n{}"), "{ } ."},
		{STR_INIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "s=\"\\/\\x08\\x0c\\x0a\\x0d\\x09 ."},
		{STR_INIT("\"\\u0041\\u00e4\\u20ac\\ud83d\\udea2|\\u0000\""),
		 "s=A\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\xa2|\\x00 ."},
		{STR_INIT("\"\xf0\x9f\x9a\xa2\""), "s=\xf0\x9f\x9a\xa2 ."},
	};

	CHECK_ROWS(rows, NULL);
}

TEST(what_is_not_json_is_refused)
{
	static const struct row rows[] = {
		{STR_INIT(""), "!truncated"},
		{STR_INIT(" \n"), "!truncated"},
		{STR_INIT("{"), "{ !truncated"},
		{STR_INIT("[1"), "[ n=1 !truncated"},
		{STR_INIT("\"abc"), "!truncated"},
		{STR_INIT("\"abc\\"), "!truncated"},
		{STR_INIT("{\"a\""), "{ k=a !truncated"},
		{STR_INIT("{} x"), "{ } !format"},
		{STR_INIT("{}{}"), "{ } !format"},
		{STR_INIT("1 2"), "n=1 !format"},
		{STR_INIT("[1,]"), "[ n=1 !format"},
		{STR_INIT("[,1]"), "[ !format"},
		{STR_INIT("[1 2]"), "[ n=1 !format"},
		{STR_INIT("[1}"), "[ n=1 !format"},
		{STR_INIT("{\"a\":1]"), "{ k=a n=1 !format"},
		{STR_INIT("{\"a\":1,}"), "{ k=a n=1 !format"},
		{STR_INIT("{\"a\" 1}"), "{ k=a !format"},
		{STR_INIT("{\"a\":}"), "{ k=a !format"},
		{STR_INIT("{a:1}"), "{ !format"},
		{STR_INIT("{1:1}"), "{ !format"},
		{STR_INIT("]"), "!format"},
		{STR_INIT("01"), "!format"},
		{STR_INIT("-"), "!format"},
		{STR_INIT("-a"), "!format"},
		{STR_INIT("1."), "!format"},
		{STR_INIT(".5"), "!format"},
		{STR_INIT("+1"), "!format"},
		{STR_INIT("1e"), "!format"},
		{STR_INIT("1e+"), "!format"},
		{STR_INIT("0x10"), "!format"},
		{STR_INIT("1_000"), "n=1 !format"},
		{STR_INIT("NaN"), "!format"},
		{STR_INIT("Infinity"), "!format"},
		{STR_INIT("True"), "!format"},
		{STR_INIT("nul"), "!format"},
		{STR_INIT("nulll"), "!format"},
		{STR_INIT("'a'"), "!format"},
		{STR_INIT("\"a\nb\""), "!format"},
		{STR_INIT("\"a\\\nb\""), "!format"},
		{STR_INIT("\"a\0b\""), "!format"},
		{STR_INIT("\"\x1f\""), "!format"},
		{STR_INIT("\"\\x41\""), "!format"},
		{STR_INIT("\"\\u12\""), "!format"},
		{STR_INIT("\"\\u12g4\""), "!format"},
		{STR_INIT("\"\\U0041\""), "!format"},
		{STR_INIT("\"\xff\""), "!format"},
		{STR_INIT("\"\xc0\xaf\""), "!format"},
		{STR_INIT("\"\xed\xa0\x80\""), "!format"},
		{STR_INIT("\"\xe2\x82\""), "!format"},
		{STR_INIT("\"\\\xc3\xa4\""), "!format"},
		{STR_INIT("[1]\0"), "[ n=1 ] !format"},
		{STR_INIT("\0"), "!format"},
		{STR_INIT("\xef\xbb"), "!truncated"},
		{STR_INIT("\xef{}"), "!format"},
		{STR_INIT(" \xef\xbb\xbf{}"), "!format"},
		{STR_INIT("\xef\xbb\xbf\xef\xbb\xbf{}"), "!format"},
		{STR_INIT("[1] // comment"), "[ n=1 ] !format"},
		{STR_INIT("[1\x0c]"), "[ n=1 !format"},
		{STR_INIT("[1\xc2\xa0]"), "[ n=1 !format"},
	};

	CHECK_ROWS(rows, NULL);
}

TEST(lone_surrogates_are_replaced_and_told)
{
	static const struct row rows[] = {
		{STR_INIT("\"\\ud800\""), "s=\xef\xbf\xbd(replaced) ."},
		{STR_INIT("\"\\udc00x\""), "s=\xef\xbf\xbdx(replaced) ."},
		{STR_INIT("\"\\ud800\\ud83d\\udea2\""),
		 "s=\xef\xbf\xbd\xf0\x9f\x9a\xa2(replaced) ."},
		{STR_INIT("\"\\ud800\\u0041\""), "s=\xef\xbf\xbd"
						 "A(replaced) ."},
		{STR_INIT("[\"\\ud800\",\"a\"]"), "[ s=\xef\xbf\xbd(replaced) s=a ] ."},
	};

	CHECK_ROWS(rows, NULL);
}

TEST(invalid_utf8_is_replaced_where_asked)
{
	static const struct row rows[] = {
		{STR_INIT("\"a\xff\\n\xc3\xa4\xe2\x82z\""),
		 "s=a\xef\xbf\xbd\\x0a\xc3\xa4\xef\xbf\xbd\xef\xbf\xbdz(replaced) ."},
		{STR_INIT("\"\xff\""), "s=\xef\xbf\xbd(replaced) ."},
		{STR_INIT("{\"\xe9t\xe9\":1}"), "{ k=\xef\xbf\xbdt\xef\xbf\xbd(replaced) n=1 } ."},
		{STR_INIT("\"\xc3\xa4\""), "s=\xc3\xa4 ."},
		{STR_INIT("\"\xff\\q\""), "!format"},
	};
	struct json_options options = {.replace_invalid = true};

	CHECK_ROWS(rows, &options);
}

TEST(duplicate_keys_are_told_per_object)
{
	static const struct row rows[] = {
		{STR_INIT("{\"a\":1,\"a\":2,\"b\":{\"a\":3},\"\\u0061\":4}"),
		 "{ k=a n=1 k=a(twice) n=2 k=b { k=a n=3 } k=a(twice) n=4 } ."},
		{STR_INIT("[{\"a\":1},{\"a\":1}]"), "[ { k=a n=1 } { k=a n=1 } ] ."},
		{STR_INIT("{\"\":1,\"\":2}"), "{ k= n=1 k=(twice) n=2 } ."},
	};

	CHECK_ROWS(rows, NULL);
}

/* Objects of every size around the change from list to table, nested in one another, each with one
 * key twice. */
TEST(one_duplicate_in_an_object_of_any_size_is_found)
{
	for (int size = 1; size < 700; size += size < 40 ? 1 : 97) {
		struct err e = ERR_INIT;
		struct buf b = BUF_INIT;
		struct json j;
		int r;

		buf_add_char(&b, '{');
		for (int i = 0; i < size; i++) {
			buf_printf(&b, "%s\"k%d\":{", i ? "," : "", i);
			for (int k = 0; k < 30; k++)
				buf_printf(&b, "%s\"k%d\":0", k ? "," : "", k);
			buf_add_char(&b, '}');
		}
		buf_printf(&b, ",\"k%d\":0}", size / 2);
		json_init_slice(&j, buf_str(&b), NULL);
		while ((r = json_next(&j, &e)) > 0)
			;
		CHECK_INT(r, JSON_END);
		CHECK_INT(j.duplicates, 1);
		json_done(&j);
		buf_done(&b);
	}
}

static const char sample[] = "\xef\xbb\xbf{ \"id\" : \"CVE-\\u0032\\n\xc3\xa4\\ud83d\\udea2\",\r\n"
			     "\t\"list\":[0, -12.5e+3,true,false,null,\n[],{}],\"id\":\"\\\\\" ,"
			     "\"\xe2\x82\xac\":{\"long enough for a word or two\":\"\\ud800\"}}\n";

struct cut {
	struct str rest;
	size_t first, step;
};

static int next_cut(void *context, struct str *ret_chunk, struct err *e)
{
	struct cut *c = context;
	size_t n = c->first ? c->first : c->step;

	(void)e;
	c->first = 0;
	if (c->rest.len == 0)
		return 0;
	*ret_chunk = str_to(c->rest, n);
	c->rest = str_from(c->rest, n);
	return 1;
}

/* A copy of exact size for each chunk, so that a sanitizer sees a read of an old or behind the new
 * one. */
static int next_copy(void *context, struct str *ret_chunk, struct err *e)
{
	static char *copy;
	int r = next_cut(context, ret_chunk, e);

	free(copy);
	copy = NULL;
	if (r > 0) {
		copy = malloc(ret_chunk->len);
		if (!copy)
			abort();
		memcpy(copy, ret_chunk->data, ret_chunk->len);
		ret_chunk->data = copy;
	}
	return r;
}

TEST(chunks_cut_anywhere_give_the_same_events)
{
	struct err e = ERR_INIT;
	struct buf whole = BUF_INIT, parts = BUF_INIT;
	struct str text = str_make(sample, sizeof(sample) - 1);
	struct json j;

	json_init_slice(&j, text, NULL);
	describe(&j, &whole, &e);
	CHECK(strchr(whole.data, '!') == NULL);
	json_done(&j);
	for (size_t step = 1; step < text.len; step++)
		for (size_t first = 0; first < step; first++) {
			struct cut cut = {text, first, step};

			json_init_pull(&j, next_copy, &cut, NULL);
			describe(&j, &parts, &e);
			if (strcmp(whole.data, parts.data) != 0)
				test_fail(__FILE__, __LINE__, "first %zu then %zu: %s", first, step,
					  parts.data);
			json_done(&j);
		}
	buf_done(&whole);
	buf_done(&parts);
}

TEST(fed_chunks_give_the_same_events)
{
	struct err e = ERR_INIT;
	struct json j, whole;
	struct str text = str_make(sample, sizeof(sample) - 1);
	size_t at = 0;
	int r;

	json_init_slice(&whole, text, NULL);
	json_init_push(&j, NULL);
	do {
		r = json_next(&j, &e);
		if (r == JSON_MORE && at == text.len) {
			json_feed_end(&j);
		} else if (r == JSON_MORE) {
			json_feed(&j, str_sub(text, at, at + 1));
			at++;
		} else {
			CHECK_INT(r, json_next(&whole, &e));
			CHECK(str_eq(j.text, whole.text));
			CHECK_INT(j.offset, whole.offset);
		}
	} while (r > 0);
	CHECK_INT(r, JSON_END);
	json_done(&j);
	json_done(&whole);
}

TEST(every_truncation_is_told)
{
	struct err e = ERR_INIT;
	struct json j;
	size_t end = sizeof(sample) - 2; /* without the last line break it is whole */

	for (size_t n = 0; n < end; n++) {
		char *copy = malloc(n ? n : 1);
		int r;

		if (!copy)
			abort();
		memcpy(copy, sample, n);
		json_init_slice(&j, str_make(copy, n), NULL);
		while ((r = json_next(&j, &e)) > 0)
			;
		CHECK_INT(r, -1);
		/* a byte cut out of the middle of the mark or of a word is not JSON either */
		CHECK(e.code == ERR_TRUNCATED || e.code == ERR_FORMAT);
		CHECK_INT(json_next(&j, &e), -1);
		json_done(&j);
		free(copy);
	}
}

TEST(a_cut_escape_gives_the_same_error_as_a_whole_one)
{
	static const struct str texts[] = {
		STR_INIT("\"ab\\qcd\""),	STR_INIT("\"a\\u12\""),
		STR_INIT("\"a\xff\\\""),	STR_INIT("\"a\\\x01\""),
		STR_INIT("\"a\x01\""),		STR_INIT("[1e]"),
		STR_INIT("\"\\\xff\""),		STR_INIT("{\"a\":tru}"),
		STR_INIT("{\"a\":1,\n  \x80}"), STR_INIT("[\n\n  \"a\\\"\\x\"]"),
		STR_INIT("[1,\xda\x99]"),
	};
	struct buf whole = BUF_INIT, parts = BUF_INIT;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t step = 1; step < texts[i].len; step++) {
			struct err e1 = ERR_INIT, e2 = ERR_INIT;
			struct cut cut = {texts[i], 0, step};
			struct json j;

			json_init_slice(&j, texts[i], NULL);
			describe(&j, &whole, &e1);
			json_done(&j);
			json_init_pull(&j, next_copy, &cut, NULL);
			describe(&j, &parts, &e2);
			json_done(&j);
			CHECK(!strcmp(whole.data, parts.data));
			CHECK_STR(str_of(e1.message), e2.message);
		}
	buf_done(&whole);
	buf_done(&parts);
}

TEST(errors_name_line_and_column)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"{\n  \"a\": x\n}", "line 2, column 8: 'x' is not a value of JSON"},
		{"{\n  \"a\": \"b\\qc\"}", "line 2, column 10: not an escape of JSON"},
		{"[1,\n2,\n", "line 3, column 1: the document ends too early"},
		{"[1,\n\"\xff\"]", "line 2, column 2: not UTF-8"},
		{"[1]]", "line 1, column 4: expected the end of the document, found ']'"},
		{"{\"a\":1 \"b\":2}", "line 1, column 8: expected ',' or '}', found '\"'"},
		{"[\x1b]", "line 1, column 2: expected a value or ']', found '\\x1b'"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_INIT;
		struct json j;

		json_init_slice(&j, str_of(rows[i].text), NULL);
		while (json_next(&j, &e) > 0)
			;
		CHECK_STR(str_of(e.message), rows[i].message);
		json_done(&j);
	}
}

TEST(a_hundred_thousand_levels_end_at_the_limit)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct json j;
	int r;

	for (int i = 0; i < 100000; i++)
		buf_add_cstr(&b, i % 2 ? "{\"a\":" : "[");
	json_init_slice(&j, buf_str(&b), NULL);
	for (int i = 0; (r = json_next(&j, &e)) > 0 && i < 2000; i++)
		;
	CHECK(r < 0 && e.code == ERR_LIMIT);
	CHECK_INT(j.depth, JSON_DEPTH);
	json_done(&j);
	json_init_slice(&j, buf_str(&b), &(struct json_options){.depth_max = 1000000});
	while ((r = json_next(&j, &e)) > 0)
		;
	CHECK(r < 0 && e.code == ERR_LIMIT);
	CHECK_INT(j.depth, JSON_DEPTH_MAX);
	json_done(&j);
	buf_done(&b);
}

TEST(limits_of_tokens_hold_however_they_are_cut)
{
	struct json_options options = {.token_max = 10};
	static const struct {
		const char *text;
		bool over;
	} rows[] = {
		{"\"0123456789\"", false}, {"\"0123456789a\"", true},	 {"1234567890", false},
		{"12345678901", true},	   {"\"\\u0041\\u0041\"", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t step = 1; step < 14; step++) {
			struct err e = ERR_INIT;
			struct cut cut = {str_of(rows[i].text), 0, step};
			struct json j;
			int r;

			json_init_pull(&j, next_copy, &cut, &options);
			r = json_next(&j, &e);
			if (rows[i].over)
				CHECK(r < 0 && e.code == ERR_LIMIT);
			else
				CHECK_OK(r);
			json_done(&j);
		}
}

TEST(limit_of_keys_counts_open_objects_only)
{
	struct json_options options = {.keys_max = 8};
	struct err e = ERR_INIT;
	struct json j;

	check_row(STR("[{\"a\":1,\"b\":2,\"c\":3},{\"a\":1,\"b\":2,\"c\":3},{\"a\":1,\"b\":2,\"c\":"
		      "3}]"),
		  &options,
		  "[ { k=a n=1 k=b n=2 k=c n=3 } { k=a n=1 k=b n=2 k=c n=3 } "
		  "{ k=a n=1 k=b n=2 k=c n=3 } ] .");
	json_init_slice(&j, STR("{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}"), &options);
	while (json_next(&j, &e) > 0)
		;
	CHECK_INT(e.code, ERR_LIMIT);
	json_done(&j);
}

TEST(a_long_string_in_small_chunks_is_linear)
{
	enum { SIZE = 8 << 20 };
	char *text = malloc(SIZE);
	struct err e = ERR_INIT;
	struct json j;

	if (!text)
		abort();
	memset(text, 'a', SIZE);
	for (size_t i = 1; i + 2 < SIZE; i += 2)
		memcpy(text + i, "\\n", 2);
	text[0] = text[SIZE - 1] = '"';
	json_init_pull(&j, next_cut, &(struct cut){str_make(text, SIZE), 0, 7}, NULL);
	CHECK_INT(json_next(&j, &e), JSON_STRING);
	CHECK(j.text.len > SIZE / 2 - 4);
	CHECK_INT(json_next(&j, &e), JSON_END);
	json_done(&j);
	free(text);
}

TEST(shape_is_checked_by_expectations)
{
	struct err e = ERR_INIT;
	struct str s, key;
	struct json j;
	uint64_t n;
	bool yes;

	json_init_slice(
		&j,
		STR("{\"a\":\"x\",\"n\":18446744073709551615,\"t\":true,\"skip\":[{\"a\":[1]}],"
		    "\"l\":[1,[2,3],{\"a\":4}]}"),
		NULL);
	CHECK_OK(json_expect(&j, JSON_OBJECT, &e));
	CHECK(json_next_key(&j, &key, &e) == 1 && str_is(key, "a"));
	CHECK_OK(json_expect_string(&j, &s, &e));
	CHECK_STR(s, "x");
	CHECK_INT(json_next_key(&j, &key, &e), 1);
	CHECK(json_expect_u64(&j, &n, &e) == 0 && n == UINT64_MAX);
	CHECK_INT(json_next_key(&j, &key, &e), 1);
	CHECK(json_expect_bool(&j, &yes, &e) == 0 && yes);
	CHECK_INT(json_next_key(&j, &key, &e), 1);
	CHECK_OK(json_skip_value(&j, &e));
	CHECK(json_next_key(&j, &key, &e) == 1 && str_is(key, "l"));
	CHECK_OK(json_expect(&j, JSON_ARRAY, &e));
	n = 0;
	while (json_next_item(&j, &e) > 0) {
		n++;
		CHECK_OK(json_skip_rest(&j, &e));
	}
	CHECK_INT(n, 3);
	CHECK_INT(json_next_key(&j, &key, &e), 0);
	CHECK_OK(json_expect(&j, JSON_END, &e));
	json_done(&j);

	json_init_slice(&j, STR("{\"a\":\n 18446744073709551616}"), NULL);
	CHECK_OK(json_expect(&j, JSON_OBJECT, &e));
	CHECK_ERR(json_expect_string(&j, &s, &e), ERR_FORMAT);
	CHECK_STR(str_of(e.message), "line 1, column 2: expected a string, found a key");
	CHECK_ERR(json_expect_u64(&j, &n, &e), ERR_FORMAT);
	CHECK_STR(str_of(e.message),
		  "line 2, column 2: expected a whole number from 0 to 18446744073709551615");
	CHECK_ERR(json_skip_value(&j, &e), ERR_FORMAT);
	json_done(&j);
}

TEST(position_gives_the_extent_of_a_value)
{
	struct str text = STR("{\"a\": [1, {\"b\":2}] , \"c\":\"d\"}");
	struct err e = ERR_INIT;
	uint64_t start;
	struct json j;

	json_init_slice(&j, text, NULL);
	CHECK_OK(json_expect(&j, JSON_OBJECT, &e));
	CHECK_OK(json_expect(&j, JSON_KEY, &e));
	CHECK_OK(json_expect(&j, JSON_ARRAY, &e));
	start = j.offset;
	CHECK_OK(json_skip_rest(&j, &e));
	CHECK_STR(str_sub(text, start, json_position(&j)), "[1, {\"b\":2}]");
	json_done(&j);
}

static int pull_error(void *context, struct str *ret_chunk, struct err *e)
{
	int *calls = context;

	if ((*calls)++)
		return err_set(e, ERR_DIGEST, "layer: digest differs");
	*ret_chunk = STR("[\"ab");
	return 1;
}

TEST(errors_of_the_source_come_through)
{
	struct err e = ERR_INIT;
	struct json j;
	int calls = 0;

	json_init_pull(&j, pull_error, &calls, NULL);
	CHECK_OK(json_expect(&j, JSON_ARRAY, &e));
	CHECK_ERR(json_next(&j, &e), ERR_DIGEST);
	CHECK_ERR(json_next(&j, &e), ERR_DIGEST);
	CHECK_STR(str_of(e.message), "layer: digest differs");
	CHECK_INT(calls, 2);
	json_done(&j);
}

TEST(a_stream_is_read_as_it_comes)
{
	struct err e = ERR_INIT;
	struct stream *s = stream_open_memory(STR("[1,{\"a\":\"b\"}]"), &e);
	struct buf b = BUF_INIT;
	struct json j;

	CHECK(s != NULL);
	json_init_pull(&j, stream_pull, s, NULL);
	describe(&j, &b, &e);
	without_places(b.data);
	CHECK_STR(str_of(b.data), "[ n=1 { k=a s=b } ] .");
	json_done(&j);
	buf_done(&b);
	stream_close(s);
}

static int countdown;

static bool fail_at_zero(enum fault_kind kind)
{
	return kind == FAULT_ALLOC && countdown-- == 0;
}

TEST(every_failed_allocation_is_reported)
{
	struct buf b = BUF_INIT, out = BUF_INIT;

	buf_add_char(&b, '{');
	for (int i = 0; i < 300; i++)
		buf_printf(&b, "\"a\\u0020long key %d\":\"\\\\%0300d\",", i, i);
	buf_add_cstr(&b, "\"z\":{}}");
	buf_reserve(&out, 1 << 20);
	for (int k = 0;; k++) {
		struct cut cut = {buf_str(&b), 0, 100};
		struct err e = ERR_INIT;
		struct json j;
		int r;

		countdown = k;
		fault_hook = fail_at_zero;
		json_init_pull(&j, next_cut, &cut, NULL);
		while ((r = json_next(&j, &e)) > 0)
			;
		fault_hook = NULL;
		json_done(&j);
		if (countdown >= 0) {
			CHECK_INT(r, JSON_END);
			CHECK(k > 5);
			break;
		}
		CHECK(r < 0 && e.code == ERR_MEMORY);
	}
	buf_done(&b);
	buf_done(&out);
}

TEST(memory_is_charged_and_given_back)
{
	struct budget budget = {.bytes_max = 1 << 20};
	struct json_options options = {.budget = &budget};
	struct err e = ERR_INIT;
	struct cut cut = {STR("[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\n\",{\"a\":1}]"), 0, 5};
	struct json j;
	int r;

	json_init_pull(&j, next_cut, &cut, &options);
	while ((r = json_next(&j, &e)) > 0)
		;
	CHECK_INT(r, JSON_END);
	CHECK(budget.bytes > 0);
	json_done(&j);
	CHECK_INT(budget.bytes, 0);
}
