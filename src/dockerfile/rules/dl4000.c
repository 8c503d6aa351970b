/*
 * hadolint DL4000: MAINTAINER is deprecated. The repair is shared with BuildKit's
 * MaintainerDeprecated.
 */
#include "dockerfile/rules/maintainer.h"

static void check(struct lint *l, const struct instruction *i)
{
	struct finding *f = lint_report(l, i->line, "MAINTAINER is deprecated; use a label");

	fix_maintainer(l, f, i);
}

const struct rule rule_dl4000 = {
	.code = "DL4000",
	.title = "Use a label instead of MAINTAINER",
	.level = LEVEL_ERROR,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_MAINTAINER),
	.instruction = check,
};
