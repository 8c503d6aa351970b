/*
 * hadolint DL3021: several sources go into a folder, and a folder ends in '/'.
 */
#include "dockerfile/rules/paths.h"

static void check(struct lint *l, const struct instruction *i)
{
	const struct docker_word *to = destination(i);
	struct finding *f;

	if (!to || i->word_count < 3 || !lacks_slash(l, to))
		return;
	f = lint_report(l, to->span, "With several sources the target must end in /");
	lint_fix(l, f, true, "the target can only be a folder");
	edit_slash(l, f, to);
}

const struct rule rule_dl3021 = {
	.code = "DL3021",
	.title = "End the target of several sources in /",
	.level = LEVEL_ERROR,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_COPY),
	.instruction = check,
};
