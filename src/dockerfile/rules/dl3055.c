/*
 * hadolint DL3055: a label of the kind hash holds a hash of git, whole or of seven digits.
 */
#include "dockerfile/rules/label.h"

static const struct label_check rule = {
	.kind = LABEL_HASH, .is_valid = is_git_hash, .message = "is no hash of git"};

const struct rule rule_dl3055 = {
	.code = "DL3055",
	.title = "Put hashes of git into labels of the kind hash",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_LABEL),
	.instruction = label_check,
	.data = &rule,
};
