#include "test.h"

#include "io/program.h"

TEST(a_program_runs_with_its_output_bounded)
{
	static const char *const echo[] = {"sh", "-c", "echo out; echo err >&2; exit 3", NULL};
	static const char *const yes[] = {"yes", NULL};
	static const char *const none[] = {"no-such-program-here", NULL};
	static const char *const hog[] = {
		"sh", "-c", "x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; while :; do x=$x$x; done", NULL};
	static const char *const sleep[] = {"sleep", "30", NULL};
	struct buf out = BUF_INIT, err = BUF_INIT;
	struct err e = ERR_INIT;
	int status = 0;

	CHECK_OK(program_run(&(struct program_run){.argv = echo, .out = &out, .err = &err}, &status,
			     &e));
	CHECK_INT(status, 3);
	CHECK_STR(buf_str(&out), "out\n");
	CHECK_STR(buf_str(&err), "err\n");
	buf_done(&out);
	out.max = 100000;
	CHECK_ERR(program_run(&(struct program_run){.argv = yes, .out = &out}, &status, &e),
		  ERR_LIMIT);
	CHECK_ERR(program_run(&(struct program_run){.argv = none}, &status, &e), ERR_NOT_FOUND);
	CHECK_ERR(program_run(&(struct program_run){.argv = sleep, .seconds = 1}, &status, &e),
		  ERR_LIMIT);
	/* a shell that asks for more and more ends by itself when there is none */
	CHECK_OK(program_run(&(struct program_run){.argv = hog, .memory = 64 << 20, .seconds = 30},
			     &status, &e));
	CHECK(status != 0);
	buf_done(&out);
	buf_done(&err);
}
