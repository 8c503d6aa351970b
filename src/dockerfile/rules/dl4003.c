/*
 * hadolint DL4003: of several CMD only the last one takes effect.
 */
#include "dockerfile/rules/repeated.h"

const struct rule rule_dl4003 = {
	.code = "DL4003",
	.title = "Use one CMD a stage",
	.level = LEVEL_WARNING,
	.state_size = sizeof(struct repeated),
	.instructions = INSTRUCTION_BIT(INSTRUCTION_CMD),
	.stage = repeated_start,
	.instruction = repeated_check,
};
