#include "test.h"

#include "version/check.h"

struct row {
	const char *a, *op, *b;
};

static void check_rows(const char *name, const struct row *rows, size_t count)
{
	const struct comparator *c = comparator_find(str_of(name));

	for (size_t i = 0; i < count; i++) {
		int want = rows[i].op[0] == '<' ? -1 : rows[i].op[0] == '>' ? 1 : 0, got = 9;
		struct err e = ERR_INIT;

		CHECK_OK(c->compare(str_of(rows[i].a), str_of(rows[i].b), &got, &e));
		if ((got > 0) - (got < 0) != want)
			test_fail(__FILE__, __LINE__, "%s: %s %s %s gave %d", name, rows[i].a,
				  rows[i].op, rows[i].b, got);
		CHECK_OK(c->compare(str_of(rows[i].b), str_of(rows[i].a), &got, &e));
		if ((got > 0) - (got < 0) != -want)
			test_fail(__FILE__, __LINE__, "%s: mirrored %s %s %s gave %d", name,
				  rows[i].a, rows[i].op, rows[i].b, got);
	}
}

#define CHECK_ROWS(name, ...) \
	do { \
		static const struct row rows_[] = {__VA_ARGS__}; \
		check_rows(name, rows_, sizeof(rows_) / sizeof(rows_[0])); \
	} while (0)

static void check_valid(const char *name, const char *good, const char *bad)
{
	const struct comparator *c = comparator_find(str_of(name));
	struct str rest = str_of(good), v;

	while (str_next(&rest, ' ', &v))
		if (!c->valid(v))
			test_fail(__FILE__, __LINE__, "%s: %.*s is not valid", name, STR_ARG(v));
	rest = str_of(bad);
	while (str_next(&rest, ' ', &v))
		if (c->valid(v))
			test_fail(__FILE__, __LINE__, "%s: %.*s is valid", name, STR_ARG(v));
}

TEST(alpine_orders_as_apk)
{
	CHECK_ROWS(
		"alpine",
		/* the parts of the grammar, each against its absence */
		{"1.2", "<", "1.2.0"}, {"1.2", "<", "1.2a"}, {"1.2", "<", "1.2_p"},
		{"1.2", ">", "1.2_rc"}, {"1.2", "<", "1.2-r0"}, {"1.2", "<", "1.2~abc"},
		{"1.2_p", "<", "1.2_p0"}, {"1.2a", ">", "1.2_p1"}, {"1.2.1", ">", "1.2z"},
		{"1.2~a-r0", ">", "1.2-r9"}, {"1.2_p1~a", "<", "1.2_p2"},
		/* suffixes */
		{"1_alpha", "<", "1_beta"}, {"1_beta", "<", "1_pre"}, {"1_pre", "<", "1_rc"},
		{"1_cvs", "<", "1_svn"}, {"1_svn", "<", "1_git"}, {"1_git", "<", "1_hg"},
		{"1_hg", "<", "1_p"}, {"1_alpha_p", ">", "1_alpha"}, {"1_p_alpha", "<", "1_p"},
		/* a last number of zero does not hide a suffix */
		{"6.0_rc1", "<", "6.0"}, {"6.0_p1", ">", "6.0"},
		/* leading zeros behind a dot make text; the first number is a number */
		{"1.01", "<", "1.1"}, {"1.001", "<", "1.01"}, {"1.0", "<", "1.00"},
		{"1.0015", "<", "1.002"}, {"1.010", ">", "1.01"}, {"1.09", "<", "1.1"},
		{"01.1", "=", "1.1"}, {"09", "<", "10"}, {"1-r010", "=", "1-r10"},
		{"1_p010", "=", "1_p10"},
		/* a patch number behind the letter */
		{"3.3.3p1-r2", "<", "3.3.3p1-r3"}, {"3.3.3p1-r3", "<", "3.3.3p2-r0"},
		{"3.3.3p", "<", "3.3.3p1"}, {"3.3.3p09", "<", "3.3.3p10"}, {"1a1b2", "<", "1a1b3"},
		/* numbers of any size */
		{"1.99999999999999999999", "<", "1.100000000000000000000"},
		{"1-r18446744073709551616", ">", "1-r1"},
		/* malformed: ordered by the beginning, then below what is well-formed */
		{"1.2_blah", "<", "1.2"}, {"1.2_blah", ">", "1.2_rc"}, {"1.2_blah", "=", "1.2-x"},
		{"1..2", "<", "1..3"}, {"1..2", "<", "1.0"}, {"1.", "<", "1"}, {".1", "<", "0"},
		{"1-r1x", "<", "1-r1"}, {"1-r1x", "<", "1-r2"}, {"1-r", "=", "1-r0"},
		{"1A", "<", "1"}, {"2A", ">", "1"});
	check_valid(
		"alpine",
		"1 1.2 1.2a 1.2_rc1 1.2_rc_p3-r0 1.2~0af-r1 021109-r3 6.6.2p1-r0 1.2a1_git20200101",
		"a .1 1. 1..2 1.2_blah 1.2-r 1.2-r1-r2 1.2bc 1.2~ 1.2~x 1.2-1 1.2A 1_p1a");
}

