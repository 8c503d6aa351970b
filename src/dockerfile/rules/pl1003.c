/*
 * [...] that does not parse as JSON is handed to the shell, brackets and all.
 */
#include "dockerfile/rule.h"

const struct rule rule_pl1003 = {
	.code = "PL1003",
	.title = "Write JSON lists with double quotes and commas",
	.level = LEVEL_WARNING,
	.file = lint_report_issues,
};
