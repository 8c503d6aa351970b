/*
 * BuildKit's WorkdirRelativePath: the first WORKDIR of a stage, unless the stage below has one,
 * goes where the base image happens to be.
 */
#include "dockerfile/rules/paths.h"

static void check(struct lint *l, const struct instruction *i)
{
	struct str path;
	struct value v;

	if (l->state->workdir.set || i->word_count < 1)
		return;
	v = word_of(l, &i->words[0]);
	path = bare_word(i->words[0].text);
	if (!v.known || is_absolute_path(v.text) || is_absolute_path(path))
		return;
	lint_report(l, i->words[0].span,
		    "The relative WORKDIR '%.*s' depends on the WORKDIR of the base image",
		    STR_ARG(v.text));
}

const struct rule rule_workdir_relative_path = {
	.code = "WorkdirRelativePath",
	.title = "Start with an absolute WORKDIR",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_WORKDIR),
	.instruction = check,
};
