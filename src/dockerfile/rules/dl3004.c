/*
 * hadolint DL3004: builds run as root unless USER says otherwise, so sudo is not needed; in the
 * image it is one more way up. The repair takes it away where it has no options.
 */
#include "dockerfile/rule.h"

/*
 * Rules do not look behind sudo: a repair must not bring what they find in the plain command. Of
 * curl and wget a later step may be the one that is found (DL4001).
 */
static bool shows_more(struct lint *l, const struct shell_tree *t, const struct shell_command *c,
		       uint32_t arg)
{
	struct str text = c->argv[arg].text;
	struct shell_command inner = {
		.node = c->node,
		.argc = c->argc - arg,
		.argv = c->argv + arg,
		.name = str_from(text, (size_t)(str_find_last_char(text, '/') + 1)),
	};

	return str_is(inner.name, "curl") || str_is(inner.name, "wget") ||
	       lint_would_find(l, t, c, &inner);
}

/* A word that the shell itself takes where a command begins: plain only behind sudo. */
static bool is_reserved(struct str word)
{
	static const char *const words[] = {
		"!",	  "[[",	  "{",	  "}",	   "case",  "coproc", "do",	  "done",
		"elif",	  "else", "esac", "fi",	   "for",   "if",     "function", "in",
		"select", "then", "time", "until", "while", NULL,
	};

	for (size_t i = 0; words[i]; i++) {
		if (str_is(word, words[i]))
			return true;
	}
	return false;
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	struct span name = shell_args_span(t, c, 0, 0);
	struct finding *f = lint_report(l, name,
					"Do not use sudo; steps that need root go before "
					"USER");
	uint32_t arg = 1;

	lint_fix(l, f, false, "the step must run as root, and HOME is no longer changed");
	while (arg < c->argc && str_is(c->argv[arg].text, "sudo"))
		arg++;
	if (arg >= c->argc || str_starts(c->argv[arg].text, STR("-")) ||
	    str_find_char(c->argv[arg].text, '=') >= 0 || is_reserved(c->argv[arg].text) ||
	    shows_more(l, t, c, arg))
		return;
	lint_edit(l, f, name.start, shell_span(t, c->argv[arg].node).start, STR(""));
}

const struct rule rule_dl3004 = {
	.code = "DL3004",
	.title = "Do without sudo",
	.level = LEVEL_ERROR,
	.commands = (const char *const[]){"sudo", NULL},
	.command = check,
};
