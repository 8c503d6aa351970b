#include "test.h"

#include "base/fault.h"
#include "text/csv.h"

/* Rows as "line:a|b|;" */
static int read_rows(struct str text, size_t step, size_t max, struct buf *out, struct err *e)
{
	struct csv *c = malloc(sizeof(*c));
	bool ended = false;
	int r = 0;

	if (!c)
		abort();
	csv_init(c, max, NULL);
	buf_clear(out);
	while (!ended && r == 0) {
		size_t n = step < text.len ? step : text.len;
		char *copy = malloc(n ? n : 1);

		if (!copy)
			abort();
		if (n)
			memcpy(copy, text.data, n);
		ended = n == 0;
		if (ended)
			csv_feed_end(c);
		else
			csv_feed(c, str_make(copy, n));
		text = str_from(text, n);
		while ((r = csv_next(c, e)) > 0) {
			buf_printf(out, "%" PRIu64 ":", c->line);
			for (size_t i = 0; i < c->count; i++) {
				buf_add_escaped(out, c->fields[i]);
				buf_add_char(out, '|');
			}
			buf_add_char(out, ';');
		}
		free(copy);
	}
	if (r == 0)
		CHECK_INT(csv_next(c, e), 0);
	else
		CHECK_INT(csv_next(c, e), r);
	csv_done(c);
	free(c);
	return r;
}

TEST(rows_are_the_same_however_they_are_cut)
{
	static const struct {
		const char *text, *expected;
		enum err_code code;
	} rows[] = {
		{"", "", 0},
		{"\n\n", "", 0},
		{"a,b,c\n1,2,3\n", "1:a|b|c|;2:1|2|3|;", 0},
		{"a,b\r\n1,2\r\n", "1:a|b|;2:1|2|;", 0},
		{"a,b", "1:a|b|;", 0},
		{"a,", "1:a||;", 0},
		{",\n,", "1:||;2:||;", 0},
		{"\"a\",\"b,c\",\"d\"\"e\",\"\"\n", "1:a|b,c|d\"e||;", 0},
		{"\"two\nlines\",x\ny\n", "1:two\\x0alines|x|;3:y|;", 0},
		{"\"a\"\r\n\"b\"", "1:a|;2:b|;", 0},
		{"\"a\r\",b\r\n", "1:a\\x0d|b|;", 0},
		{"a\"b\",c\n", "1:a\"b\"|c|;", 0},
		{"a\rb,c\n", "1:a\\x0db|c|;", 0},
		{"#model:v1,date:2024-01-01T00:00:00+0000\ncve,epss\n",
		 "1:#model:v1|date:2024-01-01T00:00:00+0000|;2:cve|epss|;", 0},
		{"\xef\xbb\xbf\"a\",b\n", "1:a|b|;", 0},
		{"\xef\xbb,b\n", "1:\\xef\\xbb|b|;", 0},
		{"\"\"\n", "1:|;", 0},
		{"a\n\n\nb\n", "1:a|;4:b|;", 0},
		{"a\r\n\r\n\"\"\r\nb", "1:a|;3:|;4:b|;", 0},
		{"a\n\"b\"c\n", "1:a|;", ERR_FORMAT},
		{"\"b\"\rc\n", "", ERR_FORMAT},
		{"\"b\"\r,c\n", "", ERR_FORMAT},
		{"a\n\"b\nc\n", "1:a|;", ERR_TRUNCATED},
		{"1234567890123456789012345678901234567890\n",
		 "1:1234567890123456789012345678901234567890|;", 0},
		{"1234567890123456789,1234567890123456789012\n", "", ERR_LIMIT},
	};
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t step = 1; step < 60; step++) {
			struct err e = ERR_INIT;
			int r = read_rows(str_of(rows[i].text), step, 40, &b, &e);

			CHECK_INT(e.code, rows[i].code);
			CHECK_INT(r, rows[i].code ? -1 : 0);
			CHECK_STR(buf_str(&b), rows[i].expected);
		}
	buf_done(&b);
}

TEST(columns_are_found_by_their_head)
{
	static struct csv c;
	struct err e = ERR_INIT;

	csv_init(&c, 0, NULL);
	csv_feed(&c, STR("cveID,vendor\nCVE-1,x\n"));
	CHECK_INT(csv_next(&c, &e), 1);
	CHECK_INT(csv_column(&c, "vendor"), 1);
	CHECK_INT(csv_column(&c, "other"), -1);
	CHECK_INT(csv_next(&c, &e), 1);
	CHECK_STR(csv_field(&c, 0), "CVE-1");
	CHECK(csv_field(&c, 2).data == NULL && csv_field(&c, -1).data == NULL);
	csv_done(&c);
}

TEST(too_many_fields_are_an_error)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT, out = BUF_INIT;

	for (int i = 0; i < CSV_FIELDS - 1; i++)
		buf_add_char(&b, ',');
	CHECK_INT(read_rows(buf_str(&b), 10, 0, &out, &e), 0);
	buf_add_char(&b, ',');
	CHECK_INT(read_rows(buf_str(&b), 10, 0, &out, &e), -1);
	CHECK_INT(e.code, ERR_LIMIT);
	CHECK_STR(str_of(e.message), "line 1: the row has more fields than the limit");
	buf_done(&b);
	buf_done(&out);
}

static bool fail(enum fault_kind kind)
{
	return kind == FAULT_ALLOC;
}

TEST(failed_allocation_is_reported)
{
	static struct csv c;
	struct err e = ERR_INIT;

	csv_init(&c, 0, NULL);
	csv_feed(&c, STR("abc,d\n"));
	fault_hook = fail;
	CHECK_ERR(csv_next(&c, &e), ERR_MEMORY);
	fault_hook = NULL;
	csv_done(&c);
}
