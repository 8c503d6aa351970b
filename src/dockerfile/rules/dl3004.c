/*
 * hadolint DL3004: builds run as root unless USER says otherwise, so sudo is not needed; in the
 * image it is one more way up. The repair takes it away where it has no options.
 */
#include "dockerfile/rule.h"

/*
 * Rules do not look behind sudo: a repair must not bring what they find in the plain command. Of
 * curl and wget a later step may be the one that is found (DL4001).
 */
static bool shows_more(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	const struct command_use *use = lint_use(l, t, c);
	struct shell_command inner;

	if (!use || !command_inner(use, &inner) || inner.argv != c->argv + 1)
		return true;
	return str_is(inner.name, "curl") || str_is(inner.name, "wget") ||
	       lint_would_find(l, t, c, &inner);
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	struct span name = shell_args_span(t, c, 0, 0);
	struct finding *f = lint_report(l, name,
					"Do not use sudo; steps that need root go before "
					"USER");

	lint_fix(l, f, false, "the step must run as root, and HOME is no longer changed");
	if (c->argc < 2 || str_starts(c->argv[1].text, STR("-")) ||
	    str_find_char(c->argv[1].text, '=') >= 0 || shows_more(l, t, c))
		return;
	lint_edit(l, f, name.start, shell_span(t, c->argv[1].node).start, STR(""));
}

const struct rule rule_dl3004 = {
	.code = "DL3004",
	.title = "Do without sudo",
	.level = LEVEL_ERROR,
	.commands = (const char *const[]){"sudo", NULL},
	.command = check,
};
