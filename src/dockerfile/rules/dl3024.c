/*
 * hadolint DL3024: of two stages with one name the first can no longer be named. Names are compared
 * without case.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct instruction *i)
{
	const struct stage *s = l->stage;

	(void)i;
	if (s->name.len && graph_find_stage(l->graph, s->name, s->index, false))
		lint_report(l, s->name_span, "An earlier stage has the name '%.*s' already",
			    STR_ARG(s->name));
}

const struct rule rule_dl3024 = {
	.code = "DL3024",
	.title = "Give each stage a name of its own",
	.level = LEVEL_ERROR,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM),
	.instruction = check,
};
