/*
 * ShellCheck SC3046: dash has no `source`; "." is the same and every sh has it.
 */
#include "dockerfile/rules/posix.h"

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	uint32_t at = posix_command(c);
	enum posix_shell shell;
	struct finding *f;
	struct span word;

	if (!c->argv[at].literal || !str_is(c->argv[at].text, "source"))
		return;
	shell = posix_shell(l, t);
	if (shell == POSIX_NONE)
		return;
	word = shell_span(t, c->argv[at].node);
	f = lint_report(l, word, "In %s, 'source' in place of '.' is undefined",
			posix_shell_name(shell));
	/* "builtin" is bash's own as well */
	if (at > 0)
		return;
	lint_fix(l, f, true, "both mean the same, and every sh has '.'");
	lint_edit(l, f, word.start, word.end, STR("."));
}

const struct rule rule_sc3046 = {
	.code = "SC3046",
	.title = "Use . instead of source under sh",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"builtin", "command", "source", NULL},
	.command = check,
};
