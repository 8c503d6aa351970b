/*
 * hadolint DL3013: pip install takes what is newest on the day of the build. Exempt: requirement
 * and constraint files, files and folders, addresses, and a revision behind the address of a
 * repository ("git+https://host/path@revision"). pipx installs the same way.
 */
#include "dockerfile/rules/pin.h"
#include "dockerfile/rules/pip.h"

static bool is_repository(struct str package)
{
	static const char *const starts[] = {"git+", "hg+", "svn+", "bzr+", "git://", "svn://"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		if (str_starts(package, str_of(starts[i])))
			return true;
	}
	return false;
}

/* "@revision" behind the host; the '@' of "git@host" does not count. */
static bool has_revision(struct str address)
{
	ptrdiff_t scheme = str_find(address, STR("://")), slash, hash;

	if (scheme >= 0)
		address = str_from(address, (size_t)scheme + 3);
	slash = str_find_char(address, '/');
	if (slash >= 0)
		address = str_from(address, (size_t)slash);
	hash = str_find_char(address, '#');
	return str_find_char(hash < 0 ? address : str_to(address, (size_t)hash), '@') >= 0;
}

static bool is_pinned(struct str package)
{
	if (is_repository(package))
		return has_revision(package);
	for (size_t i = 0; i < package.len; i++) {
		char c = package.data[i];

		if (c == '<' || c == '>' || c == '/' || c == '\\')
			return true;
		if (c == '=' && i > 0 && strchr("=!~", package.data[i - 1]))
			return true;
	}
	/* ".", ".[extra]" */
	return package.data[0] == '.' || str_ends(package, STR(".whl")) ||
	       str_ends(package, STR(".tar.gz")) || str_ends(package, STR(".zip"));
}

static bool is_exempt(const struct command_use *use)
{
	if (command_has(use, "requirement") || command_has(use, "constraint"))
		return true;
	for (uint32_t n = 0; n < use->position_count; n++) {
		if (str_is(use->command->argv[use->positions[n].arg].text, "."))
			return true;
	}
	return false;
}

static const struct pin pin = {
	.message = "Pin versions in pip install, as in name==version, or use a requirements file",
	.subs = (const struct pin_sub[]){{"install", is_pinned}, {NULL, NULL}},
	.is_exempt = is_exempt,
};

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	if (pip_use(l, t, c, true))
		pin_check(l, t, c);
}

const struct rule rule_dl3013 = {
	.code = "DL3013",
	.title = "Pin versions in pip install",
	.level = LEVEL_WARNING,
	.state_size = sizeof(struct word_cache),
	.command = check,
	.data = &pin,
};
