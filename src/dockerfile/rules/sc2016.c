/*
 * ShellCheck SC2016: nothing is expanded within single quotes. Commands that expand such text
 * themselves (another shell, awk, perl, jq, ...) are meant to get it as it is, and for sed a $
 * before one of its commands is the last line.
 */
#include "dockerfile/rule.h"

enum { NEAR = 8 };

static const char *const expanding[] = {
	"trap", "sh",	  "bash",   "ksh", "zsh",	 "ssh", "eval",	  "xprop", "alias", "sudo",
	"doas", "docker", "podman", "oc",  "dpkg-query", "jq",	"rename", "rg",	   "unset", NULL,
};
static const char *const prompts[] = {"PS1", "PS2", "PS3", "PS4", "PROMPT_COMMAND", NULL};

static bool is_one_of(struct str name, const char *const *names)
{
	for (; *names; names++) {
		if (str_is(name, *names))
			return true;
	}
	return false;
}

static bool is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* $x, ${, $(, $1, or a pair of backticks with something between. */
static bool looks_expanded(struct str text)
{
	bool open = false;
	size_t since = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i], next = i + 1 < text.len ? text.data[i + 1] : '\0';

		if (c == '$' && (is_letter(next) || (next >= '0' && next <= '9') || next == '_' ||
				 next == '{' || next == '('))
			return true;
		if (c != '`')
			continue;
		if (open && i > since + 1)
			return true;
		open = true;
		since = i;
	}
	return false;
}

/* "$d", "$p", "s/$a /": sed's own. */
static bool is_of_sed(struct str text)
{
	for (size_t i = 0; i + 1 < text.len; i++) {
		if (text.data[i] == '$' && strchr("{dpsaic", text.data[i + 1]) &&
		    (i + 2 == text.len || !is_letter(text.data[i + 2])))
			return true;
	}
	return false;
}

/* Who gets the text: of find what it runs. */
static struct str receiver(const struct shell_command *c)
{
	ptrdiff_t slash;
	uint32_t at;

	if (str_is(c->name, "git") && c->argc > 1 && str_is(c->argv[1].text, "filter-branch"))
		return STR("eval");
	if (!str_is(c->name, "find"))
		return c->name;
	for (at = 1; at < c->argc; at++) {
		struct str text = c->argv[at].text;

		if (str_is(text, "-exec") || str_is(text, "-execdir") || str_is(text, "-ok") ||
		    str_is(text, "-okdir"))
			break;
	}
	if (at + 1 >= c->argc)
		return c->name;
	slash = str_find_last_char(c->argv[at + 1].text, '/');
	return str_from(c->argv[at + 1].text, (size_t)(slash + 1));
}

/* The command that has the text in a word of its own; a few steps up, not to the root each time. */
static const struct shell_command *command_near(const struct shell_tree *t, uint32_t n)
{
	for (unsigned steps = 0; n && steps < NEAR; steps++) {
		n = t->nodes[n].parent;
		if (t->nodes[n].kind == SHELL_COMMAND)
			return shell_command_of(t, n);
	}
	return NULL;
}

static bool is_meant(const struct shell_tree *t, uint32_t n)
{
	uint32_t word = t->nodes[n].parent, owner = t->nodes[word].parent;
	const struct shell_command *c = command_near(t, n);
	struct str name;

	if (t->nodes[owner].kind == SHELL_ASSIGNMENT && is_one_of(t->nodes[owner].text, prompts))
		return true;
	if (!c)
		return false;
	name = receiver(c);
	if (str_is(name, "sed"))
		return is_of_sed(t->nodes[n].text);
	return is_one_of(name, expanding) || str_ends(name, STR("awk")) ||
	       str_starts(name, STR("perl"));
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	(void)i;
	for (uint32_t n = 0; n < t->count; n++) {
		if (t->nodes[n].kind == SHELL_SINGLE && looks_expanded(t->nodes[n].text) &&
		    !is_meant(t, n))
			lint_report(l, shell_span(t, n),
				    "Expressions do not expand in single quotes");
	}
}

const struct rule rule_sc2016 = {
	.code = "SC2016",
	.title = "Use double quotes where expressions shall expand",
	.level = LEVEL_INFO,
	.shell = check,
};
