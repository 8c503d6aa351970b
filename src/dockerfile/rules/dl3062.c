/*
 * hadolint DL3062: go install, get and run take what is newest on the day of the build unless
 * @version follows; @latest says the same. Folders and files of the build are what they are, and
 * so are the tools that go.mod lists ("tool").
 */
#include "dockerfile/rules/pin.h"

static bool is_pinned(struct str package)
{
	ptrdiff_t at = str_find_last_char(package, '@');
	struct str version;

	if (at >= 0) {
		version = str_from(package, (size_t)at + 1);
		return version.len && !str_is(version, "latest") && !str_is(version, "none");
	}
	return package.data[0] == '.' || package.data[0] == '/' || str_ends(package, STR(".go")) ||
	       str_is(package, "std") || str_is(package, "cmd") || str_is(package, "all") ||
	       str_is(package, "tool");
}

static const struct pin pin = {
	.message = "Pin versions in go install, get and run, as in package@version",
	.subs = (const struct pin_sub[]){{"install", is_pinned},
					 {"get", is_pinned},
					 {"get tool", is_pinned},
					 {"run", is_pinned},
					 {NULL, NULL}},
	.role = "package",
};

const struct rule rule_dl3062 = {
	.code = "DL3062",
	.title = "Pin versions in go install, get and run",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"go", NULL},
	.state_size = sizeof(struct word_cache),
	.command = pin_check,
	.data = &pin,
};
