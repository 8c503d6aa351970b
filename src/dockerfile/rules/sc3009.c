/*
 * ShellCheck SC3009: sh takes {a,b} as it stands; "mkdir -p a/{b,c}" makes one odd folder, and the
 * build goes on.
 */
#include "dockerfile/rules/posix.h"

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	enum posix_shell shell = POSIX_NONE;
	bool asked = false;

	(void)i;
	if (str_find_char(t->body.text, '{') < 0)
		return;
	for (uint32_t n = 0; n < t->count; n++) {
		struct brace_walk braces = {0};
		uint32_t start, end;

		if (t->nodes[n].kind != SHELL_WORD)
			continue;
		while (brace_next(t, n, &braces, &start, &end)) {
			if (!asked)
				shell = posix_shell(l, t);
			asked = true;
			if (shell == POSIX_NONE)
				return;
			lint_report(l, shell_span_of(t, start, end),
				    "In %s, brace expansion is undefined", posix_shell_name(shell));
		}
	}
}

const struct rule rule_sc3009 = {
	.code = "SC3009",
	.title = "Use no brace expansion under sh",
	.level = LEVEL_WARNING,
	.shell = check,
};
