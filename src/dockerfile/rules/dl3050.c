/*
 * hadolint DL3050: with strict-labels only labels of the schema may be there.
 */
#include "dockerfile/rules/label.h"

static void check(struct lint *l, const struct instruction *i)
{
	for (uint32_t n = 0; l->config->strict_labels && n < i->pair_count; n++) {
		struct value name = label_name(l, &i->pairs[n]);

		if (name.known && !label_required(l, name.text))
			lint_report(l, i->pairs[n].name_span,
				    "The label '%.*s' is not in the schema", STR_ARG(name.text));
	}
}

const struct rule rule_dl3050 = {
	.code = "DL3050",
	.title = "Use labels of the schema only",
	.level = LEVEL_INFO,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_LABEL),
	.instruction = check,
};
