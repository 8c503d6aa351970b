/*
 * ShellCheck SC2086: an unquoted expansion is split at blanks and its parts are matched against
 * files. Not where that cannot happen (shell_splits) or where the value is known to be one word: as
 * hadolint does it, ARG and ENV of the file count as such.
 */
#include "dockerfile/rules/edits.h"
#include "dockerfile/rules/posix.h"
#include "dockerfile/shell_words.h"

/* "$@" and arrays lose more than blanks: other rules of ShellCheck. */
static bool is_list(const struct shell_tree *t, uint32_t n)
{
	const struct shell_node *node = &t->nodes[n];

	return str_is(node->text, "@") ||
	       ((node->flags & SHELL_INDEXED) && str_find(shell_source(t, n), STR("[@]")) >= 0);
}

/* ${x:+"$x"}: the quotes are inside. */
static bool is_quoted_alternative(const struct shell_tree *t, uint32_t n)
{
	struct str source = shell_source(t, n);
	size_t at = 2 + t->nodes[n].text.len;

	if (!(t->nodes[n].flags & SHELL_OPERATOR) || at >= source.len)
		return false;
	at += source.data[at] == ':';
	return at + 1 < source.len && source.data[at] == '+' && source.data[at + 1] == '"';
}

/* cat $x | y: with quotes SC2002 would find it. */
static bool is_needless_cat(const struct shell_tree *t, uint32_t n)
{
	const struct shell_command *c = shell_command_of(t, n);

	return c && str_is(c->name, "cat") && c->argc == 2 && posix_starts_pipe(t, c->node);
}

static void report(struct lint *l, const struct shell_variables *v, uint32_t n)
{
	const struct shell_tree *t = v->tree;
	struct span span = shell_span(t, n);
	struct finding *f =
		lint_report(l, span, "Double quote %.*s to prevent globbing and word splitting",
			    STR_ARG(shell_source(t, n)));

	if (shell_in_backticks(t, n))
		return;
	if (is_needless_cat(t, n)) {
		lint_fix(l, f, false,
			 "no cat is needed: the next command can read the file itself");
		return;
	}
	if (shell_variable_is_list(v, n)) {
		lint_fix(l, f, false,
			 "it holds several words, which quotes would make one: use an array");
		return;
	}
	lint_fix(l, f, false, "several words in it become one: perhaps they were meant as several");
	edit_quote(l, f, t, n);
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	bool posix = posix_shell(l, t) != POSIX_NONE;
	struct shell_variables variables;
	bool have = false;

	(void)i;
	for (uint32_t n = 0; n < t->count; n++) {
		if (t->nodes[n].kind != SHELL_VARIABLE || !shell_splits(t, n, posix) ||
		    is_list(t, n) || is_quoted_alternative(t, n))
			continue;
		if (!have && shell_variables_read(&variables, t, l->state, l->arena) < 0) {
			shell_variables_done(&variables);
			lint_fail(l);
			return;
		}
		have = true;
		if (!shell_variable_is_plain(&variables, n))
			report(l, &variables, n);
	}
	if (have)
		shell_variables_done(&variables);
}

const struct rule rule_sc2086 = {
	.code = "SC2086",
	.title = "Double quote expansions to prevent globbing and word splitting",
	.level = LEVEL_INFO,
	.shell = check,
};
