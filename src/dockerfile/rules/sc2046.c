/*
 * ShellCheck SC2046: the output of an unquoted $(...) is split at blanks and matched against files.
 * seq and pgrep print lists: theirs is meant to be split.
 */
#include "dockerfile/rules/edits.h"
#include "dockerfile/rules/posix.h"
#include "dockerfile/shell_words.h"

static bool prints_list(const struct shell_tree *t, uint32_t n)
{
	uint32_t statement = shell_child(t, n);
	const struct shell_command *c;

	if (!statement || t->nodes[statement].kind != SHELL_COMMAND)
		return false;
	c = shell_command_of(t, statement);
	return c && (str_is(c->name, "seq") || str_is(c->name, "pgrep"));
}

/* `# a comment` is a way to comment a continued line: no command is in it. */
static bool is_empty(const struct shell_tree *t, uint32_t n)
{
	return !shell_child(t, n);
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	bool posix = posix_shell(l, t) != POSIX_NONE;

	(void)i;
	for (uint32_t n = 0; n < t->count; n++) {
		struct finding *f;
		struct span span;

		if (t->nodes[n].kind != SHELL_SUBSTITUTION || !shell_splits(t, n, posix) ||
		    prints_list(t, n) || is_empty(t, n))
			continue;
		span = shell_span(t, n);
		f = lint_report(l, span,
				"Quote the command substitution to prevent word splitting");
		if (shell_in_backticks(t, n) || (t->nodes[n].flags & SHELL_BACKTICK))
			continue;
		lint_fix(l, f, false,
			 "its output becomes one word: perhaps it was meant as several");
		edit_quote(l, f, t, n);
	}
}

const struct rule rule_sc2046 = {
	.code = "SC2046",
	.title = "Quote command substitutions to prevent word splitting",
	.level = LEVEL_WARNING,
	.shell = check,
};
