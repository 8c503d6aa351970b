/*
 * A command that was not parsed: too long, too slow, or with NUL bytes. The rules for it did not
 * see it, so it must not appear clean.
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
	const struct shell_tree *t = i->form == FORM_JSON ? lint_exec(l, i) : lint_shell(l, i);
	const char *reason = reason_of(t->status);

	/* one finding says it for all that follows */
	if (t->status == SHELL_TOO_MUCH) {
		bool *said = lint_state(l);

		if (*said)
			return;
		*said = true;
	}
	if (reason)
		lint_report(l, i->line, "The command was not looked at: %s", reason);
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