TEST(debian_orders_as_dpkg)
{
	CHECK_ROWS("debian", {"1.0", "=", "0:1.0"}, {"1.0", "=", "1.0-0"},
		   {"1.0", "=", "00:1.0-00"}, {"1:0", ">", "9"}, {"010:1", ">", "9:1"},
		   {"1.0~rc1", "<", "1.0"}, {"1.0~~", "<", "1.0~"}, {"1.0~", "<", "1.0"},
		   {"1.0", "<", "1.0a"}, {"1.0a", "<", "1.0+"}, {"1.0+", "<", "1.0-1-1"},
		   {"1.0-1", "<", "1.0+-1"}, {"1.0Z", "<", "1.0a"}, {"1.09", "=", "1.9"},
		   {"1.9", "<", "1.10"}, {"1.2-3-4", ">", "1.2-3"}, {"1:1:2", "<", "1:1:3"},
		   {"1.0-1ubuntu1", ">", "1.0-1"},
		   {"2.7.4+reloaded2-13", "<", "2.7.4+reloaded2-13+deb9u1"},
		   {"1.99999999999999999999", "<", "1.100000000000000000000"},
		   /* dpkg warns of these, and orders them */
		   {"a", "<", "b"}, {"1_2", ">", "1.2"}, {"1.\xce\xb1", "<", "1.+"});
	check_valid("debian", "1 1:1.2-3 1.0~rc1+dfsg-1.1 1:1:2-3 1.0-1-1",
		    "a 1_2 1.0-1_2 1- : 1: -1 x:1 -1:2 2147483648:1 1$");
}

TEST(debian_refuses_what_dpkg_refuses)
{
	static const char *const bad[] = {"",	":1",  "x:1",  "1:",	       "1:-1", "-1",
					  "1-", "1 2", "-1:1", "2147483648:1", "1:1-", "1\t"};
	const struct comparator *c = comparator_find(STR("dpkg"));

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = ERR_INIT;
		int order = 77;

		CHECK_ERR(c->compare(str_of(bad[i]), STR("1"), &order, &e), ERR_FORMAT);
		CHECK_ERR(c->compare(STR("1"), str_of(bad[i]), &order, &e), ERR_FORMAT);
		CHECK_INT(order, 77);
	}
}

TEST(rpm_orders_segments)
{
	CHECK_ROWS("rpm", {"1.0", "=", "1.0."}, {"1.0", "=", "1_0"}, {"1.0", "<", "1.0a"},
		   {"1.a", "<", "1.0"}, {"1.0~", "<", "1.0"}, {"1.0^", ">", "1.0"},
		   {"1.0^", "<", "1.0a"}, {"1.0~^", "<", "1.0"}, {"1.0^~", "<", "1.0^"},
		   {"1.0~a", "<", "1.0^a"}, {"001", "=", "1"}, {"0", "<", "0.0"},
		   {"1.\xce\xb1", "=", "1.\xce\xb2"}, {"A", "<", "a"}, {"1:2", "<", "2:1"},
		   {"1-2", "=", "1.2"}, {"99999999999999999999", "<", "100000000000000000000"});
	check_valid("rpm", "1 1.0~rc1 2^git1 el9_1", "1-2 1:2 1.\xce\xb1");
}

