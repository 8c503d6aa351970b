/*
 * ShellCheck SC2155: in "export X=$(go)" the status is that of export: that go failed is lost, and
 * neither && nor set -e stops.
 */
#include "dockerfile/rule.h"

/* A command runs in the value: not in a ${X:-$(...)}, which seldom runs. */
static bool runs_command(const struct shell_tree *t, uint32_t assignment)
{
	uint32_t word = shell_child(t, assignment);

	if (!word || t->nodes[word].kind != SHELL_WORD)
		return false;
	for (uint32_t n = word + 1; n <= t->nodes[word].last; n++) {
		if (t->nodes[n].kind == SHELL_SUBSTITUTION)
			return shell_child(t, n);
		if (t->nodes[n].kind != SHELL_DOUBLE)
			n = t->nodes[n].last;
	}
	return false;
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	(void)i;
	for (uint32_t n = 0; n < t->count; n++) {
		const struct shell_node *node = &t->nodes[n];
		struct finding *f;

		if (node->kind != SHELL_ASSIGNMENT || !(node->flags & SHELL_DECLARED) ||
		    !runs_command(t, n))
			continue;
		f = lint_report(
			l, shell_span_of(t, node->start, node->start + (uint32_t)node->text.len),
			"Declare and assign %.*s separately to keep the status of the command",
			STR_ARG(node->text));
		lint_fix(l, f, false, "write %.*s=... first, then the declaration without a value",
			 STR_ARG(node->text));
	}
}

const struct rule rule_sc2155 = {
	.code = "SC2155",
	.title = "Declare and assign separately to keep the status of commands",
	.level = LEVEL_WARNING,
	.shell = check,
};
