/*
 * hadolint DL3054: a label of the kind spdx holds identifiers of the SPDX License List.
 */
#include "dockerfile/rules/label.h"

static const struct label_check rule = {
	.kind = LABEL_SPDX, .is_valid = is_spdx, .message = "is no SPDX license identifier"};

const struct rule rule_dl3054 = {
	.code = "DL3054",
	.title = "Put SPDX identifiers into labels of the kind spdx",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_LABEL),
	.instruction = label_check,
	.data = &rule,
};
