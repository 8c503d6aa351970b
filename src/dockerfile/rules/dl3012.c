/*
 * hadolint DL3012: of several HEALTHCHECK only the last one takes effect.
 */
#include "dockerfile/rules/repeated.h"

const struct rule rule_dl3012 = {
	.code = "DL3012",
	.title = "Use one HEALTHCHECK a stage",
	.level = LEVEL_ERROR,
	.state_size = sizeof(struct repeated),
	.instructions = INSTRUCTION_BIT(INSTRUCTION_HEALTHCHECK),
	.stage = repeated_start,
	.instruction = repeated_check,
};
