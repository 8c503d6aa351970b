/*
 * version check: judges lines "A op B" by the order of an ecosystem.
 */
#include <unistd.h>

#include "cli/common.h"
#include "version/check.h"

/* a hundred million lines are a mistake, not a test */
enum { INPUT_MAX = 1 << 30 };

static int unknown(const char *name, struct err *e)
{
	CLEANUP(buf_done) struct buf known = BUF_INIT;

	for (size_t i = 0; comparators[i]; i++)
		buf_printf(&known, "%s%s", i ? ", " : "", comparators[i]->name);
	return err_set(e, ERR_USAGE, "version check: '%s' is not one of %.*s", name,
		       STR_ARG(buf_str(&known)));
}

static int run_version_check(const struct invocation *in, struct err *e)
{
	CLEANUP(buf_done) struct buf input = BUF_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	const struct comparator *c = comparator_find(str_of(in->operands.items[0]));
	const char *file = in->operands.count > 1 ? in->operands.items[1] : "-";
	struct version_check result = {0};
	int r;

	if (!c)
		return unknown(in->operands.items[0], e);
	if (file_read(file, INPUT_MAX, &input, e) < 0)
		return -1;
	r = version_check(c, buf_str(&input), &out, &result, e);
	if (common_write(STDOUT_FILENO, buf_str(&out), r < 0 ? NULL : e) < 0 || r < 0)
		return -1;
	return result.failed ? EXIT_GATE : EXIT_PASS;
}

static const char *const examples[] = {
	"echo '1.0~rc1 < 1.0' | plimsoll version check debian",
	"one line from standard input",
	"plimsoll version check redhat pairs.txt",
	"a file of lines",
	NULL,
};

const struct command command_version_check = {
	.name = "version check",
	.operands = "ECOSYSTEM [FILE]",
	.summary = "judge lines 'A op B' by the version order of an ecosystem",
	.description = "Reads lines 'A op B' (op is <, =, > and friends) from FILE or standard "
		       "input, prints "
		       "those that do not hold and then 'N passed, N failed'.\n"
		       "ECOSYSTEM is alpine (apk), debian (deb, dpkg), redhat "
		       "(epoch:version-release), rpm "
		       "(segments alone) or alpm (pacman).\n"
		       "Exit code 0 when all hold, 2 when some do not.",
	.examples = examples,
	.operands_min = 1,
	.operands_max = 2,
	.run = run_version_check,
};
