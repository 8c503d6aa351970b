/*
 * hadolint DL3034: zypper asks, and nobody answers during a build. -n (--non-interactive) stands
 * before the sub-command, -y behind it.
 */
#include "dockerfile/rules/option.h"

static const struct wanted_option option = {
	.subs = (const char *const[]){"install", "in", "remove", "rm", "source-install", "si",
				      "patch", NULL},
	.options = (const char *const[]){"no-confirm", "non-interactive", "name", NULL},
	.message = "Answer yes with -y: nobody can during a build",
	.insert = " -y",
	.safe = true,
	.reason = "without it the build stops at the question",
};

const struct rule rule_dl3034 = {
	.code = "DL3034",
	.title = "Use -y or -n with zypper",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"zypper", NULL},
	.command = option_check,
	.data = &option,
};
