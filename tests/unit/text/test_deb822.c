#include "test.h"

#include "base/fault.h"
#include "text/deb822.h"

struct seen {
	struct buf text;
	struct err e;
	int stop_after;
};

static int add_paragraph(void *context, const struct deb822_paragraph *p, struct err *e)
{
	struct seen *s = context;

	buf_printf(&s->text, "<%" PRIu64 "%s", p->line, p->incomplete ? "!" : "");
	for (size_t i = 0; i < p->count; i++) {
		buf_printf(&s->text, " %" PRIu64 ":", p->fields[i].line);
		buf_add_escaped(&s->text, p->fields[i].name);
		buf_add_char(&s->text, '=');
		buf_add_escaped(&s->text, p->fields[i].value);
	}
	buf_add_char(&s->text, '>');
	if (s->stop_after && --s->stop_after == 0)
		return err_set(e, ERR_CANCELLED, "enough");
	return 0;
}

static void add_odd(void *context, enum deb822_odd what, uint64_t line)
{
	static const char *const names[] = {"long", "large", "many", "nofield",
					    "lost", "twice", "blank"};
	struct seen *s = context;

	buf_printf(&s->text, "(%s %" PRIu64 ")", names[what], line);
}

static int parse(struct str text, size_t step, struct deb822_options options, struct seen *s)
{
	struct deb822 d;
	int r;

	options.paragraph = add_paragraph;
	options.odd = add_odd;
	options.context = s;
	buf_clear(&s->text);
	if (deb822_init(&d, &options, &s->e) < 0)
		return -1;
	do {
		char *copy = malloc(step);
		size_t n = step < text.len ? step : text.len;

		if (!copy)
			abort();
		if (n)
			memcpy(copy, text.data, n);
		r = deb822_chunk(&d, str_make(copy, n), &s->e);
		text = str_from(text, n);
		free(copy);
	} while (r == 0 && text.len);
	if (r == 0)
		r = deb822_end(&d, &s->e);
	deb822_done(&d);
	return r;
}

TEST(paragraphs_are_the_same_however_they_are_cut)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{"", ""},
		{"\n\n\n", ""},
		{"A: 1", "<1 1:A=1>"},
		{"A: 1\nB:2\n\n\nA:  3  \n", "<1 1:A=1 2:B=2><5 5:A=3>"},
		{"A: 1\r\nB: 2\r\n\r\nC: 3\r\n", "<1 1:A=1 2:B=2><4 4:C=3>"},
		{"D: short\n long\n .\n\tmore\nE:\n x 1\n y 2\n",
		 "<1 1:D=short\\x0a long\\x0a .\\x0a\\x09more 5:E=\\x0a x 1\\x0a y 2>"},
		{"A : 1\nB\t:\n", "<1 1:A=1 2:B=>"},
		{"A: x:y\n", "<1 1:A=x:y>"},
		{"# not\nA: 1\n", "(nofield 1)<1! 2:A=1>"},
		{"junk\n continued\nA: 1\n", "(nofield 1)<1! 3:A=1>"},
		{": 1\nA b: 2\n", "(nofield 1)(nofield 2)<1!>"},
		{" lost\n also\nA: 1\n", "(lost 1)<1! 3:A=1>"},
		{"A: 1\na: 2\n", "(twice 2)<1 1:A=1 2:a=2>"},
		{"A: 1\n \t\nB: 2\n  \n", "(blank 2)<1 1:A=1>(blank 4)<3 3:B=2>"},
		{" \nA: 1\n", "<2 2:A=1>"},
		{"A: 12345678901234567890\nB: 1\n", "(long 1)<1! 2:B=1>"},
		{"A: 1\n 12345678901234567890\n 2\nB: 1\n", "(long 2)<1! 1:A=1 4:B=1>"},
		{"A: 1\n\n12345678901234567890\n\nB: 2\n", "<1 1:A=1>(long 3)<3!><5 5:B=2>"},
		{"A: \xff\n", "<1 1:A=\\xff>"},
	};
	struct seen s = {.text = BUF_INIT};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t step = 1; step < 40; step++) {
			struct deb822_options options = {.line_max = 18};

			CHECK_INT(parse(str_of(rows[i].text), step, options, &s), 0);
			CHECK_STR(buf_str(&s.text), rows[i].expected);
		}
	buf_done(&s.text);
}

