/*
 * Syntax that BuildKit refuses, as the parser noted it. hadolint stops here; we go on with the
 * rest.
 */
#include "dockerfile/rule.h"

const struct rule rule_dl1000 = {
	.code = "DL1000",
	.title = "Write only what Docker can read",
	.level = LEVEL_ERROR,
	.flags = RULE_ALWAYS,
	.file = lint_report_issues,
};
