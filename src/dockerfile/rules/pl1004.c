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
	case SHELL_TOO_MUCH:
		return "the file has more than 16 MiB of it before";
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
	/* one finding says it for all that follows */
	if (lint_shell(l, i)->status == SHELL_TOO_MUCH) {
		bool *said = lint_state(l);

		if (*said)
			return;
		*said = true;
	}
	if (reason)
		lint_report(l, i->line, "The shell text was not looked at: %s", reason);
}

const struct rule rule_pl1004 = {
	.code = "PL1004",
	.title = "Keep shell text short enough to be looked at",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_RUN),
	.state_size = sizeof(bool),
	.instruction = check,
};
