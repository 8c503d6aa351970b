/*
 * BuildKit's InvalidDefinitionDescription (experimental): the comment right above an ARG or a named
 * stage is its description, so it begins with the name.
 */
#include "dockerfile/rules/spelling.h"

static bool names_one(const struct lint *l, const struct instruction *i, struct str first)
{
	/* the name of a stage is its lower-case form */
	if (i->kind == INSTRUCTION_FROM)
		return is_lower_case(first) && str_eq_nocase(first, l->stage->name);
	for (uint32_t n = 0; n < i->pair_count; n++) {
		if (str_eq(first, i->pairs[n].name))
			return true;
	}
	return false;
}

static void check(struct lint *l, const struct instruction *i)
{
	struct str text, first, example;

	if (i->comment_start == i->comment_end)
		return;
	example = i->kind == INSTRUCTION_FROM ? l->stage->name
		  : i->pair_count == 1	      ? i->pairs[0].name
		  : i->pair_count	      ? STR("<name>")
					      : STR("");
	if (!example.len)
		return;
	text = dockerfile_slice(l->file, l->file->comments.items[i->comment_end - 1].span);
	text = str_trim(str_from(text, 1));
	if (!str_next(&text, ' ', &first))
		first = STR("");
	if (names_one(l, i, first))
		return;
	lint_report(l, i->line, "The comment above %s should read '# %.*s <description>'",
		    instruction_kind_name(i->kind), STR_ARG(example));
}

const struct rule rule_invalid_definition_description = {
	.code = "InvalidDefinitionDescription",
	.title = "Begin the comment above an ARG or a stage with its name",
	.level = LEVEL_WARNING,
	.flags = RULE_EXPERIMENTAL,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_ARG) | INSTRUCTION_BIT(INSTRUCTION_FROM),
	.instruction = check,
};
