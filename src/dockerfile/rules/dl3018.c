/*
 * hadolint DL3018: apk add takes what the repository holds on the day of the build. name=version,
 * name~version, name<version and name>version pin; files (.apk) are what they are, "!name" is a
 * conflict.
 */
#include "dockerfile/rules/pin.h"

static bool is_pinned(struct str package)
{
	for (size_t i = 0; i < package.len; i++) {
		if (package.data[i] && strchr("=~<>", package.data[i]))
			return true;
	}
	return package.data[0] == '!' || str_ends(package, STR(".apk"));
}

static const struct pin pin = {
	.message = "Pin versions in apk add, as in name=version",
	.subs = (const struct pin_sub[]){{"add", is_pinned}, {NULL, NULL}},
};

const struct rule rule_dl3018 = {
	.code = "DL3018",
	.title = "Pin versions in apk add",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"apk", NULL},
	.state_size = sizeof(struct word_cache),
	.command = pin_check,
	.data = &pin,
};
