/*
 * hadolint DL3056: a label of the kind semver holds a semantic version.
 */
#include "dockerfile/rules/label.h"

static const struct label_check rule = {
	.kind = LABEL_SEMVER, .is_valid = is_semver, .message = "is no semantic version"};

const struct rule rule_dl3056 = {
	.code = "DL3056",
	.title = "Put semantic versions into labels of the kind semver",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_LABEL),
	.instruction = label_check,
	.data = &rule,
};
