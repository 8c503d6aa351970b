/*
 * BuildKit's UndefinedArgInFrom: FROM sees the ARGs before the first FROM and the platform ones.
 */
#include "dockerfile/rules/spelling.h"

static bool is_declared(const struct lint *l, struct str name)
{
	return is_platform_arg(name) || str_is(name, "TARGETSTAGE") ||
	       str_is(name, "BUILDOSVERSION") || str_is(name, "TARGETOSVERSION") ||
	       scope_find(l->graph->global->variables, name);
}

static void check_word(struct lint *l, struct str word, struct span span)
{
	struct variable_use u = variable_uses(word, l->file->escape);

	while (variable_use_next(&u)) {
		struct str meant;

		if (u.has_default || is_declared(l, u.name))
			continue;
		meant = suggest_variable(l->graph->global, u.name);
		if (str_is(meant, "PATH"))
			meant = STR("");
		lint_report(l, span, "No ARG before the first FROM declares '%.*s'%s%.*s%s",
			    STR_ARG(u.name), meant.len ? " (did you mean " : "", STR_ARG(meant),
			    meant.len ? "?)" : "");
	}
}

static void check(struct lint *l, const struct instruction *i)
{
	if (i->word_count)
		check_word(l, i->words[0].text, i->words[0].span);
	if (l->stage->platform)
		check_word(l, l->stage->platform->value, l->stage->platform->span);
}

const struct rule rule_undefined_arg_in_from = {
	.code = "UndefinedArgInFrom",
	.title = "Declare the arguments of FROM before the first FROM",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM),
	.instruction = check,
};
