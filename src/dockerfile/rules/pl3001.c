/*
 * A RUN that only updates the package lists: its layer is cached, so a later install reads lists of
 * long ago and fails, or installs what has been withdrawn.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	const struct shell_command *update = NULL;

	(void)i;
	for (uint32_t n = 0; n < t->command_count; n++) {
		const struct shell_command *c = &t->commands[n];
		const struct command_use *use;

		if (!str_is(c->name, "apt-get") && !str_is(c->name, "apt"))
			continue;
		use = lint_use(l, t, c);
		if (!use || !use->sub)
			continue;
		if (command_is(use, "update"))
			update = c;
		else if (!command_is(use, "clean") && !command_is(use, "autoclean"))
			return;
	}
	if (update)
		lint_report(
			l, shell_args_span(t, update, 0, update->argc - 1),
			"Update the package lists in the RUN that installs: this layer is cached");
}

const struct rule rule_pl3001 = {
	.code = "PL3001",
	.title = "Update package lists where packages are installed",
	.level = LEVEL_WARNING,
	.shell = check,
};
