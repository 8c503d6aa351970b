#include "dockerfile/rules/pip.h"

static bool is_tool(const struct command_use *use, struct str name)
{
	struct str names = str_of(use->schema->names);

	return str_starts(names, name) && (names.len == name.len || names.data[name.len] == ' ');
}

const struct command_use *pip_use(struct lint *l, const struct shell_tree *t,
				  const struct shell_command *c, bool pipx)
{
	const struct command_use *use;

	if (!str_starts(c->name, STR("p")) ||
	    (!str_starts(c->name, STR("pip")) && !str_starts(c->name, STR("python")) &&
	     !str_starts(c->name, STR("pypy"))))
		return NULL;
	use = lint_use(l, t, c);
	if (use && (is_tool(use, STR("pip")) || (pipx && is_tool(use, STR("pipx")))))
		return use;
	return NULL;
}
