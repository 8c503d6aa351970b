/*
 * explain: why a finding is, or is not, in a report.
 */
#include <unistd.h>

#include "cli/common.h"
#include "scan/scan.h"

static int run_explain(const struct invocation *in, struct err *e)
{
	CLEANUP(buf_done) struct buf database = BUF_INIT;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	bool found = false;

	if (common_database_path(in, &database, e) < 0)
		return -1;
	if (scan_explain(&(struct scan_explain_request){.report = in->operands.items[0],
							.id = in->operands.items[1],
							.package = in->operands.count > 2
									   ? in->operands.items[2]
									   : "",
							.database = database.data},
			 &text, &found, e) < 0)
		return -1;
	return common_write(STDOUT_FILENO, buf_str(&text), e);
}

static const char *const examples[] = {
	"plimsoll explain report.json CVE-2024-2961",
	"for every package that has it",
	"plimsoll explain report.json CVE-2024-2961 libc6",
	"for one package",
	NULL,
};

const struct command command_explain = {
	.name = "explain",
	.operands = "REPORT ID [PACKAGE]",
	.summary = "why a finding is, or is not, there",
	.description = "REPORT is what scan --format json wrote ('-' for standard input). Shows "
		       "the advisory "
		       "record, the comparison that was made, the layer and its instruction, and "
		       "why it is "
		       "suppressed; or, from the database, why it is not a finding.",
	.examples = examples,
	.operands_min = 2,
	.operands_max = 3,
	.run = run_explain,
};
