/*
 * A limit was reached, so a part of the file was not looked at: that must not appear clean.
 */
#include "dockerfile/rule.h"

const struct rule rule_pl1002 = {
	.code = "PL1002",
	.title = "Keep the file within what can be looked at",
	.level = LEVEL_ERROR,
	.flags = RULE_ALWAYS,
	.file = lint_report_issues,
};
