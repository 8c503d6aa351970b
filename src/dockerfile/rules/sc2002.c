/*
 * ShellCheck SC2002: "cat FILE | x" is "x < FILE" with one process more. Not where the word may
 * become several files, and not with options.
 */
#include "dockerfile/rules/posix.h"

#include <string.h>

static bool has_pattern(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\\')
			i++;
		else if (strchr("*?[", text.data[i]))
			return true;
	}
	return false;
}

/* Within double quotes only "$@" and arrays become several words. */
static bool is_list(const struct shell_tree *t, uint32_t quoted)
{
	for (uint32_t n = shell_child(t, quoted); n; n = t->nodes[n].next) {
		if (t->nodes[n].kind == SHELL_VARIABLE &&
		    (str_find_char(shell_source(t, n), '@') >= 0 ||
		     str_starts(shell_source(t, n), STR("${!"))))
			return true;
	}
	return false;
}

static bool may_be_several(const struct shell_tree *t, uint32_t word)
{
	struct brace_walk braces = {0};
	uint32_t start, end;

	for (uint32_t n = shell_child(t, word); n; n = t->nodes[n].next) {
		if (t->nodes[n].kind == SHELL_VARIABLE ||
		    (t->nodes[n].kind == SHELL_LITERAL && has_pattern(shell_source(t, n))) ||
		    (t->nodes[n].kind == SHELL_DOUBLE && is_list(t, n)))
			return true;
	}
	return brace_next(t, word, &braces, &start, &end);
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	if (c->argc != 2 || c->argv[1].text.len < 1 || c->argv[1].text.data[0] == '-' ||
	    !posix_starts_pipe(t, c->node) || may_be_several(t, c->argv[1].node))
		return;
	lint_fix(l,
		 lint_report(l, shell_span(t, c->argv[1].node),
			     "Useless cat: consider 'cmd < file | ...' or 'cmd file | ...'"),
		 false, "the next command can read the file itself");
}

const struct rule rule_sc2002 = {
	.code = "SC2002",
	.title = "Let the command read the file itself",
	.level = LEVEL_STYLE,
	.commands = (const char *const[]){"cat", NULL},
	.command = check,
};
