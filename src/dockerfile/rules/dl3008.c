/*
 * hadolint DL3008: apt-get install takes what is newest on the day of the build. name=version pins;
 * a file or name/release says as much.
 */
#include "dockerfile/rules/pin.h"

static bool is_pinned(struct str package)
{
	return str_find_char(package, '=') >= 0 || str_find_char(package, '/') >= 0 ||
	       str_ends(package, STR(".deb"));
}

static const struct pin pin = {
	.message = "Pin versions in apt-get install, as in name=version",
	.subs = (const struct pin_sub[]){{"install", is_pinned}, {NULL, NULL}},
};

const struct rule rule_dl3008 = {
	.code = "DL3008",
	.title = "Pin versions in apt-get install",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"apt-get", NULL},
	.state_size = sizeof(struct word_cache),
	.command = pin_check,
	.data = &pin,
};
