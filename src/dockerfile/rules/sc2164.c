/*
 * ShellCheck SC2164: when cd fails and nothing stops there, the rest runs in the wrong folder. It
 * is taken care of under "set -e" (of SHELL and of "#!" too) and where && || or a condition asks
 * for the status. "cd .." and "cd /" do not fail.
 */
#include "dockerfile/rules/posix.h"

#include <string.h>

/* "-eux": a bundle of short options with that letter. */
static bool has_letter(struct str word, char letter)
{
	return word.len > 1 && word.data[0] == '-' && word.data[1] != '-' &&
	       str_find_char(word, letter) > 0;
}

/* The words of SHELL up to -c. */
static bool is_set_by_shell(const struct lint *l)
{
	const struct instruction *i = l->state ? l->state->shell.where : NULL;

	for (uint32_t n = 1; i && n < i->word_count; n++) {
		if (has_letter(i->words[n].text, 'e') || str_is(i->words[n].text, "errexit"))
			return true;
	}
	return false;
}

static bool is_set_by_line(struct str script)
{
	size_t at = 2, start, end;
	struct str line;

	if (!str_starts(script, STR("#!")) || !str_next_line(&script, &line))
		return false;
	while (docker_word_next(line, &at, &start, &end)) {
		if (has_letter(str_sub(line, start, end), 'e'))
			return true;
	}
	return false;
}

static bool is_set_by_command(const struct shell_command *c)
{
	if (!str_is(c->name, "set"))
		return false;
	for (uint32_t a = 1; a < c->argc; a++) {
		struct str text = c->argv[a].text;

		if (str_is(text, "--"))
			return false;
		if (has_letter(text, 'e') ||
		    (str_is(text, "errexit") && has_letter(c->argv[a - 1].text, 'o')))
			return true;
	}
	return false;
}

static bool is_errexit(const struct lint *l, const struct shell_tree *t)
{
	if (is_set_by_shell(l) || is_set_by_line(t->body.text))
		return true;
	for (uint32_t n = 0; n < t->command_count; n++) {
		if (is_set_by_command(&t->commands[n]))
			return true;
	}
	return false;
}

/* "/", "..", "../../.": folders that are always there. */
static bool is_safe(struct str folder)
{
	struct str rest = folder;
	ptrdiff_t slash;

	while (rest.len && rest.data[0] == '/')
		rest = str_from(rest, 1);
	while (rest.len) {
		struct str part = rest;

		slash = str_find_char(rest, '/');
		if (slash >= 0)
			part = str_to(rest, (size_t)slash);
		if (part.len && !str_is(part, ".") && !str_is(part, ".."))
			return false;
		rest = str_from(rest, slash >= 0 ? (size_t)slash + 1 : rest.len);
	}
	return folder.len > 0;
}

static bool is_unchecked(const struct shell_tree *t, const struct shell_command *c, uint32_t at)
{
	struct str name = c->argv[at].text;

	if (!c->argv[at].literal)
		return false;
	if (!str_is(name, "cd") && !str_is(name, "pushd") && !str_is(name, "popd"))
		return false;
	if (c->argc == 2 && at == 0 && c->argv[1].literal && is_safe(c->argv[1].text))
		return false;
	/* -n: only the list is changed */
	for (uint32_t a = at + 1; a < c->argc && !str_is(name, "cd"); a++) {
		if (has_letter(c->argv[a].text, 'n'))
			return false;
	}
	return !posix_is_condition(t, c->node);
}

static void offer(struct lint *l, struct finding *f, const struct shell_tree *t, uint32_t node)
{
	enum shell_kind around = t->nodes[t->nodes[node].parent].kind;
	uint32_t end = shell_span(t, node).end;

	lint_fix(l, f, false, "the build stops where the folder is not there");
	if (around == SHELL_AND || around == SHELL_OR || around == SHELL_PIPELINE ||
	    around == SHELL_NOT || (t->nodes[node].flags & SHELL_BACKGROUND))
		return;
	for (uint32_t n = node; n <= t->nodes[node].last; n++) {
		/* what follows the line of a heredoc's mark is its text */
		if (t->nodes[n].kind == SHELL_HEREDOC)
			return;
	}
	lint_edit(l, f, end, end, STR(" || exit"));
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	bool asked = false;

	(void)i;
	for (uint32_t n = 0; n < t->command_count; n++) {
		const struct shell_command *c = &t->commands[n];
		uint32_t at = posix_command(c);
		struct str name = c->argv[at].text;

		if (!is_unchecked(t, c, at))
			continue;
		if (!asked && is_errexit(l, t))
			return;
		asked = true;
		offer(l,
		      lint_report(l, shell_span(t, c->node),
				  "Use '%.*s ... || exit' in case %.*s fails", STR_ARG(name),
				  STR_ARG(name)),
		      t, c->node);
	}
}

const struct rule rule_sc2164 = {
	.code = "SC2164",
	.title = "Stop when cd fails",
	.level = LEVEL_WARNING,
	.shell = check,
};
