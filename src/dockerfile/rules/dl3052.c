/*
 * hadolint DL3052: a label of the kind url holds an address.
 */
#include "dockerfile/rules/label.h"

static const struct label_check rule = {
	.kind = LABEL_URL, .is_valid = is_url, .message = "is no URL"};

const struct rule rule_dl3052 = {
	.code = "DL3052",
	.title = "Put URLs into labels of the kind url",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_LABEL),
	.instruction = label_check,
	.data = &rule,
};