TEST(only_wanted_fields_are_kept_and_comments_are_skipped_where_asked)
{
	static const char *const wanted[] = {"package", "Status", NULL};
	struct deb822_options options = {.wanted = wanted, .comments = true};
	struct seen s = {.text = BUF_INIT};

	CHECK_INT(parse(STR("# c\nPackage: a\nDescription: x\n y\n# c\n z\nStatus: ok\n "
			    "more\n\nOther: 1\n\n"
			    "Package: b\nOther: 1\nOther: 2\n"),
			7, options, &s),
		  0);
	CHECK_STR(buf_str(&s.text), "<2 2:Package=a 7:Status=ok\\x0a more><12 12:Package=b>");
	buf_done(&s.text);
}

TEST(limits_drop_and_tell)
{
	struct deb822_options options = {.paragraph_max = 10};
	struct seen s = {.text = BUF_INIT};
	struct buf b = BUF_INIT;

	CHECK_INT(
		parse(STR("A: 1\nB: 123456789\n x\nC: 1\n y\n z\nD: 4\n\nA: 1\n"), 5, options, &s),
		0);
	CHECK_STR(buf_str(&s.text), "(large 2)<1! 1:A=1 4:C=1\\x0a y><9 9:A=1>");
	for (int i = 0; i < DEB822_FIELDS + 2; i++)
		buf_printf(&b, "F%d: x\n", i);
	CHECK_INT(parse(buf_str(&b), 100, (struct deb822_options){0}, &s), 0);
	CHECK(str_starts(buf_str(&s.text), STR("(many 1025)(many 1026)<1! 1:F0=x 2:F1=x")));
	buf_done(&b);
	buf_done(&s.text);
}

TEST(the_callback_can_stop)
{
	struct seen s = {.text = BUF_INIT, .stop_after = 2};

	CHECK_INT(parse(STR("A: 1\n\nA: 2\n\nA: 3\n"), 100, (struct deb822_options){0}, &s), -1);
	CHECK_INT(s.e.code, ERR_CANCELLED);
	CHECK_STR(buf_str(&s.text), "<1 1:A=1><3 3:A=2>");
	buf_done(&s.text);
}

static int check_values(void *context, const struct deb822_paragraph *p, struct err *e)
{
	struct arena a = {0};
	struct str rest, line;

	(void)e;
	*(int *)context += 1;
	CHECK_STR(deb822_value(p, "package"), "bash");
	CHECK(deb822_value(p, "Pack").data == NULL);
	CHECK(deb822_find(p, "DEPENDS") && deb822_find(p, "DEPENDS")->line == 2);
	CHECK_STR(deb822_unfold(deb822_value(p, "Depends"), &a), "a, b (>= 1), c");
	rest = deb822_value(p, "Description");
	CHECK(deb822_next_line(&rest, &line) && str_is(line, "short"));
	CHECK(deb822_next_line(&rest, &line) && str_is(line, " verbatim"));
	CHECK(deb822_next_line(&rest, &line) && str_is(line, ""));
	CHECK(deb822_next_line(&rest, &line) && str_is(line, "end"));
	CHECK(!deb822_next_line(&rest, &line));
	rest = deb822_value(p, "Files");
	CHECK(deb822_next_line(&rest, &line) && str_is(line, ""));
	CHECK(deb822_next_line(&rest, &line) && str_is(line, "a 1"));
	CHECK(!deb822_next_line(&rest, &line));
	CHECK_STR(deb822_value(p, "Empty"), "");
	arena_done(&a);
	return 0;
}

