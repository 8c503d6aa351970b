/*
 * hadolint DL4004: of several ENTRYPOINT only the last one takes effect.
 */
#include "dockerfile/rules/repeated.h"

const struct rule rule_dl4004 = {
	.code = "DL4004",
	.title = "Use one ENTRYPOINT a stage",
	.level = LEVEL_ERROR,
	.state_size = sizeof(struct repeated),
	.instructions = INSTRUCTION_BIT(INSTRUCTION_ENTRYPOINT),
	.stage = repeated_start,
	.instruction = repeated_check,
};
