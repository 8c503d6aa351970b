/*
 * The program: one command line in, one exit code out. Errors are printed here and nowhere else.
 */
#include <signal.h>
#include <unistd.h>

#include "base/log.h"
#include "base/map.h"
#include "cli/common.h"
#include "cli/version.h"

static void print_error(const struct err *e)
{
	fprintf(stderr, "plimsoll: %s\n", e->message);
	if (e->hint[0])
		fprintf(stderr, "hint: %s\n", e->hint);
}

static int exit_code_of(const struct err *e)
{
	return e->code == ERR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

static int print(struct buf *text, struct err *e)
{
	if (buf_failed(text))
		return ERR_NOMEM(e);
	return common_write(STDOUT_FILENO, buf_str(text), e);
}

static int run(const struct invocation *in, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	log_set_level(invocation_flag(in, "quiet") ? 0 : (int)invocation_count(in, "verbose"));
	if (invocation_flag(in, "version")) {
		version_text(invocation_flag(in, "features"), &text);
		return print(&text, e);
	}
	if (!in->command) {
		if (invocation_flag(in, "help"))
			help_text(NULL, &text);
		else
			help_short(&text);
		return print(&text, e);
	}
	if (invocation_flag(in, "help")) {
		help_text(in->command, &text);
		return print(&text, e);
	}
	return in->command->run(in, e);
}

int plimsoll_main(int argc, char **argv)
{
	struct invocation in = {0};
	struct err e = ERR_INIT;
	int code;

	/* a closed pipe is an answer (head), not a death */
	signal(SIGPIPE, SIG_IGN);
	map_seed();
	if (invocation_parse(argc, argv, &in, &e) < 0) {
		print_error(&e);
		return exit_code_of(&e);
	}
	code = run(&in, &e);
	if (e.code != ERR_NONE) {
		print_error(&e);
		code = exit_code_of(&e);
	}
	invocation_done(&in);
	return code < 0 ? EXIT_FAILED : code;
}
