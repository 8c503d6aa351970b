/*
 * hadolint DL3042: pip keeps what it downloads unless --no-cache-dir or PIP_NO_CACHE_DIR say no, or
 * a mount holds the cache.
 */
#include "dockerfile/rules/mounts.h"
#include "dockerfile/rules/option.h"
#include "dockerfile/rules/pip.h"

static bool is_true(struct str value)
{
	return str_is(value, "1") || str_eq_nocase(value, STR("true")) ||
	       str_eq_nocase(value, STR("on")) || str_eq_nocase(value, STR("yes"));
}

/* ENV PIP_NO_CACHE_DIR=1; what cannot be known counts as set. */
static bool is_set(const struct lint *l)
{
	const struct variable *v = scope_find(l->state->variables, STR("PIP_NO_CACHE_DIR"));

	return v && (!v->value.known || is_true(v->value.text));
}

/* A mount at .cache/pip of any home, or at PIP_CACHE_DIR. */
static bool is_mounted(const struct lint *l)
{
	const struct variable *v = scope_find(l->state->variables, STR("PIP_CACHE_DIR"));
	struct str target;
	uint32_t at = 0;

	while (mount_next(l->instruction, &at, &target)) {
		if (str_find(target, STR(".cache/pip")) >= 0 || str_ends(target, STR("/.cache")) ||
		    (v && v->value.text.len && is_below(v->value.text, target)))
			return true;
	}
	return false;
}

static bool is_exempt(const struct lint *l, const struct command_use *use)
{
	(void)use;
	return is_set(l) || is_mounted(l);
}

/* PIP_NO_CACHE_DIR=1 pip ..., or exported before it: commands come in order, so each node is looked
 * at once. */
struct state {
	const struct shell_tree *tree;
	uint32_t next; /* node */
	bool assigned;
};

static struct str without_quotes(struct str s)
{
	if (s.len >= 2 && (s.data[0] == '"' || s.data[0] == '\'') && s.data[s.len - 1] == s.data[0])
		return str_sub(s, 1, s.len - 1);
	return s;
}

static bool is_assigned(struct state *s, const struct shell_tree *t, const struct shell_command *c)
{
	if (s->tree != t)
		*s = (struct state){.tree = t};
	for (; s->next <= t->nodes[c->node].last; s->next++) {
		const struct shell_node *n = &t->nodes[s->next];
		uint32_t value = shell_child(t, s->next);

		if (n->kind == SHELL_ASSIGNMENT && value && str_is(n->text, "PIP_NO_CACHE_DIR"))
			s->assigned = is_true(without_quotes(shell_source(t, value)));
	}
	return s->assigned;
}

static const struct wanted_option option = {
	.subs = (const char *const[]){"install", NULL},
	.options = (const char *const[]){"no-cache-dir", NULL},
	.is_exempt = is_exempt,
	.message = "Use --no-cache-dir, then downloads do not stay in the layer",
	.insert = " --no-cache-dir",
	.safe = true,
	.reason = "the same packages are installed; only the downloads are left out",
};

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	if (pip_use(l, t, c, false) && !is_assigned(lint_state(l), t, c))
		option_check(l, t, c);
}

const struct rule rule_dl3042 = {
	.code = "DL3042",
	.title = "Use --no-cache-dir with pip install",
	.level = LEVEL_WARNING,
	.state_size = sizeof(struct state),
	.command = check,
	.data = &option,
};
