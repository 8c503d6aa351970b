/*
 * hadolint DL3063: FROM scratch and COPY --from=context mean something of their own.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct instruction *i)
{
	struct str name = l->stage->name;

	(void)i;
	if (str_eq_nocase(name, STR("scratch")) || str_eq_nocase(name, STR("context")))
		lint_report(l, l->stage->name_span, "No stage should be called '%.*s'",
			    STR_ARG(name));
}

const struct rule rule_dl3063 = {
	.code = "DL3063",
	.title = "Call no stage scratch or context",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM),
	.instruction = check,
};
