/*
 * ShellCheck SC2015: in "A && B || C", C runs when B fails as well. Not where C is echo, printf,
 * exit, return or an assignment, and not where the status of the whole decides what comes next:
 * there it is asked for on purpose.
 */
#include "dockerfile/rules/posix.h"

/* The one simple command C is meant to be: it reports, leaves, or notes. */
static bool is_meant(const struct shell_tree *t, uint32_t node)
{
	static const char *const names[] = {"echo", "exit", "printf", "return", "set"};
	const struct shell_command *c;
	struct str name;

	if (t->nodes[node].kind == SHELL_NOT)
		return true;
	if (t->nodes[node].kind != SHELL_COMMAND)
		return false;
	c = shell_command_of(t, node);
	if (!c) {
		uint32_t child = shell_child(t, node);

		return child && t->nodes[child].kind == SHELL_ASSIGNMENT;
	}
	name = c->argv[posix_command(c)].text;
	name = str_from(name, (size_t)(str_find_last_char(name, '/') + 1));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_is(name, names[i]))
			return true;
	}
	return false;
}

/* The last && of an AND, in the body. */
static struct span find_operator(const struct shell_tree *t, uint32_t and)
{
	uint32_t before = shell_child(t, and), last;
	ptrdiff_t at;

	for (last = t->nodes[before].next; t->nodes[last].next; last = t->nodes[last].next)
		before = last;
	at = str_find(str_sub(t->body.text, t->nodes[before].end, t->nodes[last].start), STR("&&"));
	if (at < 0)
		return shell_span(t, and);
	at += t->nodes[before].end;
	return shell_span_of(t, (uint32_t)at, (uint32_t)at + 2);
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	(void)i;
	for (uint32_t n = 0; n < t->count; n++) {
		uint32_t and = shell_child(t, n), other;

		if (t->nodes[n].kind != SHELL_OR || !and || t->nodes[and].kind != SHELL_AND)
			continue;
		other = t->nodes[and].next;
		/* of "A && B || C || D" the first half is asked by the second */
		if (!other || t->nodes[other].next || !t->nodes[shell_child(t, and)].next ||
		    is_meant(t, other) || posix_is_condition(t, n))
			continue;
		lint_report(l, find_operator(t, and),
			    "A && B || C is not if-then-else: C may run when A is true");
	}
}

const struct rule rule_sc2015 = {
	.code = "SC2015",
	.title = "Write if-then-else instead of A && B || C",
	.level = LEVEL_INFO,
	.shell = check,
};
