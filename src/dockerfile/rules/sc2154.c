/*
 * ShellCheck SC2154: a variable that nothing sets is empty, silently. Set is what the script
 * assigns anywhere, what ARG and ENV of the stage define, the proxies, and what shells keep
 * themselves. Where the script reads another one (source, eval) nothing is known and nothing said.
 *
 * Names without lower-case letters usually come from the image that FROM names, whose environment
 * is not in the file. They are reported where it cannot be so: on scratch, and for an ARG before
 * the first FROM that the stage does not take over (unless the FROM is made from it: images often
 * have a variable of the same name, node's NODE_VERSION).
 */
#include "dockerfile/rules/spelling.h"
#include "dockerfile/shell_words.h"

/* Stages below this one are not followed further. */
enum { CHAIN_MAX = 64 };

static int note(struct map *names, struct str name)
{
	void **slot = name.data && name.len ? map_put(names, name) : NULL;

	if (slot)
		*slot = names;
	return slot || !name.len ? 0 : -1;
}

/* [ "$x" ], [ -n "$x" ], [ -z "$x" ]: whoever asks knows that it may be missing. */
static int note_test(const struct shell_tree *t, uint32_t test, struct map *names)
{
	uint32_t word = shell_child(t, test), part;

	if (word && t->nodes[word].next &&
	    (str_is(shell_source(t, word), "-n") || str_is(shell_source(t, word), "-z")))
		word = t->nodes[word].next;
	if (!word || t->nodes[word].next)
		return 0;
	part = shell_child(t, word);
	if (part && t->nodes[part].kind == SHELL_DOUBLE)
		part = shell_child(t, part);
	return part && t->nodes[part].kind == SHELL_VARIABLE ? note(names, t->nodes[part].text) : 0;
}

/* "export x": it is meant to come from outside, or is set elsewhere. */
static int note_export(const struct shell_command *c, struct map *names)
{
	for (uint32_t i = 1; i < c->argc; i++) {
		if (c->argv[i].text.len && note(names, c->argv[i].text) < 0)
			return -1;
	}
	return 0;
}

static int note_mentions(const struct shell_tree *t, struct map *names)
{
	for (uint32_t n = 0; n < t->count; n++) {
		if (t->nodes[n].kind == SHELL_TEST && note_test(t, n, names) < 0)
			return -1;
	}
	for (uint32_t i = 0; i < t->command_count; i++) {
		if (str_is(t->commands[i].name, "export") &&
		    note_export(&t->commands[i], names) < 0)
			return -1;
	}
	return 0;
}

/* Nothing outside of the file can have set this name. */
static bool is_of_file(const struct lint *l, struct str name)
{
	const struct stage *s = l->stage;

	if (!is_upper_case(name))
		return true;
	for (unsigned steps = 0; s && s->base >= 0 && steps < CHAIN_MAX; steps++)
		s = &l->graph->stages[s->base];
	if (!s || !s->from || s->base >= 0)
		return false;
	if (s->is_scratch)
		return true;
	return l->graph->global && scope_find(l->graph->global->variables, name) &&
	       str_find(dockerfile_slice(l->file, s->image_span), name) < 0;
}

static int check_variable(struct lint *l, const struct shell_variables *v, struct map *names,
			  uint32_t n)
{
	const struct shell_tree *t = v->tree;
	struct str name = t->nodes[n].text;

	/* "((a) || (b))" is no arithmetic but two subshells, which the grammar cannot know */
	if (t->nodes[t->nodes[n].parent].kind == SHELL_ARITH &&
	    t->body.text.data[t->nodes[n].start] != '$')
		return 0;
	if (!name.len || shell_variable_is_guarded(t, n) || shell_variable_is_known(v, name) ||
	    !is_of_file(l, name) || map_find(names, name))
		return 0;
	lint_report(l, shell_span(t, n), "%.*s is referenced but not assigned", STR_ARG(name));
	/* once a script */
	return note(names, name);
}

static int check_body(struct lint *l, const struct shell_tree *t, struct shell_variables *v,
		      struct map *names)
{
	if (shell_variables_read(v, t, l->state, l->arena) < 0 || note_mentions(t, names) < 0)
		return -1;
	for (uint32_t n = 0; !v->opaque && n < t->count; n++) {
		if (t->nodes[n].kind == SHELL_VARIABLE && check_variable(l, v, names, n) < 0)
			return -1;
	}
	return 0;
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	struct shell_variables variables;
	struct map names;
	uint32_t n = 0;

	(void)i;
	while (n < t->count && t->nodes[n].kind != SHELL_VARIABLE)
		n++;
	if (n == t->count)
		return;
	map_init(&names, NULL);
	if (check_body(l, t, &variables, &names) < 0)
		lint_fail(l);
	shell_variables_done(&variables);
	map_done(&names);
}

const struct rule rule_sc2154 = {
	.code = "SC2154",
	.title = "Assign variables before using them",
	.level = LEVEL_WARNING,
	.shell = check,
};
