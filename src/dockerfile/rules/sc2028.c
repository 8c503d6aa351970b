/*
 * ShellCheck SC2028: whether echo without -e makes a line of "\n" is up to the shell: that of
 * Debian does, bash and busybox do not. printf always does. dash and ash themselves are known.
 */
#include "dockerfile/rules/posix.h"

/* "-n", "-ne": options stand before all else. */
static bool has_option_e(const struct shell_command *c)
{
	for (uint32_t i = 1; i < c->argc && str_starts(c->argv[i].text, STR("-")); i++) {
		if (str_find_char(c->argv[i].text, 'e') >= 0)
			return true;
	}
	return false;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

static bool has_escape(struct str text)
{
	for (size_t i = 0; i + 1 < text.len; i++) {
		char c = text.data[i + 1];

		if (text.data[i] != '\\')
			continue;
		if (strchr("abefnrtv01234567", c) ||
		    (c == 'x' && i + 2 < text.len && is_hex(text.data[i + 2])))
			return true;
	}
	return false;
}

/* In quotes as written, outside of them without the escapes: as echo gets it. */
static bool word_has_escape(const struct shell_tree *t, uint32_t word)
{
	for (uint32_t n = word + 1; n <= t->nodes[word].last; n++) {
		const struct shell_node *node = &t->nodes[n];
		bool quoted = t->nodes[node->parent].kind == SHELL_DOUBLE;

		if (node->kind == SHELL_LITERAL &&
		    has_escape(quoted ? shell_source(t, n) : node->text))
			return true;
		if (node->kind == SHELL_SINGLE && has_escape(node->text))
			return true;
		if (node->kind != SHELL_DOUBLE)
			n = node->last;
	}
	return false;
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	if (has_option_e(c) || posix_shell(l, t) == POSIX_DASH)
		return;
	for (uint32_t i = 1; i < c->argc; i++) {
		struct finding *f;

		if (!word_has_escape(t, c->argv[i].node))
			continue;
		f = lint_report(l, shell_span(t, c->argv[i].node),
				"echo may not expand escape sequences: use printf");
		lint_fix(l, f, false, "printf '%%b\\n' expands them in every shell");
	}
}

const struct rule rule_sc2028 = {
	.code = "SC2028",
	.title = "Use printf for escape sequences",
	.level = LEVEL_INFO,
	.commands = (const char *const[]){"echo", NULL},
	.command = check,
};
