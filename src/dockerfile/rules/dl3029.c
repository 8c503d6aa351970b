/*
 * hadolint DL3029: with a constant --platform the image is for that machine, whatever was asked
 * for. A variable leaves the choice to the build.
 */
#include "dockerfile/rules/edits.h"

static void check(struct lint *l, const struct instruction *i)
{
	const struct docker_flag *platform = l->stage->platform;
	struct finding *f;

	(void)i;
	if (!platform || !platform->value.len || str_find_char(platform->value, '$') >= 0)
		return;
	f = lint_report(l, platform->span, "Do not use a constant --platform in FROM");
	lint_fix(l, f, false, "the image is taken for another platform then");
	edit_remove_flag(l, f, platform);
}

const struct rule rule_dl3029 = {
	.code = "DL3029",
	.title = "Leave the platform to the build",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM),
	.instruction = check,
};
