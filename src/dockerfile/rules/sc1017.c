/*
 * ShellCheck SC1017: a carriage return in shell text is part of a word, or of the name of a
 * command. BuildKit takes it off the ends of lines, but not in heredocs: a script in a file with
 * the line ends of Windows fails there. Within quotes and the text of inner heredocs it is data.
 */
#include "dockerfile/rule.h"

static void report(struct lint *l, const struct shell_tree *t, uint32_t at, uint32_t end)
{
	struct str text = t->body.text;

	for (; at < end; at++) {
		struct span span;
		struct finding *f;

		if (text.data[at] != '\r')
			continue;
		span = shell_span_of(t, at, at + 1);
		f = lint_report(l, span, "Literal carriage return");
		if (at + 1 < text.len && text.data[at + 1] != '\n') {
			lint_fix(l, f, false, "what stands around it becomes one word");
			continue;
		}
		lint_fix(l, f, true, "the shell takes it as part of the last word");
		lint_edit(l, f, span.start, span.end, STR(""));
	}
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	uint32_t at = 0;

	(void)i;
	if (str_find_char(t->body.text, '\r') < 0)
		return;
	for (uint32_t n = 0; n < t->count; n++) {
		const struct shell_node *node = &t->nodes[n];

		if (node->kind != SHELL_SINGLE && node->kind != SHELL_ANSI &&
		    node->kind != SHELL_DOUBLE && node->kind != SHELL_HEREDOC)
			continue;
		if (node->start > at)
			report(l, t, at, node->start);
		if (node->end > at)
			at = node->end;
	}
	report(l, t, at, (uint32_t)t->body.text.len);
}

const struct rule rule_sc1017 = {
	.code = "SC1017",
	.title = "Write no carriage returns in shell text",
	.level = LEVEL_ERROR,
	.shell = check,
};
