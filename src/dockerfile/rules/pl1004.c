/*
 * A shell body that was not parsed: too long, too slow, or with NUL bytes. The rules for shell text
 * did not see it, so it must not appear clean.
 */
#include "dockerfile/rule.h"

static const char *reason_of(enum shell_status status)
{
	switch (status) {
	case SHELL_TOO_LONG:
		return "it is longer than 32 KiB";
	case SHELL_TOO_SLOW:
		return "it takes too long to parse";
	case SHELL_BAD_BYTES:
		return "it holds NUL bytes";
	default:
		return NULL;
	}
}

static void check(struct lint *l, const struct instruction *i)
{
	const char *reason;

	if (i->form != FORM_SHELL)
		return;
	reason = reason_of(lint_shell(l, i)->status);
	if (reason)
		lint_report(l, i->line, "The shell text was not looked at: %s", reason);
}

const struct rule rule_pl1004 = {
	.code = "PL1004",
	.title = "Keep shell text short enough to be looked at",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_RUN),
	.instruction = check,
};
