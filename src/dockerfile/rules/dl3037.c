/*
 * hadolint DL3037: zypper install takes what is newest on the day of the build. name=version and
 * the comparisons pin; files (.rpm) are what they are; patterns and products have no version.
 */
#include "dockerfile/rules/pin.h"

static bool is_pinned(struct str package)
{
	for (size_t i = 0; i < package.len; i++) {
		if (package.data[i] && strchr("=<>", package.data[i]))
			return true;
	}
	return str_ends(package, STR(".rpm"));
}

static bool is_exempt(const struct command_use *use)
{
	const struct command_flag *type = command_flag(use, "type");

	return type && !str_is(type->value, "package");
}

static const struct pin pin = {
	.message = "Pin versions in zypper install, as in name=version",
	.subs = (const struct pin_sub[]){{"install", is_pinned}, {"in", is_pinned}, {NULL, NULL}},
	.is_exempt = is_exempt,
};

const struct rule rule_dl3037 = {
	.code = "DL3037",
	.title = "Pin versions in zypper install",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"zypper", NULL},
	.state_size = sizeof(struct word_cache),
	.command = pin_check,
	.data = &pin,
};
