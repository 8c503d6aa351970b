/*
 * BuildKit's LegacyKeyValueFormat: "ENV name value" takes the whole rest of the line as the value.
 */
#include "dockerfile/rule.h"

/* Neither quotes nor escapes: then double quotes around it change nothing. */
static bool is_plain(struct str s, char escape)
{
	for (size_t n = 0; n < s.len; n++) {
		char c = s.data[n];

		if (c == '"' || c == '\'' || c == '\\' || c == escape || c == '\n' || c == '\r')
			return false;
	}
	return s.len > 0;
}

static void check(struct lint *l, const struct instruction *i)
{
	const struct docker_pair *p = i->pairs;
	struct str value, name;
	struct finding *f;
	bool quoted;

	if (i->pair_count != 1 || !p->legacy)
		return;
	f = lint_report(l, i->line, "Write '%s name=value' instead of the legacy form with a blank",
			instruction_kind_name(i->kind));
	value = p->value;
	name = p->name;
	quoted = value.len > 2 && value.data[0] == '"' && value.data[value.len - 1] == '"' &&
		 is_plain(str_sub(value, 1, value.len - 1), l->file->escape);
	if (!str_eq(dockerfile_slice(l->file, p->value_span), value) ||
	    !(quoted || is_plain(value, l->file->escape)) || !is_plain(name, l->file->escape) ||
	    str_find_char(dockerfile_slice(l->file, p->span), '\n') >= 0)
		return;
	lint_fix(l, f, true, "the value stays the same");
	lint_edit(l, f, p->name_span.end, p->value_span.start, quoted ? STR("=") : STR("=\""));
	if (!quoted)
		lint_edit(l, f, p->value_span.end, p->value_span.end, STR("\""));
}

const struct rule rule_legacy_key_value_format = {
	.code = "LegacyKeyValueFormat",
	.title = "Write name=value in ENV and LABEL",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_ENV) | INSTRUCTION_BIT(INSTRUCTION_LABEL),
	.instruction = check,
};