TEST(redhat_orders_epoch_version_release)
{
	CHECK_ROWS("redhat", {"1.0-1", "=", "0:1.0-1"}, {"1:1-1", ">", "2-1"}, {":1-1", "=", "1-1"},
		   {"010:1", ">", "9:1"}, {"1.0", "<", "1.0-1"}, {"1", "<", "1-"},
		   {"1.0-1", "<", "1.0-1.1"}, {"1-1-2", "<", "1-2-1"}, {"a:1", "<", "b:0"},
		   {"1.0~rc1-9", "<", "1.0-1"}, {"5.14.0-503.11.1.el9_5", ">", "5.14.0-70.el9"});
	check_valid("redhat", "1.0-1 1:1.0-1 4.module+el9.5.0+1-2.fc40 1.0~rc1-1",
		    "a:1 4294967296:1 1- -1 1.0-1/2");
}

TEST(alpm_orders_as_vercmp)
{
	CHECK_ROWS("pacman", {"1.0-1", "=", "1.0"}, {"1.0-1", "<", "1.0-2"}, {"1.0a", "<", "1.0b"},
		   {"1.0b", "<", "1.0beta"}, {"1.0rc", "<", "1.0"}, {"1.0", "<", "1.0.a"},
		   {"1.0.a", "<", "1.0.1"}, {"1:1", ">", "2"}, {"1..5", ">", "1.5"},
		   {"1~rc", ">", "1"}, {"1.0", "=", "0:1.0"}, {"1.0.", ">", "1.0"},
		   {"1.01", "=", "1.1"});
	check_valid("alpm", "1.0-1 1:1.0-1.1 r123.abc-1", "-1 1- 1.0/2-1 a:1-1");
}

TEST(blank_and_control_bytes_cannot_be_compared)
{
	static const struct str bad[] = {STR_INIT(""),	 STR_INIT("1 2"), STR_INIT("1\n"),
					 STR_INIT("\0"), STR_INIT("1\0"), STR_INIT("\x7f")};

	for (const struct comparator *const *c = comparators; *c; c++)
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			struct err e = ERR_INIT;
			int order = 77;

			CHECK_ERR((*c)->compare(bad[i], STR("1"), &order, &e), ERR_FORMAT);
			CHECK_ERR((*c)->compare(STR("1"), bad[i], &order, &e), ERR_FORMAT);
			CHECK(!(*c)->valid(bad[i]));
			CHECK_INT(order, 77);
		}
}

TEST(comparators_answer_to_their_aliases)
{
	CHECK(comparator_find(STR("apk")) == comparator_find(STR("alpine")));
	CHECK(comparator_find(STR("deb")) == comparator_find(STR("debian")));
	CHECK(comparator_find(STR("dpkg")) == comparator_find(STR("debian")));
	CHECK(comparator_find(STR("pacman")) == comparator_find(STR("alpm")));
	CHECK(comparator_find(STR("rpm")) != comparator_find(STR("redhat")));
	CHECK(!comparator_find(STR("")));
	CHECK(!comparator_find(STR("Debian")));
	for (const struct comparator *const *c = comparators; c[0] && c[1]; c++)
		CHECK(strcmp(c[0]->name, c[1]->name) < 0);
}

#define SPAN(i, f, l) \
	{ \
		STR_INIT(i), STR_INIT(f), STR_INIT(l) \
	}

