/*
 * hadolint DL3003: a folder that several steps work in is said with WORKDIR, where the reader and
 * the later instructions see it.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	struct finding *f = lint_report(l, shell_args_span(t, c, 0, c->argc - 1),
					"Say where to work with WORKDIR, not with cd");

	lint_fix(l, f, false, "WORKDIR holds for all that follows, cd for this step only");
}

const struct rule rule_dl3003 = {
	.code = "DL3003",
	.title = "Use WORKDIR instead of cd",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"cd", NULL},
	.command = check,
};
