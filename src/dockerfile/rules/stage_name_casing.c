/*
 * BuildKit's StageNameCasing: stage names are compared without case, so write them in lower case.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct instruction *i)
{
	struct str name = l->stage->name;

	(void)i;
	for (size_t n = 0; n < name.len; n++) {
		if (name.data[n] >= 'A' && name.data[n] <= 'Z') {
			lint_report(l, l->stage->name_span, "Stage name '%.*s' should be lowercase",
				    STR_ARG(name));
			return;
		}
	}
}

const struct rule rule_stage_name_casing = {
	.code = "StageNameCasing",
	.title = "Write stage names in lower case",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM),
	.instruction = check,
};
