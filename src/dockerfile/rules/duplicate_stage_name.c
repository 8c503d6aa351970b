/*
 * BuildKit's DuplicateStageName: the name leads to one of the stages only. Case does not matter.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct instruction *i)
{
	const struct stage *s = l->stage;

	(void)i;
	if (s->name.len && graph_find_stage(l->graph, s->name, s->index, false))
		lint_report(l, s->name_span, "The stage name '%.*s' is taken by an earlier stage",
			    STR_ARG(s->name));
}

const struct rule rule_duplicate_stage_name = {
	.code = "DuplicateStageName",
	.title = "Give no two stages the same name",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM),
	.instruction = check,
};
