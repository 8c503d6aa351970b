/*
 * db build: a database from feeds that are at hand.
 */
#include <unistd.h>

#include "advisory/build.h"
#include "cli/common.h"

enum { LIST_ALL = 1000 };

static int add_inputs(const struct invocation *in, struct build_input *inputs, size_t count,
		      struct err *e)
{
	for (size_t i = 0; i < count; i++)
		if (build_input_parse(invocation_item(in, "feed", i), &inputs[i], e) < 0)
			return -1;
	return 0;
}

static int run_db_build(const struct invocation *in, struct err *e)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	CLEANUP(buf_done) struct buf report = BUF_INIT;
	size_t count = invocation_count(in, "feed");
	CLEANUP(mem_free_ptr) struct build_input *inputs = mem_zero(count, sizeof(*inputs));
	struct build_request request = {.out = invocation_text(in, "out"),
					.inputs = inputs,
					.input_count = count,
					.list_max = invocation_flag(in, "verbose") ? LIST_ALL : 0};

	if (!inputs)
		return ERR_NOMEM(e);
	if (count == 0) {
		err_set(e, ERR_USAGE, "db build: at least one --feed KIND=PATH is needed");
		err_hint(e, "plimsoll help db build");
		return -1;
	}
	if (add_inputs(in, inputs, count, e) < 0)
		return -1;
	if (!request.out) {
		if (common_database_path(in, &path, e) < 0)
			return -1;
		request.out = path.data;
	}
	if (db_build(&request, &report, e) < 0)
		return -1;
	return common_write(STDOUT_FILENO, buf_str(&report), e) < 0 ? -1 : EXIT_PASS;
}

static const char *const examples[] = {
	"plimsoll db build --out ./db --feed osv=Debian.zip --feed "
	"kev=known_exploited_vulnerabilities.json",
	"from files that were downloaded",
	NULL,
};

static const struct option options[] = {
	{.name = "out",
	 .letter = 'o',
	 .kind = OPTION_TEXT,
	 .value = "DIR",
	 .trust = TRUST_DATABASE,
	 .help = "folder of the database (default: that of --db)"},
	{.name = "feed",
	 .kind = OPTION_LIST,
	 .value = "KIND=PATH",
	 .trust = TRUST_DATABASE,
	 .help = "a feed: a folder, an archive or a file; repeatable"},
	{0},
};

const struct command command_db_build = {
	.name = "db build",
	.operands = "",
	.summary = "build the vulnerability database from feeds at hand",
	.description =
		"KIND is alpine-secdb, debian-lists, debian-tracker, eol, epss, kev, osv or "
		"ubuntu-cve-tracker. PATH is a folder, a zip, a tar (packed or not) or one file.\n"
		"The database is replaced at once when all of it is written: a build that fails or "
		"is killed leaves the old one. The same feeds give the same bytes. What was "
		"dropped "
		"or left out, and why, is printed; -v lists up to 1000 records that were left out.",
	.examples = examples,
	.options = options,
	.run = run_db_build,
};
