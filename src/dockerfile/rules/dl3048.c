/*
 * hadolint DL3048: keys of labels are made of a-z, 0-9, dots and dashes, begin with a letter, end
 * in a letter or digit, and leave Docker's own namespaces alone.
 */
#include "dockerfile/rules/label.h"

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* NULL, or what is wrong with the key. */
static const char *fault_of(struct str key)
{
	static const char *const reserved[] = {"com.docker.", "io.docker.", "org.dockerproject."};

	if (!key.len || !is_lower(key.data[0]))
		return "must begin with a lower-case letter";
	if (!is_lower(key.data[key.len - 1]) && !is_digit(key.data[key.len - 1]))
		return "must end in a lower-case letter or a digit";
	for (size_t i = 0; i < key.len; i++) {
		char c = key.data[i];

		if (!is_lower(c) && !is_digit(c) && c != '.' && c != '-')
			return "may hold a-z, 0-9, '.' and '-' only";
		if ((c == '.' || c == '-') && key.data[i + 1] == c)
			return "may not have two dots or dashes in a row";
	}
	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++) {
		if (str_starts(key, str_of(reserved[i])))
			return "is in a namespace of Docker's own";
	}
	return NULL;
}

/* A variable of which the file says nothing is rather a '$' that went astray. */
static bool is_declared(const struct lint *l, struct str key)
{
	struct variable_use u = variable_uses(key, l->file->escape);

	while (variable_use_next(&u)) {
		if (!u.has_default && !scope_find(l->state->variables, u.name))
			return false;
	}
	return true;
}

static void check(struct lint *l, const struct instruction *i)
{
	for (uint32_t n = 0; n < i->pair_count; n++) {
		struct value key = label_name(l, &i->pairs[n]);
		const char *fault =
			key.known || !is_declared(l, i->pairs[n].name) ? fault_of(key.text) : NULL;

		if (fault)
			lint_report(l, i->pairs[n].name_span, "The label's key %s", fault);
	}
}

const struct rule rule_dl3048 = {
	.code = "DL3048",
	.title = "Use valid keys for labels",
	.level = LEVEL_STYLE,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_LABEL),
	.instruction = check,
};
