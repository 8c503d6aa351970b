#include "dockerfile/rules/inner.h"

static bool is_front(struct str name)
{
	static const char *const fronts[] = {INNER_FRONTS};

	for (size_t i = 0; i < sizeof(fronts) / sizeof(*fronts); i++) {
		if (str_is(name, fronts[i]))
			return true;
	}
	return false;
}

const struct command_use *inner_use(struct lint *l, const struct shell_tree *t,
				    const struct shell_command *c, struct shell_command *ret)
{
	const struct command_use *use = lint_use(l, t, c);

	*ret = *c;
	for (int depth = 0; use && depth < INNER_DEPTH && is_front(ret->name); depth++) {
		struct shell_command *inner = ARENA_NEW(l->arena, struct shell_command);

		if (!inner) {
			lint_fail(l);
			return NULL;
		}
		if (!command_inner(use, inner))
			return use;
		*ret = *inner;
		/* the use keeps a pointer to its command */
		use = lint_use(l, t, inner);
	}
	return use;
}
