/*
 * BuildKit's MultipleInstructionsDisallowed: of several CMD, ENTRYPOINT or HEALTHCHECK in a stage
 * the last one counts. The finding stands at the one that has no effect.
 */
#include "dockerfile/rules/repeated.h"

struct state {
	const struct instruction *before[INSTRUCTION_KINDS];
};

static void start(struct lint *l, const struct stage *s)
{
	struct state *state = lint_state(l);

	(void)s;
	*state = (struct state){0};
}

static void check(struct lint *l, const struct instruction *i)
{
	struct state *state = lint_state(l);
	const struct instruction *before = state->before[i->kind];
	struct finding *f;

	state->before[i->kind] = i;
	if (!before)
		return;
	f = lint_report(l, before->line,
			"This %s has no effect: a later one in the stage replaces it",
			instruction_kind_name(i->kind));
	repeated_fix(l, f, before);
}

const struct rule rule_multiple_instructions_disallowed = {
	.code = "MultipleInstructionsDisallowed",
	.title = "Use CMD, ENTRYPOINT and HEALTHCHECK once a stage",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_CMD) | INSTRUCTION_BIT(INSTRUCTION_ENTRYPOINT) |
			INSTRUCTION_BIT(INSTRUCTION_HEALTHCHECK),
	.state_size = sizeof(struct state),
	.stage = start,
	.instruction = check,
};
