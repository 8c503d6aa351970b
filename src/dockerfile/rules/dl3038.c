/*
 * hadolint DL3038: dnf install asks, and nobody answers during a build.
 */
#include "dockerfile/rules/option.h"

static const struct wanted_option option = {
	.subs = (const char *const[]){"install", "in", "groupinstall", "localinstall",
				      "group install", "module install", "reinstall", NULL},
	.options = (const char *const[]){"assumeyes", NULL},
	.message = "Answer yes with -y: nobody can during a build",
	.insert = " -y",
	.safe = true,
	.reason = "without it the build stops at the question",
};

const struct rule rule_dl3038 = {
	.code = "DL3038",
	.title = "Use -y with dnf install",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"dnf", "dnf5", "microdnf", NULL},
	.command = option_check,
	.data = &option,
};
