#include "dockerfile/rules/words.h"

#include "base/buf.h"

enum { DEPTH_MAX = 3 }; /* a="$b" where b is assigned in the script too */

struct word_reader {
	struct lint *l;
	struct word_cache *cache;
	const struct shell_tree *t;
	struct buf out;
	bool split;
};

static bool sets_variables(const struct shell_command *c)
{
	return str_is(c->name, "read") || str_is(c->name, "mapfile") || str_is(c->name, "getopts");
}

static void note(struct word_cache *cache, uint32_t node)
{
	if (cache->count < WORD_ASSIGNMENTS)
		cache->nodes[cache->count++] = node;
	else
		cache->over = true;
}

static void fill(struct word_cache *cache, const struct shell_tree *t)
{
	if (cache->tree == t)
		return;
	*cache = (struct word_cache){.tree = t};
	for (uint32_t n = 0; n < t->count; n++) {
		if (t->nodes[n].kind == SHELL_ASSIGNMENT || t->nodes[n].kind == SHELL_FOR)
			note(cache, n);
	}
	for (uint32_t n = 0; n < t->command_count; n++) {
		if (sets_variables(&t->commands[n]))
			note(cache, t->commands[n].node);
	}
}

static bool read_word(struct word_reader *r, uint32_t node, int depth);

/* 1: the script assigns it once, to what is known; 0: it does not; -1: not known */
static int add_assigned(struct word_reader *r, struct str name, int depth)
{
	const struct shell_tree *t = r->t;
	uint32_t found = 0, value;

	fill(r->cache, t);
	if (r->cache->over)
		return -1;
	for (uint32_t n = 0; n < r->cache->count; n++) {
		const struct shell_node *node = &t->nodes[r->cache->nodes[n]];

		if (node->kind == SHELL_COMMAND)
			return -1;
		if (!str_eq(node->text, name))
			continue;
		if (found || node->kind == SHELL_FOR ||
		    (node->flags & (SHELL_APPEND | SHELL_INDEXED)))
			return -1;
		found = r->cache->nodes[n];
	}
	if (!found)
		return 0;
	value = shell_child(t, found);
	if (!value)
		return 1;
	return depth < DEPTH_MAX && t->nodes[value].kind == SHELL_WORD &&
			       read_word(r, value, depth + 1)
		       ? 1
		       : -1;
}

static bool add_variable(struct word_reader *r, uint32_t node, bool quoted, bool whole, int depth)
{
	const struct shell_node *v = &r->t->nodes[node];
	const struct variable *known;
	int assigned;

	if (v->flags & (SHELL_OPERATOR | SHELL_LENGTH | SHELL_INDEXED))
		return false;
	r->split = r->split || !quoted;
	assigned = add_assigned(r, v->text, depth);
	if (assigned)
		return assigned > 0;
	known = scope_find(r->l->state->variables, v->text);
	if (known && known->value.known)
		buf_add(&r->out, known->value.text);
	else if (!known && !whole)
		buf_add(&r->out, shell_source(r->t, node));
	else
		return false;
	return true;
}

static bool read_part(struct word_reader *r, uint32_t node, bool quoted, bool whole, int depth)
{
	const struct shell_tree *t = r->t;
	uint32_t first;

	switch (t->nodes[node].kind) {
	case SHELL_LITERAL:
	case SHELL_SINGLE:
		buf_add(&r->out, t->nodes[node].text);
		return true;
	case SHELL_VARIABLE:
		return add_variable(r, node, quoted, whole, depth);
	case SHELL_DOUBLE:
		first = shell_child(t, node);
		for (uint32_t n = first; n; n = t->nodes[n].next) {
			bool alone = whole && n == first && !t->nodes[n].next;

			/* nothing but a DOUBLE holds parts here, so this goes one level down */
			if (!read_part(r, n, true, alone, depth))
				return false;
		}
		return true;
	default:
		return false;
	}
}

static bool read_word(struct word_reader *r, uint32_t node, int depth)
{
	const struct shell_tree *t = r->t;
	uint32_t first = shell_child(t, node);

	for (uint32_t n = first; n; n = t->nodes[n].next) {
		if (!read_part(r, n, false, n == first && !t->nodes[n].next, depth))
			return false;
	}
	return true;
}

bool word_value(struct lint *l, struct word_cache *cache, const struct shell_tree *t,
		const struct shell_arg *a, struct str *ret_text, bool *ret_split)
{
	struct word_reader r = {.l = l, .cache = cache, .t = t};
	bool ok;

	*ret_split = false;
	if (a->literal) {
		*ret_text = a->text;
		return true;
	}
	/* values may be long and stand in thousands of words */
	buf_init(&r.out, NULL, VALUE_MAX);
	ok = t->nodes[a->node].kind == SHELL_WORD && l->state->work->left > 0 &&
	     read_word(&r, a->node, 0) && !buf_failed(&r.out);
	l->state->work->left -= (int64_t)buf_str(&r.out).len;
	if (ok) {
		*ret_text = arena_str(l->arena, buf_str(&r.out));
		*ret_split = r.split;
	}
	buf_done(&r.out);
	return ok && ret_text->data;
}
