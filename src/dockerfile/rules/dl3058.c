/*
 * hadolint DL3058: a label of the kind email holds an address of mail (RFC 5322).
 */
#include "dockerfile/rules/label.h"

static const struct label_check rule = {
	.kind = LABEL_EMAIL, .is_valid = is_email, .message = "is no address of mail"};

const struct rule rule_dl3058 = {
	.code = "DL3058",
	.title = "Put addresses of mail into labels of the kind email",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_LABEL),
	.instruction = label_check,
	.data = &rule,
};
