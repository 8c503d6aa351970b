/*
 * hadolint DL3028: gem install takes what is newest on the day of the build. name:version pins, and
 * -v for all; files (.gem) are what they are. Words behind "--" go to the build.
 */
#include "dockerfile/rules/pin.h"

static bool is_pinned(struct str gem)
{
	return str_find_char(gem, ':') >= 0 || str_ends(gem, STR(".gem"));
}

static bool is_exempt(const struct command_use *use)
{
	return command_has(use, "version");
}

static const struct pin pin = {
	.message = "Pin versions in gem install, as in name:version",
	.subs = (const struct pin_sub[]){{"install", is_pinned}, {"i", is_pinned}, {NULL, NULL}},
	.is_exempt = is_exempt,
	.hands_on = true,
};

const struct rule rule_dl3028 = {
	.code = "DL3028",
	.title = "Pin versions in gem install",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"gem", NULL},
	.state_size = sizeof(struct word_cache),
	.command = pin_check,
	.data = &pin,
};
