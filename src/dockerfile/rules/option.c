#include "dockerfile/rules/option.h"

#include "dockerfile/rules/edits.h"

static bool is_wanted_in(const struct wanted_option *w, const struct command_use *use)
{
	for (size_t i = 0; w->subs && w->subs[i]; i++) {
		if (command_is(use, w->subs[i]))
			return true;
	}
	return !w->subs;
}

static bool has_any(const struct wanted_option *w, const struct command_use *use)
{
	for (size_t i = 0; w->options[i]; i++) {
		if (command_has(use, w->options[i]))
			return true;
	}
	return false;
}

/* The text of a word that is one variable of the Dockerfile and nothing else, or STR_NULL. */
static struct str variable_value(const struct lint *l, const struct shell_tree *t,
				 const struct shell_arg *a)
{
	uint32_t part = t->nodes[a->node].kind == SHELL_WORD ? shell_child(t, a->node) : SHELL_NONE;
	const struct variable *v;

	if (a->literal || !part || t->nodes[part].next || t->nodes[part].kind != SHELL_VARIABLE ||
	    (t->nodes[part].flags & (SHELL_OPERATOR | SHELL_LENGTH | SHELL_INDEXED)))
		return STR_NULL;
	v = scope_find(l->state->variables, t->nodes[part].text);
	return v && v->value.known ? v->value.text : STR_NULL;
}

/* ENV OPTIONS="-y -q"; apt-get install $OPTIONS x: is it within? */
static bool has_within(struct lint *l, const struct wanted_option *w, const struct shell_command *c,
		       struct str text)
{
	struct shell_arg argv[2] = {c->argv[0]};
	struct shell_command instead = {.node = c->node, .argc = 2, .argv = argv, .name = c->name};
	size_t at = 0, start, end;
	struct command_use use;

	while (docker_word_next(text, &at, &start, &end)) {
		argv[1] = (struct shell_arg){.text = str_sub(text, start, end), .literal = true};
		l->state->work->left -= (int64_t)(end - start) + 1;
		if (text.data[start] != '-' || l->state->work->left <= 0)
			continue;
		if (command_use_parse(l->arena, &instead, &use) &&
		    (has_any(w, &use) || (w->is_exempt && w->is_exempt(l, &use))))
			return true;
	}
	return false;
}

static bool is_in_variable(struct lint *l, const struct wanted_option *w,
			   const struct shell_tree *t, const struct shell_command *c)
{
	for (uint32_t n = 1; n < c->argc; n++) {
		struct str text = variable_value(l, t, &c->argv[n]);

		if (text.len && has_within(l, w, c, text))
			return true;
	}
	return false;
}

/* The last word of the sub-command: "install" of "group install". */
static uint32_t last_sub_arg(const struct command_use *use)
{
	return use->sub_arg + (use->sub && strchr(use->sub->name, ' ') != NULL);
}

void option_check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	const struct wanted_option *w = l->rule->data;
	const struct command_use *use = lint_use(l, t, c);
	struct finding *f;
	uint32_t last;

	if (!use || !is_wanted_in(w, use) || has_any(w, use) ||
	    (w->is_exempt && w->is_exempt(l, use)) || is_in_variable(l, w, t, c))
		return;
	last = w->subs ? last_sub_arg(use) : use->first;
	f = lint_report(l, shell_args_span(t, c, 0, last), "%s", w->message);
	if (!w->insert)
		return;
	lint_fix(l, f, w->safe, "%s", w->reason);
	edit_behind_arg(l, f, t, c, last, w->insert);
}
