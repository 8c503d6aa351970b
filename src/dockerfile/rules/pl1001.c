/*
 * Bytes that are no text: UTF-16, NUL, invalid UTF-8.
 */
#include "dockerfile/rule.h"

const struct rule rule_pl1001 = {
	.code = "PL1001",
	.title = "Write the file in UTF-8",
	.level = LEVEL_ERROR,
	.file = lint_report_issues,
};