TEST(spans_hold_what_lies_in_them)
{
	static const struct {
		const char *version;
		struct version_span spans[2];
		bool inside;
	} rows[] = {
		{"1.0", {SPAN("", "", ""), SPAN("", "0", "")}, true},
		{"1.0", {SPAN("0", "1.0", ""), SPAN("", "0", "")}, false},
		{"0.9", {SPAN("0", "1.0", ""), SPAN("", "0", "")}, true},
		{"0.9", {SPAN("0", "0", ""), SPAN("", "0", "")}, false},
		{"1.0", {SPAN("1.0", "", ""), SPAN("", "0", "")}, true},
		{"1.0~", {SPAN("1.0", "", ""), SPAN("", "0", "")}, false},
		{"1.0~", {SPAN("0", "", "1.0"), SPAN("", "0", "")}, true},
		{"1.0", {SPAN("0", "", "1.0"), SPAN("", "0", "")}, true},
		{"1.0-1", {SPAN("0", "", "1.0"), SPAN("", "0", "")}, false},
		{"2.5", {SPAN("1", "2", ""), SPAN("2.1", "3", "")}, true},
		{"2.0", {SPAN("1", "2", ""), SPAN("2.1", "3", "")}, false},
		{"2.5", {SPAN("1", "3", "2"), SPAN("", "0", "")}, false},
		/* a beginning of "0" includes what sorts below 0 */
		{"0~rc1", {SPAN("0", "1", ""), SPAN("", "0", "")}, true},
		/* a bound that cannot be compared does not hide another span */
		{"2.5", {SPAN("x:1", "", ""), SPAN("2", "3", "")}, true},
	};
	const struct comparator *c = comparator_find(STR("debian"));

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_INIT;
		bool inside = !rows[i].inside;

		CHECK_OK(version_in_spans(c, str_of(rows[i].version), rows[i].spans, 2, &inside,
					  &e));
		if (inside != rows[i].inside)
			test_fail(__FILE__, __LINE__, "row %zu", i);
	}
}

TEST(a_span_that_cannot_be_compared_is_an_error)
{
	static const struct version_span spans[] = {SPAN("x:1", "", ""), SPAN("5", "6", "")};
	const struct comparator *c = comparator_find(STR("debian"));
	struct err e = ERR_INIT;
	bool inside;

	CHECK_ERR(version_in_spans(c, STR("1"), spans, 2, &inside, &e), ERR_FORMAT);
	CHECK_ERR(version_in_spans(c, STR(""), &spans[1], 1, &inside, &e), ERR_FORMAT);
	CHECK_OK(version_in_spans(c, STR("1"), NULL, 0, &inside, &e));
	CHECK(!inside);
}

TEST(check_counts_and_prints_what_fails)
{
	struct buf out = BUF_INIT;
	struct version_check counts;
	struct err e = ERR_INIT;

	CHECK_OK(version_check(
		comparator_find(STR("debian")),
		STR("# comment\n\n1 < 2\r\n  2\t<=  2\n3 < 2\nx:1 = 1\n1 != 1\n2 >= 3\n"), &out,
		&counts, &e));
	CHECK_INT(counts.passed, 2);
	CHECK_INT(counts.failed, 4);
	CHECK_STR(buf_str(&out), "line 5: 3 < 2: is >\n"
				 "line 6: x:1 = 1: version 'x:1': its epoch is not a number\n"
				 "line 7: 1 != 1: is =\n"
				 "line 8: 2 >= 3: is <\n"
				 "2 passed, 4 failed\n");
	buf_done(&out);
}

TEST(check_names_the_malformed_line)
{
	static const char *const bad[] = {"1 < 2\n1 <\n", "\n1 < 2 3\n", "#\n1 ~ 2", "#\n1 =< 2\n",
					  "\n1\n"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf out = BUF_INIT;
		struct version_check counts;
		struct err e = ERR_INIT;

		CHECK_ERR(version_check(comparator_find(STR("rpm")), str_of(bad[i]), &out, &counts,
					&e),
			  ERR_USAGE);
		CHECK(str_starts(str_of(e.message), STR("line 2: ")));
		buf_done(&out);
	}
}
