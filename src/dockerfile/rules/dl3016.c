/*
 * hadolint DL3016: npm install NAME takes what is newest on the day of the build. name@version (or
 * @tag) pins, "#commit" behind the address of a repository; archives, addresses and folders are
 * what they are; without names package.json decides.
 */
#include "dockerfile/rules/pin.h"

static bool starts_with_any(struct str s, const char *const *starts)
{
	for (; *starts; starts++) {
		if (str_starts(s, str_of(*starts)))
			return true;
	}
	return false;
}

static bool is_pinned(struct str package)
{
	static const char *const repositories[] = {
		"git://", "git+", "github:", "gitlab:", "bitbucket:", "gist:", NULL};
	static const char *const local[] = {"/",     "./",	"../",	    "~/",
					    "file:", "http://", "https://", NULL};
	ptrdiff_t slash;

	if (starts_with_any(package, repositories))
		return str_find_char(package, '#') >= 0;
	if (starts_with_any(package, local) || str_is(package, ".") || str_is(package, "..") ||
	    str_ends(package, STR(".tar")) || str_ends(package, STR(".tgz")) ||
	    str_ends(package, STR(".tar.gz")))
		return true;
	if (package.data[0] == '@') {
		slash = str_find_char(package, '/');
		package = str_from(package, slash < 0 ? 1 : (size_t)slash + 1);
	} else if (str_find_char(package, '/') >= 0 && str_find_char(package, '#') >= 0) {
		return true; /* "user/repository#commit" */
	}
	return str_find_char(package, '@') >= 0;
}

static const struct pin pin = {
	.message = "Pin versions in npm install, as in name@version",
	.subs =
		(const struct pin_sub[]){
			{"install", is_pinned}, {"i", is_pinned}, {"add", is_pinned}, {NULL, NULL}},
};

const struct rule rule_dl3016 = {
	.code = "DL3016",
	.title = "Pin versions in npm install",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"npm", NULL},
	.state_size = sizeof(struct word_cache),
	.command = pin_check,
	.data = &pin,
};
