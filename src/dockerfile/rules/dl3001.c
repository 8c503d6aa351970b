/*
 * hadolint DL3001: commands that make no sense while an image is built: what they start, stop or
 * show is gone with the step.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	lint_report(l, shell_args_span(t, c, 0, 0),
		    "'%.*s' has no effect that outlives this step of the build", STR_ARG(c->name));
}

const struct rule rule_dl3001 = {
	.code = "DL3001",
	.title = "Leave out commands that make no sense in a build",
	.level = LEVEL_INFO,
	.commands = (const char *const[]){"free", "kill", "mount", "ps", "service", "shutdown",
					  "ssh", "top", "vim", NULL},
	.command = check,
};
