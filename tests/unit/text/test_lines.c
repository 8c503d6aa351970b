#include "test.h"

#include "base/fault.h"
#include "text/lines.h"

/* Cuts text in steps; lines joined by '|', '!' for one that is too long. */
static void split(struct str text, size_t step, size_t max, struct buf *out)
{
	struct err e = ERR_INIT;
	struct lines l;
	uint64_t number = 0;
	bool ended = false;

	lines_init(&l, max, NULL);
	buf_clear(out);
	while (!ended) {
		struct str line;
		char *copy = NULL;
		size_t n = step < text.len ? step : text.len;
		int r;

		ended = n == 0;
		if (ended) {
			lines_feed_end(&l);
		} else {
			copy = malloc(n);
			if (!copy)
				abort();
			memcpy(copy, text.data, n);
			lines_feed(&l, str_make(copy, n));
			text = str_from(text, n);
		}
		while ((r = lines_next(&l, &line, &e)) > 0) {
			CHECK_INT(l.line, ++number);
			buf_printf(out, "%" PRIu64 ":", l.offset);
			if (r == LINES_TOO_LONG)
				buf_add_char(out, '!');
			else
				buf_add_escaped(out, line);
			buf_add_char(out, '|');
		}
		CHECK_INT(r, 0);
		free(copy);
	}
	lines_done(&l);
}

TEST(lines_are_the_same_however_they_are_cut)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{"", ""},
		{"\n", "0:|"},
		{"a", "0:a|"},
		{"a\n", "0:a|"},
		{"a\r\nb\r", "0:a|3:b|"},
		{"\n\na\n\n", "0:|1:|2:a|4:|"},
		{"12345678\n123456789\n1\n", "0:12345678|9:!|19:1|"},
		{"12345678\r\n123456789\r\n", "0:12345678|10:!|"},
		{"123456789", "0:!|"},
		{"12345678\r", "0:12345678|"},
		{"12345678\r\r\n", "0:!|"},
	};
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t step = 1; step < 24; step++) {
			split(str_of(rows[i].text), step, 8, &b);
			CHECK_STR(buf_str(&b), rows[i].expected);
		}
	buf_done(&b);
}

TEST(a_gigabyte_without_a_line_break_is_skipped_in_bounded_memory)
{
	enum { CHUNK = 1 << 20 };
	struct budget budget = {0};
	struct err e = ERR_INIT;
	struct str line = STR_NULL;
	char *chunk = malloc(CHUNK);
	struct lines l;

	if (!chunk)
		abort();
	memset(chunk, 'a', CHUNK);
	lines_init(&l, 0, &budget);
	for (int i = 0; i < 1024; i++) {
		lines_feed(&l, str_make(chunk, CHUNK));
		CHECK_INT(lines_next(&l, &line, &e), LINES_MORE);
	}
	lines_feed(&l, STR("z\nnext\n"));
	CHECK_INT(lines_next(&l, &line, &e), LINES_TOO_LONG);
	CHECK_INT(lines_next(&l, &line, &e), LINES_LINE);
	CHECK_STR(line, "next");
	CHECK_INT(l.line, 2);
	CHECK_INT(l.offset, (1 << 30) + 2);
	CHECK(budget.bytes_peak <= 2 * LINE_MAX_BYTES);
	lines_done(&l);
	CHECK_INT(budget.bytes, 0);
	free(chunk);
}

static bool fail(enum fault_kind kind)
{
	return kind == FAULT_ALLOC;
}

TEST(failed_allocation_is_reported)
{
	struct err e = ERR_INIT;
	struct str line;
	struct lines l;

	lines_init(&l, 0, NULL);
	lines_feed(&l, STR("abc"));
	fault_hook = fail;
	CHECK_ERR(lines_next(&l, &line, &e), ERR_MEMORY);
	fault_hook = NULL;
	lines_done(&l);
}
