/*
 * BuildKit's FromAsCasing: AS in the case of its FROM. A mixed FROM is
 * ConsistentInstructionCasing's.
 */
#include "dockerfile/rules/spelling.h"

static void check(struct lint *l, const struct instruction *i)
{
	const struct docker_word *as;
	struct finding *f;
	struct str text;
	bool upper;

	if (i->word_count < 3 || !str_eq_nocase(i->words[1].text, STR("as")))
		return;
	as = &i->words[1];
	upper = is_upper_case(i->name);
	if (!upper && !is_lower_case(i->name))
		return;
	if (upper ? is_upper_case(as->text) : is_lower_case(as->text))
		return;
	f = lint_report(l, as->span, "'%.*s' and '%.*s' are not written in the same case",
			STR_ARG(as->text), STR_ARG(i->name));
	lint_fix(l, f, true, "the case of keywords has no meaning");
	text = in_case(l->arena, as->text, upper);
	if (text.data && str_eq(dockerfile_slice(l->file, as->span), as->text))
		lint_edit(l, f, as->span.start, as->span.end, text);
}

const struct rule rule_from_as_casing = {
	.code = "FromAsCasing",
	.title = "Write AS in the case of its FROM",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM),
	.instruction = check,
};
