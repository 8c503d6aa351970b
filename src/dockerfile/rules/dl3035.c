/*
 * hadolint DL3035: zypper dist-upgrade turns the image into another release of the distribution.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	const struct command_use *use = lint_use(l, t, c);

	if (use && (command_is(use, "dist-upgrade") || command_is(use, "dup")))
		lint_report(l, shell_args_span(t, c, 0, use->sub_arg),
			    "zypper dist-upgrade makes another release; take a newer base image");
}

const struct rule rule_dl3035 = {
	.code = "DL3035",
	.title = "Do without zypper dist-upgrade",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"zypper", NULL},
	.command = check,
};
