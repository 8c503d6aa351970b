#include <fcntl.h>
#include <unistd.h>

#include "scan/progress_line.h"
#include "test.h"

static const struct {
	const char *what;
	int phase, layers, done;
	uint64_t bytes, total;
	unsigned width;
	const char *expected;
} rows[] = {
	{"shop.tar", PHASE_START, 0, 0, 0, 0, 79, "shop.tar"},
	{"shop.tar", PHASE_TAR_WALK, 7, 2, 120400000, 753000000, 79,
	 "shop.tar  layer 3 of 7  120.4 of 753.0 MB  60 MB/s"},
	{"-", PHASE_INFLATE, 0, 0, 5000000, 0, 79, "-  5.0 MB  2 MB/s"},
	{"shop.tar", PHASE_TAR_WALK, 7, 7, 753000000, 753000000, 79,
	 "shop.tar  layer 7 of 7  753.0 of 753.0 MB  376 MB/s"},
	{"shop.tar", PHASE_MATCH, 7, 7, 753000000, 753000000, 79, "shop.tar  match"},
	{"shop.tar", PHASE_TAR_WALK, 7, 2, 120400000, 753000000, 20, "shop.tar  layer 3 of"},
	{"\033]0;x\007.tar", PHASE_START, 0, 0, 0, 0, 79, "\\x1b]0;x\\x07.tar"},
	{"a/very/long/path/that/goes/on/and/on/until/it/no/longer/fits/shop.tar", PHASE_START, 0, 0,
	 0, 0, 79, ".../and/on/until/it/no/longer/fits/shop.tar"},
	{"\xc3\xa4\xc3\xb6\xc3\xbc.tar", PHASE_START, 0, 0, 0, 0, 2, "\xc3\xa4\xc3\xb6"},
};

TEST(the_line_says_what_how_far_and_how_fast)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct progress p = {.phase = rows[i].phase,
				     .layers = rows[i].layers,
				     .layers_done = rows[i].done,
				     .bytes = rows[i].bytes,
				     .bytes_total = rows[i].total};
		struct buf out = BUF_INIT;

		progress_line_text(&p, str_of(rows[i].what), 2.0, rows[i].width, &out);
		CHECK_STR(buf_str(&out), rows[i].expected);
		buf_done(&out);
	}
}

TEST(nothing_is_drawn_where_there_is_no_terminal)
{
	struct progress *p = progress_new();
	struct progress_line l;
	int pair[2];
	char byte;

	CHECK_INT(pipe2(pair, O_NONBLOCK), 0);
	progress_line_init(&l, pair[1], true, STR("x"), p);
	usleep(350000);
	progress_line_tick(&l);
	progress_line_clear(&l);
	CHECK_INT(read(pair[0], &byte, 1), -1);
	close(pair[0]);
	close(pair[1]);
	progress_free(p);
}

TEST(a_terminal_gets_the_line_after_a_while_and_loses_it_again)
{
	struct progress *p = progress_new();
	struct progress_line l;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK), terminal;
	char text[256] = "";
	ssize_t n;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) {
		test_skip("no pseudo terminal here");
		return;
	}
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
	progress_line_init(&l, terminal, true, STR("shop.tar"), p);
	progress_line_tick(&l);
	CHECK_INT(read(master, text, sizeof(text)), -1);
	usleep(350000);
	progress_line_tick(&l);
	n = read(master, text, sizeof(text));
	CHECK_STR(str_make(text, n > 0 ? (size_t)n : 0), "\rshop.tar\033[K");
	p->phase = PHASE_OUTPUT;
	progress_line_tick(&l);
	n = read(master, text, sizeof(text));
	CHECK_STR(str_make(text, n > 0 ? (size_t)n : 0), "\r\033[K");
	progress_line_tick(&l);
	progress_line_clear(&l);
	CHECK_INT(read(master, text, sizeof(text)), -1);
	close(terminal);
	close(master);
	progress_free(p);
}
