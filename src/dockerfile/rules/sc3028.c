/*
 * ShellCheck SC3028: variables that bash sets are empty in sh, and nothing says so. A script or a
 * Dockerfile that sets one itself means its own; RANDOM and SECONDS are reported even then, since
 * bash gives them a meaning that an assignment does not take.
 */
#include "dockerfile/rules/posix.h"

static const char *const names[] = {
	"BASHOPTS",	 "BASHPID",	"BASH_ALIASES",
	"BASH_ARGC",	 "BASH_ARGV",	"BASH_CMDS",
	"BASH_COMMAND",	 "BASH_LINENO", "BASH_EXECUTION_STRING",
	"BASH_REMATCH",	 "BASH_SOURCE", "BASH_SUBSHELL",
	"BASH_VERSINFO", "DIRSTACK",	"EPOCHREALTIME",
	"EPOCHSECONDS",	 "EUID",	"FUNCNAME",
	"GROUPS",	 "HOSTNAME",	"HOSTTYPE",
	"MACHTYPE",	 "MAPFILE",	"OSTYPE",
	"PIPESTATUS",	 "SHELLOPTS",	"SHLVL",
	"UID",		 NULL,
};

static bool is_dynamic(struct str name)
{
	return str_is(name, "RANDOM") || str_is(name, "SECONDS");
}

static bool is_known(struct str name, enum posix_shell shell)
{
	if (name.len < 1 || (name.data[0] != '_' && (name.data[0] < 'A' || name.data[0] > 'U')))
		return false;
	for (size_t i = 0; names[i]; i++) {
		if (str_is(name, names[i]))
			return true;
	}
	/* dash has $_ */
	return is_dynamic(name) || (str_is(name, "_") && shell != POSIX_DASH);
}

/* "read X" and the like. */
static bool is_read(const struct shell_tree *t, struct str name)
{
	for (uint32_t i = 0; i < t->command_count; i++) {
		const struct shell_command *c = &t->commands[i];

		if (!str_is(c->name, "read") && !str_is(c->name, "getopts"))
			continue;
		for (uint32_t a = 1; a < c->argc; a++) {
			if (str_eq(c->argv[a].text, name))
				return true;
		}
	}
	return false;
}

static bool is_set(struct lint *l, const struct shell_tree *t, struct str name)
{
	if (l->state && scope_find(l->state->variables, name))
		return true;
	for (uint32_t n = 0; n < t->count; n++) {
		enum shell_kind kind = t->nodes[n].kind;

		if ((kind == SHELL_ASSIGNMENT || kind == SHELL_FOR) &&
		    str_eq(t->nodes[n].text, name))
			return true;
	}
	return is_read(t, name);
}

enum { NAMES = sizeof(names) / sizeof(names[0]) };

/* Answers are kept: a script of nothing but one name stays linear. */
struct answers {
	signed char set[NAMES]; /* 0: not asked */
};

static bool is_set_kept(struct lint *l, const struct shell_tree *t, struct str name,
			struct answers *answers)
{
	size_t i = 0;

	while (names[i] && !str_is(name, names[i]))
		i++;
	if (!answers->set[i])
		answers->set[i] = is_set(l, t, name) ? 1 : -1;
	return answers->set[i] > 0;
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	struct answers answers = {{0}};
	enum posix_shell shell = posix_shell(l, t);

	(void)i;
	for (uint32_t n = 0; shell != POSIX_NONE && n < t->count; n++) {
		struct str name = t->nodes[n].text;

		if (t->nodes[n].kind != SHELL_VARIABLE || !is_known(name, shell) ||
		    (!is_dynamic(name) && is_set_kept(l, t, name, &answers)))
			continue;
		lint_report(l, shell_span(t, n), "In %s, %.*s is undefined",
			    posix_shell_name(shell), STR_ARG(name));
	}
}

const struct rule rule_sc3028 = {
	.code = "SC3028",
	.title = "Use no variables that only bash sets under sh",
	.level = LEVEL_WARNING,
	.shell = check,
};
