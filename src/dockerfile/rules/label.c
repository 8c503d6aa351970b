#include "dockerfile/rules/label.h"

struct value label_name(struct lint *l, const struct docker_pair *pair)
{
	return value_of_word(l->arena, l->state, pair->name, l->file->escape);
}

const struct label_requirement *label_required(const struct lint *l, struct str name)
{
	for (size_t i = 0; i < l->config->label_count; i++) {
		if (str_eq(l->config->labels[i].name, name))
			return &l->config->labels[i];
	}
	return NULL;
}

static void check_pair(struct lint *l, const struct docker_pair *pair)
{
	const struct label_check *k = l->rule->data;
	struct value name = label_name(l, pair), value;
	const struct label_requirement *wanted = label_required(l, name.text);

	if (!wanted || (k->kind != LABEL_KINDS && wanted->kind != k->kind))
		return;
	value = value_of_word(l->arena, l->state, pair->value, l->file->escape);
	if (value.known && !k->is_valid(value.text))
		lint_report(l, pair->span, "The label '%.*s' %s", STR_ARG(name.text), k->message);
}

void label_check(struct lint *l, const struct instruction *i)
{
	for (uint32_t n = 0; l->config->label_count && n < i->pair_count; n++)
		check_pair(l, &i->pairs[n]);
}
