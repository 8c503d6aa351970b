/*
 * hadolint DL3023: a stage cannot copy from itself; Docker refuses.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct instruction *i)
{
	const struct docker_flag *from = instruction_flag(i, "from");
	const struct stage *s = l->stage;
	uint64_t number;

	if (!from || !s || !s->from)
		return;
	if ((s->name.len && str_eq_nocase(from->value, s->name)) ||
	    (str_parse_u64(from->value, &number) && number == s->index))
		lint_report(l, from->span, "COPY --from cannot name the stage that it stands in");
}

const struct rule rule_dl3023 = {
	.code = "DL3023",
	.title = "Copy from other stages only",
	.level = LEVEL_ERROR,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_COPY),
	.instruction = check,
};
