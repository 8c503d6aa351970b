/*
 * hadolint DL4005: ln -s /bin/bash /bin/sh changes what every script of the image runs in; SHELL
 * changes it for the build alone.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	const struct command_use *use = lint_use(l, t, c);
	uint32_t last;

	if (!use || !use->position_count)
		return;
	last = use->positions[use->position_count - 1].arg;
	if (str_is(c->argv[last].text, "/bin/sh"))
		lint_report(l, shell_args_span(t, c, 0, last),
			    "Choose the shell of the build with SHELL, not with a link");
}

const struct rule rule_dl4005 = {
	.code = "DL4005",
	.title = "Choose the shell with SHELL",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"ln", NULL},
	.command = check,
};
