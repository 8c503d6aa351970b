/*
 * Comments that silence rules.
 */
#include <stdlib.h>

#include "dockerfile/linter.h"
#include "dockerfile/pragma.h"

/*
 * What pragmas silence, as one sorted list of keys: scope (2 bits), place (32 bits: instruction,
 * stage or nothing), rule (30 bits: active index, or SILENCE_ALL for all of BuildKit's).
 */
enum silence_scope { SILENCE_FILE, SILENCE_STAGE, SILENCE_INSTRUCTION };
#define SILENCE_ALL ((1u << 30) - 1)

static uint64_t silence_key(enum silence_scope scope, uint32_t place, size_t rule)
{
	return (uint64_t)scope << 62 | (uint64_t)place << 30 | rule;
}

static void silence(struct linter *l, enum silence_scope scope, uint32_t place, struct str names,
		    bool check)
{
	struct str name;

	while (pragma_name_next(&names, &name)) {
		void *found = map_find(&l->codes, name);
		uint64_t *slot;

		if (!found && !(check && str_eq_nocase(name, STR("all"))))
			continue;
		slot = vec_push(&l->silenced);
		if (!slot) {
			l->failed = true;
			return;
		}
		*slot = silence_key(scope, place, found ? (uintptr_t)found - 1 : SILENCE_ALL);
	}
}

static void take_pragma(struct linter *l, const struct pragma *p, const struct instruction *i)
{
	uint32_t stage = i ? l->graph.stage_of[i->index] : NO_STAGE;

	if (p->kind == PRAGMA_CHECK) {
		if (i)
			silence(l, SILENCE_INSTRUCTION, i->index, check_option(p->names, "skip"),
				true);
		return;
	}
	if (p->kind == PRAGMA_SHELL || l->config->disable_ignore_pragma || p->bad.data)
		return;
	if (p->kind == PRAGMA_GLOBAL)
		silence(l, SILENCE_FILE, 0, p->names, false);
	else if (i && p->kind == PRAGMA_IGNORE)
		silence(l, SILENCE_INSTRUCTION, i->index, p->names, false);
	else if (i && i->kind == INSTRUCTION_FROM && stage != NO_STAGE)
		silence(l, SILENCE_STAGE, stage, p->names, false);
}

static int cmp_key(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

void linter_read_pragmas(struct linter *l)
{
	const struct dockerfile *d = &l->file;
	size_t next = 0;
	struct pragma p;

	l->silenced.count = 0;
	for (size_t n = 0; n < d->comments.count; n++) {
		const struct instruction *i;

		if (d->comments.items[n].inside ||
		    !pragma_read(dockerfile_slice(d, d->comments.items[n].span), l->config, &p))
			continue;
		while (next < d->instructions.count &&
		       d->instructions.items[next]->comment_end <= n)
			next++;
		i = next < d->instructions.count ? d->instructions.items[next] : NULL;
		/* a blank line or other instruction between: it stands above nothing */
		take_pragma(l, &p, i && i->comment_start <= n ? i : NULL);
	}
	silence(l, SILENCE_FILE, 0, check_option(linter_check_value(&l->lint), "skip"), true);
	if (l->silenced.count)
		qsort(l->silenced.items, l->silenced.count, sizeof(uint64_t), cmp_key);
}

static bool has_key(const struct linter *l, enum silence_scope scope, uint32_t place, size_t rule)
{
	uint64_t key = silence_key(scope, place, rule);

	if (!l->silenced.count)
		return false;
	return bsearch(&key, l->silenced.items, l->silenced.count, sizeof(key), cmp_key) != NULL;
}

bool linter_is_silenced(const struct linter *l, const struct finding *f)
{
	const struct active_rule *a = &l->active[f->order];
	uint32_t stage =
		f->instruction == NO_INSTRUCTION ? NO_STAGE : l->graph.stage_of[f->instruction];

	if (!l->silenced.count || (a->rule->flags & RULE_ALWAYS))
		return false;
	for (int all = 0; all <= (a->set == RULE_SET_buildkit); all++) {
		size_t rule = all ? SILENCE_ALL : f->order;

		if (has_key(l, SILENCE_FILE, 0, rule) ||
		    (stage != NO_STAGE && has_key(l, SILENCE_STAGE, stage, rule)) ||
		    (f->instruction != NO_INSTRUCTION &&
		     has_key(l, SILENCE_INSTRUCTION, f->instruction, rule)))
			return true;
	}
	return false;
}
