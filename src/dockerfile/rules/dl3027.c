/*
 * hadolint DL3027: apt is for people at a terminal and says itself that scripts must not rely on
 * it; apt-get and apt-cache are for scripts.
 */
#include "dockerfile/rule.h"

/* What apt-get does alike. */
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

/* The rules for apt-get are not those for apt: a repair must not bring what they find. */
static bool shows_more(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	struct shell_command instead = *c;
	struct shell_arg *argv = arena_alloc_array(l->arena, c->argc, sizeof(*argv));

	if (!argv) {
		lint_fail(l);
		return true;
	}
	memcpy(argv, c->argv, c->argc * sizeof(*argv));
	argv[0].text = instead.name = STR("apt-get");
	instead.argv = argv;
	return lint_would_find(l, t, c, &instead);
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
		lint_fix(l, f, false,
			 "apt-get keeps the packages it fetched where the base image does not say "
			 "otherwise");
	else
		return;
	if (shows_more(l, t, c))
		lint_fix(l, f, false, "the rules for apt-get find more in it: see to these too");
	else
		lint_edit(l, f, name.start, name.end, STR("apt-get"));
}

const struct rule rule_dl3027 = {
	.code = "DL3027",
	.title = "Use apt-get instead of apt",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"apt", NULL},
	.command = check,
};
