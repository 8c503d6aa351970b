/*
 * BuildKit's ConsistentInstructionCasing: keywords are written as most of the file writes them, a
 * tie is upper case. Mixed ones ("From") count for neither. ARGs before the first FROM do not take
 * part.
 */
#include "dockerfile/rules/spelling.h"

struct state {
	bool lower;
};

static void count(struct lint *l)
{
	struct state *state = lint_state(l);

	state->lower = is_mostly_lower(l);
}

static void edit_case(struct lint *l, struct finding *f, struct span span, struct str text,
		      bool upper)
{
	struct str changed = in_case(l->arena, text, upper);

	if (changed.data && str_eq(dockerfile_slice(l->file, span), text) && !str_eq(changed, text))
		lint_edit(l, f, span.start, span.end, changed);
}

static void check(struct lint *l, const struct instruction *i)
{
	const struct state *state = lint_state(l);
	struct finding *f;

	if (!has_casing(l, i) || (state->lower ? is_lower_case(i->name) : is_upper_case(i->name)))
		return;
	f = lint_report(l, i->keyword, "Write '%.*s' in %s as most instructions of this file are",
			STR_ARG(i->name), state->lower ? "lower case" : "upper case");
	lint_fix(l, f, true, "the case of keywords has no meaning");
	edit_case(l, f, i->keyword, i->name, !state->lower);
	/* AS goes with its FROM */
	if (i->kind == INSTRUCTION_FROM && i->word_count >= 3 &&
	    str_eq_nocase(i->words[1].text, STR("as")))
		edit_case(l, f, i->words[1].span, i->words[1].text, !state->lower);
}

const struct rule rule_consistent_instruction_casing = {
	.code = "ConsistentInstructionCasing",
	.title = "Write all keywords in the same case",
	.level = LEVEL_WARNING,
	.state_size = sizeof(struct state),
	.file = count,
	.instruction = check,
};
