/*
 * hadolint DL3014: apt-get install asks, and nobody answers during a build. -qq (or two -q, or
 * -q=2) implies yes.
 */
#include "dockerfile/rules/option.h"

static bool is_quiet_enough(const struct lint *l, const struct command_use *use)
{
	unsigned quiet = 0;

	(void)l;
	for (uint32_t n = 0; n < use->flag_count; n++) {
		if (!str_is(use->flags[n].name, "quiet"))
			continue;
		if (use->flags[n].has_value && str_is(use->flags[n].value, "2"))
			return true;
		quiet++;
	}
	return quiet >= 2;
}

static const struct wanted_option option = {
	.subs = (const char *const[]){"install", NULL},
	.options = (const char *const[]){"yes", NULL},
	.is_exempt = is_quiet_enough,
	.message = "Answer yes with -y: nobody can during a build",
	.insert = " -y",
	.safe = true,
	.reason = "without it the build stops at the question",
};

const struct rule rule_dl3014 = {
	.code = "DL3014",
	.title = "Use -y with apt-get install",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"apt-get", NULL},
	.command = option_check,
	.data = &option,
};
