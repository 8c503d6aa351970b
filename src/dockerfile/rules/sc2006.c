/*
 * ShellCheck SC2006: `...` nests and escapes badly; $(...) does neither. The repair takes the
 * escapes of the inside off, so it is offered where there are none.
 */
#include "dockerfile/rule.h"

/* The grammar may have made one of two that stand side by side. */
static bool holds_backtick(struct str inside)
{
	return str_find_char(inside, '`') >= 0;
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	(void)i;
	for (uint32_t n = 0; n < t->count; n++) {
		const struct shell_node *node = &t->nodes[n];
		struct finding *f;
		struct span span;
		bool inner;

		if (node->kind != SHELL_SUBSTITUTION || !(node->flags & SHELL_BACKTICK))
			continue;
		span = shell_span(t, n);
		f = lint_report(l, span, "Use $(...) notation instead of legacy backticks `...`");
		if (str_find_char(shell_source(t, n), '\\') >= 0 || node->end - node->start < 2 ||
		    holds_backtick(str_sub(t->body.text, node->start + 1, node->end - 1)))
			continue;
		lint_fix(l, f, true, "both mean the same");
		/* $(( would be arithmetic */
		inner = l->file->text.data[span.start + 1] == '(';
		lint_edit(l, f, span.start, span.start + 1, inner ? STR("$( ") : STR("$("));
		lint_edit(l, f, span.end - 1, span.end, inner ? STR(" )") : STR(")"));
	}
}

const struct rule rule_sc2006 = {
	.code = "SC2006",
	.title = "Use $(...) instead of backticks",
	.level = LEVEL_STYLE,
	.shell = check,
};
