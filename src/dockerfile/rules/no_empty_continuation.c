/*
 * BuildKit's NoEmptyContinuation: the parser drops such lines, but says so.
 */
#include "dockerfile/rule.h"

const struct rule rule_no_empty_continuation = {
	.code = "NoEmptyContinuation",
	.title = "Leave no empty lines in a continued instruction",
	.level = LEVEL_WARNING,
	.file = lint_report_issues,
};
