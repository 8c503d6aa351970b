/*
 * BuildKit's ReservedStageName: "scratch" is the empty image and "context" the build context.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct instruction *i)
{
	const struct stage *s = l->stage;

	(void)i;
	if (str_eq_nocase(s->name, STR("scratch")) || str_eq_nocase(s->name, STR("context")))
		lint_report(l, s->name_span, "The stage name '%.*s' is reserved", STR_ARG(s->name));
}

const struct rule rule_reserved_stage_name = {
	.code = "ReservedStageName",
	.title = "Do not name a stage scratch or context",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM),
	.instruction = check,
};
