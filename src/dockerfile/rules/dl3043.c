/*
 * hadolint DL3043: Docker refuses ONBUILD, FROM and MAINTAINER behind ONBUILD.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct instruction *i)
{
	const struct instruction *trigger = i->trigger;

	if (trigger && (trigger->kind == INSTRUCTION_ONBUILD || trigger->kind == INSTRUCTION_FROM ||
			trigger->kind == INSTRUCTION_MAINTAINER))
		lint_report(l, trigger->keyword, "%s cannot stand behind ONBUILD",
			    instruction_kind_name(trigger->kind));
}

const struct rule rule_dl3043 = {
	.code = "DL3043",
	.title = "Put no ONBUILD, FROM or MAINTAINER behind ONBUILD",
	.level = LEVEL_ERROR,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_ONBUILD),
	.instruction = check,
};
