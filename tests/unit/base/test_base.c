#include "test.h"

#include "base/buf.h"
#include "base/cur.h"
#include "base/date.h"
#include "base/diag.h"
#include "base/fault.h"
#include "base/map.h"
#include "base/work.h"

TEST(glob_matches_components)
{
	static const struct {
		const char *pattern, *path;
		bool match;
	} rows[] = {
		{"var/lib/dpkg/status", "var/lib/dpkg/status", true},
		{"var/lib/dpkg/status", "var/lib/dpkg/status2", false},
		{"var/lib/dpkg/status.d/*", "var/lib/dpkg/status.d/base", true},
		{"var/lib/dpkg/status.d/*", "var/lib/dpkg/status.d/a/b", false},
		{"**/package.json", "package.json", true},
		{"**/package.json", "a/b/package.json", true},
		{"**/package.json", "a/b/xpackage.json", false},
		{"a/**/z", "a/z", true},
		{"a/**/z", "a/b/c/z", true},
		{"a/**", "a/b/c", true},
		{"*.tar", "x.tar", true},
		{"a*b*c", "aXXbYYbc", true},
		{"a*b*c", "aXX/bc", false},
		{"**/a/**/b*", "x/a/y/a/z/bcd", true},
		{"?", "/", false},
		{"", "", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_glob(rows[i].pattern, str_of(rows[i].path)) != rows[i].match)
			test_fail(__FILE__, __LINE__, "%s on %s", rows[i].pattern, rows[i].path);
}

TEST(escape_makes_hostile_text_printable)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	char out[64];

	CHECK(!strcmp(err_escape(out, sizeof(out), STR("a\x1b[31m\n\xc3\xa4\xff\xc2\x9b")),
		      "a\\x1b[31m\\x0a\xc3\xa4\\xff\\xc2\\x9b"));
	/* an override of direction, a tag, and the same through a buffer */
	CHECK(!strcmp(err_escape(out, sizeof(out), STR("a\xe2\x80\xae\xf3\xa0\x80\xa0z")),
		      "a\\xe2\\x80\\xae\\xf3\\xa0\\x80\\xa0z"));
	buf_add_escaped(&b, STR("a\xe2\x80\xae\xf3\xa0\x80\xa0z"));
	CHECK_STR(buf_str(&b), out);
	err_escape(out, 8, STR("abcdefghij"));
	CHECK(!strcmp(out, "abcd..."));
}

TEST(utf8_refuses_surrogates_and_overlong_forms)
{
	CHECK(str_is_utf8(STR("\xf0\x9f\x9a\xa2 ship")));
	CHECK(!str_is_utf8(STR("\xed\xa0\x80")));
	CHECK(!str_is_utf8(STR("\xc0\xaf")));
	CHECK(!str_is_utf8(STR("\xf4\x90\x80\x80")));
	CHECK(!str_is_utf8(STR("\xe2\x82")));
}

TEST(cursor_past_the_end_is_sticky)
{
	struct cur c = cur_of(STR("\x01\x02\x03"));

	CHECK_INT(cur_le16(&c), 0x0201);
	CHECK_INT(cur_be32(&c), 0);
	CHECK(c.bad);
	CHECK_INT(cur_u8(&c), 0);
}

TEST(varint_round_trip)
{
	struct buf b = BUF_INIT;
	struct cur c;

	buf_add_varint(&b, 0);
	buf_add_varint(&b, 300);
	buf_add_varint(&b, UINT64_MAX);
	c = cur_of(buf_str(&b));
	CHECK(cur_varint(&c) == 0 && cur_varint(&c) == 300 && cur_varint(&c) == UINT64_MAX);
	CHECK(!c.bad && cur_left(&c) == 0);
	buf_done(&b);
}

TEST(budget_refuses_and_stays_unchanged)
{
	struct budget b = {.bytes_max = 100000};
	struct arena a;

	arena_init(&a, &b, 0);
	CHECK(arena_alloc(&a, 50000) != NULL);
	CHECK(arena_alloc(&a, 90000) == NULL);
	CHECK(arena_alloc(&a, 100) != NULL);
	arena_done(&a);
	CHECK_INT(b.bytes, 0);
	CHECK(b.bytes_peak > 50000);
}

