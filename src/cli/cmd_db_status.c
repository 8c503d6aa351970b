/*
 * db status: what the database holds and how old it is.
 */
#include <unistd.h>

#include "advisory/manage.h"
#include "cli/common.h"

static int run_db_status(const struct invocation *in, struct err *e)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	const char *format = invocation_text(in, "format");
	int64_t now;
	int r;

	if (common_database_path(in, &path, e) < 0 || common_now(in, &now, e) < 0 ||
	    crypto_init(e) < 0)
		return -1;
	r = format && strcmp(format, "json") == 0 ? db_status_json(path.data, now, &out, e)
						  : db_status(path.data, now, &out, e);
	if (r < 0)
		return -1;
	return common_write(STDOUT_FILENO, buf_str(&out), e) < 0 ? -1 : EXIT_PASS;
}

static const char *const formats[] = {"table", "json", NULL};

static const struct option options[] = {
	{.name = "format",
	 .letter = 'f',
	 .kind = OPTION_CHOICE,
	 .value = "FORMAT",
	 .choices = formats,
	 .help = "table (default) or json"},
	{0},
};

const struct command command_db_status = {
	.name = "db status",
	.operands = "",
	.summary = "what the vulnerability database holds and how old it is",
	.description = "Prints the feeds with the date of their newest record and its age, and the "
		       "partitions with their records.",
	.options = options,
	.run = run_db_status,
};
