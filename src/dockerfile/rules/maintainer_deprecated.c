/*
 * BuildKit's MaintainerDeprecated.
 */
#include "dockerfile/rules/maintainer.h"

static void check(struct lint *l, const struct instruction *i)
{
	struct finding *f = lint_report(
		l, i->line, "Maintainer instruction is deprecated in favor of using label");

	fix_maintainer(l, f, i);
}

const struct rule rule_maintainer_deprecated = {
	.code = "MaintainerDeprecated",
	.title = "Use a label instead of MAINTAINER",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_MAINTAINER),
	.instruction = check,
};