TEST(map_keeps_ten_thousand_keys)
{
	struct arena a = {0};
	struct map m;
	size_t seen = 0, at = 0;

	map_init(&m, NULL);
	for (uintptr_t i = 0; i < 10000; i++)
		*map_put(&m, arena_printf(&a, "key%zu", (size_t)i)) = (void *)(i + 1);
	for (uintptr_t i = 0; i < 10000; i++)
		CHECK(map_find(&m, arena_printf(&a, "key%zu", (size_t)i)) == (void *)(i + 1));
	CHECK(map_find(&m, STR("other")) == NULL);
	while (map_next(&m, &at))
		seen++;
	CHECK_INT(seen, 10000);
	map_done(&m);
	arena_done(&a);
}

TEST(dates_parse_and_format)
{
	char text[DATE_TEXT];
	int64_t t;

	CHECK(date_parse(STR("2026-11-25"), &t) &&
	      !strcmp(date_format(t, text), "2026-11-25T00:00:00Z"));
	CHECK(date_parse(STR("1970-01-01T01:00:00+01:00"), &t) && t == 0);
	CHECK(date_parse(STR("2024-02-29T23:59:59.123456Z"), &t));
	CHECK(!strcmp(date_format_day(t, text), "2024-02-29"));
	CHECK(date_parse(STR("@86400"), &t) && t == 86400);
	CHECK(!date_parse(STR("2024-13-01"), &t));
	CHECK(!date_parse(STR("2024-02-30"), &t));
	CHECK(!date_parse(STR("2023-02-29"), &t));
	CHECK(!date_parse(STR("24-01-01"), &t));
	CHECK(!date_parse(STR("2024-01-01x"), &t));
}

TEST(diagnostics_sort_and_count)
{
	struct diags d;

	diags_init(&d, NULL);
	diag_add(&d, DIAG_layer_truncated, DIAG_LAYER(3), "cut at %d", 12);
	diag_add(&d, DIAG_entry_odd, DIAG_LAYER(1), "odd \x1b");
	diags_sort(&d);
	CHECK_INT(d.list.items[0].layer, 1);
	CHECK_STR(d.list.items[0].message, "odd \\x1b");
	CHECK_INT(diags_count(&d, DIAG_GAP), 1);
	for (int i = 0; i < 3 * DIAG_KEEP; i++)
		diag_add(&d, DIAG_file_malformed, DIAG_NOWHERE, "again");
	CHECK_INT(diags_count(&d, DIAG_DEGRADED), 3 * DIAG_KEEP);
	CHECK_INT(d.list.count, DIAG_KEEP + 2);
	diags_done(&d);
}

static int countdown;

static bool fail_at_zero(enum fault_kind kind)
{
	return kind == FAULT_ALLOC && countdown-- == 0;
}

TEST(every_failed_allocation_is_reported)
{
	for (int k = 0; k < 8; k++) {
		struct arena a = {0};
		struct buf b = BUF_INIT;
		struct map m;
		bool ok = true;

		map_init(&m, NULL);
		countdown = k;
		fault_hook = fail_at_zero;
		for (int i = 0; i < 20 && ok; i++) {
			struct str key = arena_printf(&a, "%d", i);

			ok = key.data && map_put(&m, key);
			buf_add(&b, key);
		}
		ok = ok && !buf_failed(&b);
		fault_hook = NULL;
		/* either the failure was answered by a smaller chunk and all is there, or it was
		 * told */
		CHECK(ok || countdown < 0);
		if (ok)
			CHECK(m.count == 20 && b.len == 30);
		map_done(&m);
		buf_done(&b);
		arena_done(&a);
	}
}

static void add_index(void *context, size_t i)
{
	atomic_fetch_add((_Atomic size_t *)context, i);
}

TEST(work_runs_every_task_once)
{
	_Atomic size_t sum = 0;

	work_run(4, 1000, add_index, (void *)&sum);
	CHECK_INT(sum, 499500);
}