TEST(values_are_read_by_line_or_unfolded)
{
	struct err e = ERR_INIT;
	int count = 0;

	CHECK_OK(deb822_parse(
		STR("Package: bash\nDepends: a,\n b (>= 1),\n\t c\nDescription: short\n  verbatim\n"
		    " .\n end\nFiles:\n a 1\nEmpty:\n"),
		&(struct deb822_options){.paragraph = check_values, .context = &count}, &e));
	CHECK_INT(count, 1);
}

TEST(the_signed_body_is_given_exactly)
{
#define HEAD "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
#define TAIL "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"
	static const struct {
		const char *text;
		int result;
		const char *body;
	} rows[] = {
		{"A: 1\n", 0, "A: 1\n"},
		{"", 0, ""},
		{HEAD "A: 1\nB: 2\n" TAIL, 1, "A: 1\nB: 2"},
		{"\n" HEAD "A: 1\n\n" TAIL "\n\n", 1, "A: 1\n"},
		{HEAD TAIL, 1, ""},
		{"-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nA: 1\r\n" TAIL, 1, "A: 1"},
		{"X: 1\n" HEAD "A: 1\n" TAIL, -1, ""},
		{HEAD "A: 1\n" TAIL "X: 1\n", -1, ""},
		{HEAD "A: 1\n" TAIL HEAD "A: 2\n" TAIL, -1, ""},
		{HEAD "A: 1\n- B: 2\n" TAIL, -1, ""},
		{HEAD "A: 1\n", -1, ""},
		{HEAD "A: 1\n-----BEGIN PGP SIGNATURE-----\n", -1, ""},
		{"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n", -1, ""},
		{HEAD "-----BEGIN PGP SIGNED MESSAGE-----\n" TAIL, -1, ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_INIT;
		struct str body = STR("");

		CHECK_INT(deb822_skip_signature(str_of(rows[i].text), &body, &e), rows[i].result);
		CHECK_STR(body, rows[i].body);
	}
}

static int countdown;

static bool fail_at_zero(enum fault_kind kind)
{
	return kind == FAULT_ALLOC && countdown-- == 0;
}

TEST(every_failed_allocation_is_reported)
{
	struct buf b = BUF_INIT;
	struct seen s = {.text = BUF_INIT};

	for (int i = 0; i < 50; i++)
		buf_printf(&b, "Field%d: %0200d\n more\n%s", i, i, i % 10 ? "" : "\n");
	buf_reserve(&s.text, 1 << 20);
	for (int k = 0;; k++) {
		int r;

		countdown = k;
		fault_hook = fail_at_zero;
		r = parse(buf_str(&b), 50, (struct deb822_options){0}, &s);
		fault_hook = NULL;
		if (countdown >= 0) {
			CHECK(r == 0 && k > 3);
			break;
		}
		CHECK(r < 0 && s.e.code == ERR_MEMORY);
	}
	buf_done(&b);
	buf_done(&s.text);
}

TEST(a_real_status_file_gives_every_package)
{
	static const char *const wanted[] = {"Package", "Version", "Status", NULL};
	const char *path = "/var/lib/dpkg/status";
	struct deb822_options options = {.wanted = wanted};
	struct seen s = {.text = BUF_INIT};
	size_t expected = 0, found = 0;
	FILE *f = fopen(path, "rb");
	struct str text, rest, line;

	if (!f) {
		test_skip("this machine has no dpkg");
		return;
	}
	fclose(f);
	text = test_read_file(path);
	rest = text;
	while (str_next_line(&rest, &line))
		expected += str_starts(line, STR("Package: "));
	CHECK_INT(parse(text, 4096, options, &s), 0);
	for (size_t i = 0; i < s.text.len; i++)
		found += s.text.data[i] == '<' && s.text.data[i + 1] >= '0' &&
			 s.text.data[i + 1] <= '9';
	CHECK(expected > 0);
	CHECK_INT(found, expected);
	free((char *)text.data);
	buf_done(&s.text);
}
