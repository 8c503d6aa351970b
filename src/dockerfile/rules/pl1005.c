/*
 * A part of a RUN that is no shell to the grammar. The rules saw the rest.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	uint32_t start = t->error.start, end = t->error.end;

	(void)i;
	if (!t->has_error)
		return;
	/* something missing has no width: what stands before it in its line is the place */
	while (t->error.start == t->error.end && start > 0 && t->body.text.data[start - 1] != '\n')
		start--;
	/* an error may cover the whole script: its first line is enough to find it */
	for (uint32_t at = start; at < end; at++) {
		if (t->body.text.data[at] == '\n')
			end = at;
	}
	lint_report(l, shell_span_of(t, start, end), "This is not understood as shell text");
}

const struct rule rule_pl1005 = {
	.code = "PL1005",
	.title = "Write shell text that a shell can read",
	.level = LEVEL_INFO,
	.shell = check,
};
