/*
 * hadolint DL3061: before the first FROM only ARG may stand. One finding says it, at the first
 * instruction out of place.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l)
{
	const struct dockerfile *d = l->file;

	for (size_t n = 0; n < d->instructions.count; n++) {
		const struct instruction *i = d->instructions.items[n];

		if (i->kind == INSTRUCTION_FROM)
			return;
		/* what is no instruction is DL1000's */
		if (i->kind == INSTRUCTION_ARG || i->kind == INSTRUCTION_UNKNOWN)
			continue;
		lint_report(l, i->line, "A Dockerfile begins with FROM; only ARG may stand before");
		return;
	}
}

const struct rule rule_dl3061 = {
	.code = "DL3061",
	.title = "Begin with FROM or ARG",
	.level = LEVEL_ERROR,
	.file = check,
};
