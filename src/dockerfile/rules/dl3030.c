/*
 * hadolint DL3030: yum install asks, and nobody answers during a build.
 */
#include "dockerfile/rules/option.h"

static const struct wanted_option option = {
	.subs = (const char *const[]){"install", "groupinstall", "localinstall", "group install",
				      "module install", "reinstall", NULL},
	.options = (const char *const[]){"assumeyes", NULL},
	.message = "Answer yes with -y: nobody can during a build",
	.insert = " -y",
	.safe = true,
	.reason = "without it the build stops at the question",
};

const struct rule rule_dl3030 = {
	.code = "DL3030",
	.title = "Use -y with yum install",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"yum", NULL},
	.command = option_check,
	.data = &option,
};
