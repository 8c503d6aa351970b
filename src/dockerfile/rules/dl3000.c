/*
 * hadolint DL3000: a relative WORKDIR depends on the one before it, perhaps on that of the base
 * image. What a variable gives is its own business.
 */
#include "dockerfile/rules/paths.h"

/* Where it leads to, when an absolute WORKDIR stands before it or nothing can. */
static struct str joined_path(const struct lint *l, struct str path, bool *ret_known)
{
	const struct value *before = &l->state->workdir;
	struct str base = before->set ? before->text : STR("/");

	*ret_known = before->set ? before->known && is_absolute_path(base)
				 : l->stage && l->stage->is_scratch;
	while (str_skip(&path, STR("./")))
		;
	return arena_printf(l->arena, "%s%.*s%s%.*s", is_absolute_path(base) ? "" : "/",
			    STR_ARG(base), str_ends(base, STR("/")) ? "" : "/", STR_ARG(path));
}

static void check(struct lint *l, const struct instruction *i)
{
	struct str path = bare_word(i->rest.text), full;
	struct finding *f;
	bool known;

	if (!i->word_count || !path.len || is_absolute_path(path) || path.data[0] == '$')
		return;
	f = lint_report(l, i->words[0].span, "Use an absolute path in WORKDIR");
	full = joined_path(l, path, &known);
	if (i->is_trigger || !full.data || str_find(path, STR("..")) >= 0 ||
	    path.len != i->rest.text.len)
		return;
	if (known)
		lint_fix(l, f, true, "the relative path leads there");
	else
		lint_fix(l, f, false, "the base image may have a WORKDIR of its own");
	lint_edit(l, f, i->words[0].span.start, i->words[0].span.end, full);
}

const struct rule rule_dl3000 = {
	.code = "DL3000",
	.title = "Use absolute paths in WORKDIR",
	.level = LEVEL_ERROR,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_WORKDIR),
	.instruction = check,
};
