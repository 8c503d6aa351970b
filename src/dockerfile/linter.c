/*
 * Which rules run under a configuration, and which of their hooks is called where.
 */
#include "dockerfile/linter.h"

#include <stdio.h>

static bool list_add(struct rule_list *l, size_t index)
{
	uint16_t *slot = vec_push(l);

	if (slot)
		*slot = (uint16_t)index;
	return slot != NULL;
}

static bool contains(const struct str *codes, size_t count, const char *code)
{
	for (size_t i = 0; i < count; i++) {
		if (str_is(codes[i], code))
			return true;
	}
	return false;
}

static enum lint_level level_of(const struct lint_config *c, const struct rule *rule)
{
	if (c->only_count && !contains(c->only, c->only_count, rule->code))
		return LEVEL_IGNORE;
	if (!(rule->flags & RULE_ALWAYS) && contains(c->ignored, c->ignored_count, rule->code))
		return LEVEL_IGNORE;
	for (int level = 0; level < LEVEL_IGNORE; level++) {
		if (contains(c->override[level].codes, c->override[level].count, rule->code))
			return (enum lint_level)level;
	}
	/* a rule that is off unless asked for was asked for by its name */
	return c->only_count && rule->level == LEVEL_IGNORE ? LEVEL_INFO : rule->level;
}

unsigned linter_mask(const struct rule *rule)
{
	if (rule->flags & RULE_UNMASKED)
		return ~0u;
	return rule->instructions ? rule->instructions : INSTRUCTION_BIT(INSTRUCTION_RUN);
}

static bool add_active(struct linter *l, const struct rule *rule, enum rule_set set)
{
	enum lint_level level = level_of(l->config, rule);
	struct active_rule *a;
	void **slot;

	if (level == LEVEL_IGNORE)
		return true;
	a = &l->active[l->active_count++];
	*a = (struct active_rule){rule, set, level, l->state_size};
	l->state_size += (rule->state_size + 15) & ~(size_t)15;
	slot = map_put(&l->codes, str_of(rule->code));
	if (!slot)
		return false;
	if (!*slot)
		*slot = (void *)(uintptr_t)l->active_count;
	return true;
}

bool linter_is_override(const struct lint_config *c, const char *code)
{
	for (int level = 0; level < LEVEL_IGNORE; level++) {
		if (contains(c->override[level].codes, c->override[level].count, code))
			return true;
	}
	return false;
}

/* Makes a rule of a code of ShellCheck. */
bool linter_add_foreign(struct linter *l, unsigned code)
{
	size_t before = l->active_count;
	struct rule *rule;
	char text[16];
	void *found;

	if (!l->foreign)
		l->foreign = arena_alloc(&l->table_arena, sizeof(*l->foreign));
	if (!l->foreign)
		return false;
	if (code >= FOREIGN_CODES || l->foreign->active[code])
		return true;
	l->foreign->active[code] = FOREIGN_OFF;
	snprintf(text, sizeof(text), "SC%04u", code);
	found = map_find(&l->codes, str_of(text));
	if (found) {
		l->foreign->active[code] = (uint16_t)(uintptr_t)found;
		return true;
	}
	rule = ARENA_NEW(&l->table_arena, struct rule);
	if (!rule || l->foreign->count++ >= FOREIGN_RULES)
		return false;
	rule->code = arena_str(&l->table_arena, str_of(text)).data;
	rule->title = "ShellCheck's own: see its wiki";
	rule->level = LEVEL_INFO;
	if (!rule->code || !add_active(l, rule, RULE_SET_shell))
		return false;
	if (l->active_count > before)
		l->foreign->active[code] = (uint16_t)l->active_count;
	return true;
}

static struct command_rules *command_list(struct linter *l, const char *name)
{
	void **slot = map_put(&l->commands, str_of(name));

	if (slot && !*slot)
		*slot = arena_alloc(&l->table_arena, sizeof(struct command_rules));
	return slot ? *slot : NULL;
}

static bool has_command(const struct rule *rule, struct str name)
{
	for (size_t i = 0; rule->commands && rule->commands[i]; i++) {
		if (str_is(name, rule->commands[i]))
			return true;
	}
	return !rule->commands;
}

