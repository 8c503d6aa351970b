/*
 * hadolint DL3027: apt is for people at a terminal and says itself that scripts must not rely on
 * it; apt-get and apt-cache are for scripts.
 */
#include "dockerfile/rule.h"

/* What apt-get does alike, without further rules of its own. */
static bool is_same_in_apt_get(const struct command_use *use)
{
	static const char *const subs[] = {"update",	"remove",     "purge",	     "clean",
					   "autoclean", "autoremove", "auto-remove", NULL};

	for (size_t i = 0; subs[i]; i++) {
		if (command_is(use, subs[i]))
			return true;
	}
	return false;
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	const struct command_use *use = lint_use(l, t, c);
	struct span name = shell_args_span(t, c, 0, 0);
	struct finding *f =
		lint_report(l, name,
			    "Use apt-get or apt-cache: apt is meant for people, and may "
			    "change at any time");

	if (!use || !str_eq(dockerfile_slice(l->file, name), STR("apt")))
		return;
	if (is_same_in_apt_get(use))
		lint_fix(l, f, true, "apt-get does the same");
	else if (command_is(use, "install"))
		lint_fix(l, f, false, "the rules for apt-get install apply then");
	else
		return;
	lint_edit(l, f, name.start, name.end, STR("apt-get"));
}

const struct rule rule_dl3027 = {
	.code = "DL3027",
	.title = "Use apt-get instead of apt",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"apt", NULL},
	.command = check,
};
