/*
 * hadolint DL3044: all values of one ENV are put in at once, so a name that the same ENV defines
 * still has its old value there, or none. With an old value that may be meant; a variable may
 * refer to itself, too.
 */
#include "base/map.h"
#include "dockerfile/rule.h"

/* Names of this ENV with the number of pairs that define them, and one of these. */
struct definition {
	uint32_t pair;
	uint32_t count;
};

static bool collect(struct lint *l, const struct instruction *i, struct map *names)
{
	for (uint32_t n = 0; n < i->pair_count; n++) {
		void **slot = map_put(names, i->pairs[n].name);
		struct definition *d;

		if (!slot)
			return false;
		if (!*slot)
			*slot = ARENA_NEW(l->arena, struct definition);
		d = *slot;
		if (!d)
			return false;
		d->pair = n;
		d->count++;
	}
	return true;
}

static void check_pair(struct lint *l, const struct instruction *i, uint32_t pair,
		       const struct map *names)
{
	struct str value = i->pairs[pair].value;
	struct variable_use u = variable_uses(value, l->file->escape);

	while (variable_use_next(&u)) {
		const struct definition *d = map_find(names, u.name);
		size_t at;

		if (!d || u.has_default || (d->count == 1 && d->pair == pair) ||
		    scope_find(l->state->variables, u.name))
			continue;
		at = joined_at(&i->rest, value);
		lint_report(l, joined_span(&i->rest, at + u.start, at + u.end),
			    "'%.*s' is not set yet within the ENV that defines it",
			    STR_ARG(u.name));
	}
}

static void check(struct lint *l, const struct instruction *i)
{
	struct map names;

	if (i->pair_count < 2 || str_find_char(i->rest.text, '$') < 0)
		return;
	map_init(&names, NULL);
	if (collect(l, i, &names)) {
		for (uint32_t n = 0; n < i->pair_count; n++)
			check_pair(l, i, n, &names);
	}
	map_done(&names);
}

const struct rule rule_dl3044 = {
	.code = "DL3044",
	.title = "Refer to a variable behind the ENV that defines it",
	.level = LEVEL_ERROR,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_ENV),
	.instruction = check,
};
