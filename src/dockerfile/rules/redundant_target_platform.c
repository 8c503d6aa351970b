/*
 * BuildKit's RedundantTargetPlatform: $TARGETPLATFORM is what FROM takes anyway.
 */
#include "dockerfile/rules/edits.h"

static void check(struct lint *l, const struct instruction *i)
{
	const struct docker_flag *platform = l->stage->platform;
	struct finding *f;

	(void)i;
	if (!platform || (!str_is(platform->value, "$TARGETPLATFORM") &&
			  !str_is(platform->value, "${TARGETPLATFORM}")))
		return;
	f = lint_report(l, platform->span, "FROM takes %.*s without being told",
			STR_ARG(platform->value));
	if (scope_find(l->graph->global->variables, STR("TARGETPLATFORM")))
		lint_fix(l, f, false, "an ARG gives TARGETPLATFORM a value of its own");
	else
		lint_fix(l, f, true, "it is the default");
	edit_remove_flag(l, f, platform);
}

const struct rule rule_redundant_target_platform = {
	.code = "RedundantTargetPlatform",
	.title = "Leave --platform=$TARGETPLATFORM out",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM),
	.instruction = check,
};
