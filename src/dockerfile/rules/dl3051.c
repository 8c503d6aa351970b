/*
 * hadolint DL3051: a label of the schema says something.
 */
#include "dockerfile/rules/label.h"

static bool is_not_empty(struct str value)
{
	return value.len > 0;
}

static const struct label_check rule = {
	.kind = LABEL_KINDS, .is_valid = is_not_empty, .message = "is empty"};

const struct rule rule_dl3051 = {
	.code = "DL3051",
	.title = "Leave no label of the schema empty",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_LABEL),
	.instruction = label_check,
	.data = &rule,
};
