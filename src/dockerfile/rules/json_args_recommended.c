/*
 * BuildKit's JSONArgsRecommended: a shell between Docker and the program does not hand signals on.
 * Who sets SHELL, here or in the stage below, wants the shell.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct instruction *i)
{
	if (i->form == FORM_SHELL && !l->state->shell.where)
		lint_report(
			l, i->line,
			"Write %s as a JSON list: the shell in between does not pass signals on",
			instruction_kind_name(i->kind));
}

const struct rule rule_json_args_recommended = {
	.code = "JSONArgsRecommended",
	.title = "Write CMD and ENTRYPOINT as JSON lists",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_CMD) | INSTRUCTION_BIT(INSTRUCTION_ENTRYPOINT),
	.instruction = check,
};
