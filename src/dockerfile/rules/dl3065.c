/*
 * hadolint DL3065: $TARGETPLATFORM is what FROM takes without --platform.
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
	f = lint_report(l, platform->span, "--platform=$TARGETPLATFORM is what FROM does anyway");
	lint_fix(l, f, true, "it is the default");
	edit_remove_flag(l, f, platform);
}

const struct rule rule_dl3065 = {
	.code = "DL3065",
	.title = "Leave out --platform=$TARGETPLATFORM",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM),
	.instruction = check,
};
