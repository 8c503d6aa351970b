/*
 * ShellCheck SC2035: a file named "-rf" becomes an option when "*" names it. "./" before the
 * pattern, or "--" before that, keeps it a file. echo and printf do not mind.
 */
#include "dockerfile/rule.h"

/* For these "./a" is the same file as "a"; others keep the name (tar) or match it (find). */
static const char *const takes_files[] = {
	"rm", "mv", "cp", "chmod", "chown", "chgrp", "cat", "ls", "touch", "strip", "rmdir", NULL,
};

static bool takes_any_name(struct str name)
{
	for (size_t i = 0; takes_files[i]; i++) {
		if (str_is(name, takes_files[i]))
			return true;
	}
	return false;
}

/* The pattern stands at the start of the word, without quotes or an escape. */
static bool begins_with_glob(const struct shell_tree *t, uint32_t word)
{
	uint32_t part = shell_child(t, word);
	struct str source;

	if (t->nodes[word].kind != SHELL_WORD || !part || t->nodes[part].kind != SHELL_LITERAL)
		return false;
	source = shell_source(t, part);
	return source.len && (source.data[0] == '*' || source.data[0] == '?');
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	if (str_is(c->name, "echo") || str_is(c->name, "printf"))
		return;
	for (uint32_t i = 1; i < c->argc; i++) {
		struct finding *f;
		struct span span;

		if (str_is(c->argv[i].text, "--") || str_is(c->argv[i].text, ":::") ||
		    str_is(c->argv[i].text, "::::"))
			return;
		if (!begins_with_glob(t, c->argv[i].node))
			continue;
		span = shell_span(t, c->argv[i].node);
		f = lint_report(l, span,
				"Use ./%.*s or -- %.*s so names with dashes do not become options",
				STR_ARG(c->argv[i].text), STR_ARG(c->argv[i].text));
		if (!takes_any_name(c->name))
			continue;
		lint_fix(l, f, false, "%.*s gets, and may print, names with ./ before them",
			 STR_ARG(c->name));
		lint_edit(l, f, span.start, span.start, STR("./"));
	}
}

const struct rule rule_sc2035 = {
	.code = "SC2035",
	.title = "Use ./* so names with dashes do not become options",
	.level = LEVEL_INFO,
	.command = check,
};