/* For each command name that some rule asks for: its rules and those for all commands, in order. */
static bool fill_commands(struct linter *l)
{
	struct map_slot *slot;

	for (size_t n = 0; n < l->active_count; n++) {
		const struct rule *rule = l->active[n].rule;

		for (size_t i = 0; rule->command && rule->commands && rule->commands[i]; i++) {
			if (!command_list(l, rule->commands[i]))
				return false;
		}
		if (rule->command && !rule->commands && !list_add(&l->any_command.list, n))
			return false;
	}
	for (size_t at = 0; (slot = map_next(&l->commands, &at));) {
		struct command_rules *c = slot->value;

		for (size_t n = 0; n < l->active_count; n++) {
			const struct rule *rule = l->active[n].rule;

			if (rule->command && has_command(rule, slot->key) && !list_add(&c->list, n))
				return false;
		}
	}
	return true;
}

static bool fill_hooks(struct linter *l)
{
	bool ok = true;

	for (size_t n = 0; n < l->active_count; n++) {
		const struct rule *rule = l->active[n].rule;

		for (int kind = 0; kind < INSTRUCTION_KINDS; kind++) {
			unsigned bit = INSTRUCTION_BIT(kind);

			if (rule->instruction &&
			    (!rule->instructions || (rule->instructions & bit))) {
				ok = ok && list_add(&l->by_kind[kind], n);
				if (rule->flags & RULE_TRIGGERS)
					ok = ok && list_add(&l->triggers[kind], n);
			}
			if (!(linter_mask(rule) & bit))
				continue;
			if (rule->shell)
				ok = ok && list_add(&l->shell[kind], n);
			if (rule->shell || rule->command)
				l->wants_shell[kind] = true;
		}
	}
	return ok && fill_commands(l);
}

static bool fill_rules(struct linter *l)
{
	size_t count = rule_count() + l->config->extra_rule_count;
	bool ok = true;

	if (count + FOREIGN_RULES > UINT16_MAX)
		return false;
	l->active = arena_alloc_array(&l->table_arena, count + FOREIGN_RULES, sizeof(*l->active));
	if (!l->active)
		return false;
	for (size_t i = 0; i < rule_count(); i++)
		ok = ok && add_active(l, rule_at(i), rule_set_at(i));
	for (size_t i = 0; i < l->config->extra_rule_count; i++)
		ok = ok && add_active(l, l->config->extra_rules[i], RULE_SETS);
	l->state = arena_alloc(&l->table_arena, l->state_size ? l->state_size : 1);
	return ok && l->state && fill_hooks(l);
}

struct linter *linter_new(const struct lint_config *config, struct budget *budget, struct err *e)
{
	struct linter *l = mem_zero(1, sizeof(*l));

	if (!l) {
		ERR_NOMEM(e);
		return NULL;
	}
	l->config = config;
	l->budget = budget;
	dockerfile_init(&l->file, budget);
	arena_init(&l->arena, budget, 0);
	arena_init(&l->table_arena, budget, 0);
	map_init(&l->commands, budget);
	map_init(&l->codes, budget);
	l->parser = shell_parser_new();
	if (!l->parser || !fill_rules(l)) {
		linter_free(l);
		ERR_NOMEM(e);
		return NULL;
	}
	return l;
}

void linter_free(struct linter *l)
{
	struct map_slot *slot;

	if (!l)
		return;
	for (size_t at = 0; (slot = map_next(&l->commands, &at));) {
		struct command_rules *c = slot->value;

		if (c)
			vec_done(&c->list);
	}
	for (int kind = 0; kind < INSTRUCTION_KINDS; kind++) {
		vec_done(&l->by_kind[kind]);
		vec_done(&l->triggers[kind]);
		vec_done(&l->shell[kind]);
	}
	vec_done(&l->any_command.list);
	vec_done(&l->findings);
	vec_done(&l->silenced);
	map_done(&l->commands);
	map_done(&l->codes);
	shell_parser_free(l->parser);
	if (l->lint.tree)
		l->lint.tree_free(l->lint.tree);
	dockerfile_done(&l->file);
	arena_done(&l->arena);
	arena_done(&l->table_arena);
	mem_free(l);
}
