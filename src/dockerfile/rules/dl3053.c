/*
 * hadolint DL3053: a label of the kind rfc3339 holds a date with time and zone.
 */
#include "dockerfile/rules/label.h"

static const struct label_check rule = {
	.kind = LABEL_RFC3339, .is_valid = is_rfc3339, .message = "is no time as in RFC 3339"};

const struct rule rule_dl3053 = {
	.code = "DL3053",
	.title = "Put times into labels of the kind rfc3339",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_LABEL),
	.instruction = label_check,
	.data = &rule,
};
