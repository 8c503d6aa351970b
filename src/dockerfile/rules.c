/*
 * The table of built-in rules.
 */
#include "dockerfile/rule.h"

#define RULE(name) extern const struct rule rule_##name;
#include "dockerfile/rules_buildkit.def"
#include "dockerfile/rules_cache.def"
#include "dockerfile/rules_file.def"
#include "dockerfile/rules_hadolint.def"
#include "dockerfile/rules_security.def"
#include "dockerfile/rules_shell.def"
#undef RULE

static const struct {
	const struct rule *rule;
	enum rule_set set;
} table[] = {
#define RULE(name) {&rule_##name, RULE_SET_buildkit},
#include "dockerfile/rules_buildkit.def"
#undef RULE
#define RULE(name) {&rule_##name, RULE_SET_cache},
#include "dockerfile/rules_cache.def"
#undef RULE
#define RULE(name) {&rule_##name, RULE_SET_file},
#include "dockerfile/rules_file.def"
#undef RULE
#define RULE(name) {&rule_##name, RULE_SET_hadolint},
#include "dockerfile/rules_hadolint.def"
#undef RULE
#define RULE(name) {&rule_##name, RULE_SET_security},
#include "dockerfile/rules_security.def"
#undef RULE
#define RULE(name) {&rule_##name, RULE_SET_shell},
#include "dockerfile/rules_shell.def"
#undef RULE
};

static const char *const set_names[RULE_SETS] = {
#define RULE_SET(name) #name,
#include "dockerfile/rule_sets.def"
#undef RULE_SET
};

static const struct {
	const char *name;
	const char *severity;
} levels[LEVELS] = {
	[LEVEL_ERROR] = {"error", "high"},   [LEVEL_WARNING] = {"warning", "medium"},
	[LEVEL_INFO] = {"info", "low"},	     [LEVEL_STYLE] = {"style", "negligible"},
	[LEVEL_IGNORE] = {"ignore", "none"},
};

size_t rule_count(void)
{
	return sizeof(table) / sizeof(table[0]);
}

const struct rule *rule_at(size_t i)
{
	return table[i].rule;
}

enum rule_set rule_set_at(size_t i)
{
	return table[i].set;
}

const char *rule_set_name(enum rule_set set)
{
	return set_names[set];
}

const struct rule *rule_find(struct str code)
{
	for (size_t i = 0; i < rule_count(); i++) {
		if (str_is(code, table[i].rule->code))
			return table[i].rule;
	}
	return NULL;
}

const char *lint_level_name(enum lint_level level)
{
	return levels[level].name;
}

const char *lint_level_severity(enum lint_level level)
{
	return levels[level].severity;
}

enum lint_level lint_level_find(struct str name)
{
	for (int i = 0; i < LEVELS; i++) {
		if (str_is(name, levels[i].name))
			return (enum lint_level)i;
	}
	return str_is(name, "none") ? LEVEL_IGNORE : LEVELS;
}
