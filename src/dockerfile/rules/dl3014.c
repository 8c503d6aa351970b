/*
 * hadolint DL3014: apt-get install asks, and nobody answers during a build. -qq (or two -q, or
 * -q=2) implies yes.
 */
#include "dockerfile/rule.h"

static bool is_quiet_enough(const struct command_use *use)
{
	unsigned quiet = 0;

	for (uint32_t n = 0; n < use->flag_count; n++) {
		if (!str_is(use->flags[n].name, "quiet"))
			continue;
		if (use->flags[n].has_value && str_is(use->flags[n].value, "2"))
			return true;
		quiet++;
	}
	return quiet >= 2;
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	const struct command_use *use = lint_use(l, t, c);
	struct finding *f;
	uint32_t end;

	if (!use || !command_is(use, "install") || command_has(use, "yes") || is_quiet_enough(use))
		return;
	f = lint_report(l, shell_args_span(t, c, 0, use->sub_arg),
			"Use the -y switch to avoid manual input");
	end = shell_span(t, c->argv[use->sub_arg].node).end;
	lint_fix(l, f, true, "without it the build stops at the question");
	lint_edit(l, f, end, end, STR(" -y"));
}

const struct rule rule_dl3014 = {
	.code = "DL3014",
	.title = "Use -y with apt-get install",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"apt-get", NULL},
	.command = check,
};
