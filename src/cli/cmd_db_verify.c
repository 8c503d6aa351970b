/*
 * db verify: reads all of the database against its digests.
 */
#include <unistd.h>

#include "advisory/manage.h"
#include "cli/common.h"

static int run_db_verify(const struct invocation *in, struct err *e)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	int r;

	if (common_database_path(in, &path, e) < 0)
		return -1;
	r = db_verify(path.data, &out, e);
	if (common_write(STDOUT_FILENO, buf_str(&out), r < 0 ? NULL : e) < 0 || r < 0)
		return -1;
	return EXIT_PASS;
}

static const struct option options[] = {{0}};

const struct command command_db_verify = {
	.name = "db verify",
	.operands = "",
	.summary = "read all of the vulnerability database against its digests",
	.description = "Checks every partition: digest of the file, checksum of every block, every "
		       "record, order and counts. Exit code 1 when one is damaged.",
	.options = options,
	.run = run_db_verify,
};
