#include "dockerfile/rules/posix.h"

enum posix_shell posix_shell(struct lint *l, const struct shell_tree *t)
{
	struct str program = l->state ? l->state->shell.program : STR("sh");

	if (l->instruction && l->instruction->heredoc_count && str_starts(t->body.text, STR("#!")))
		program = shell_setting_of(l->arena, shell_interpreter(t->body.text)).program;
	if (str_is(program, "sh"))
		return POSIX_SH;
	return str_is(program, "dash") || str_is(program, "ash") ? POSIX_DASH : POSIX_NONE;
}

const char *posix_shell_name(enum posix_shell shell)
{
	return shell == POSIX_DASH ? "dash" : "POSIX sh";
}

uint32_t posix_command(const struct shell_command *c)
{
	uint32_t i = 0;

	while (i + 1 < c->argc && c->argv[i].literal &&
	       (str_is(c->argv[i].text, "command") || str_is(c->argv[i].text, "builtin")))
		i++;
	return i;
}

/* Is this LIST what an IF or a WHILE asks? */
static bool is_asked(const struct shell_tree *t, uint32_t list)
{
	uint32_t owner = t->nodes[list].parent, n;
	bool condition = true;

	if (t->nodes[owner].kind == SHELL_WHILE)
		return list == shell_child(t, owner);
	if (t->nodes[owner].kind != SHELL_IF || (t->nodes[list].flags & SHELL_ELSE))
		return false;
	for (n = shell_child(t, owner); n && n != list; n = t->nodes[n].next)
		condition = !condition;
	return condition;
}

bool posix_is_condition(const struct shell_tree *t, uint32_t node)
{
	for (uint32_t n = node; n; n = t->nodes[n].parent) {
		uint32_t parent = t->nodes[n].parent;
		enum shell_kind kind = t->nodes[parent].kind;

		if (t->nodes[n].next) {
			if (kind == SHELL_AND || kind == SHELL_OR)
				return true;
		} else if (kind == SHELL_LIST && is_asked(t, parent)) {
			return true;
		}
	}
	return false;
}

/* One byte of an unquoted part; true: a brace expansion ends behind it. */
static bool brace_byte(struct brace_walk *w, char c, uint32_t at, uint32_t *ret_start)
{
	struct brace *top = w->depth && w->depth <= BRACES_DEEP ? &w->open[w->depth - 1] : NULL;

	if (c == '{') {
		if (w->depth < BRACES_DEEP)
			w->open[w->depth] = (struct brace){.start = at};
		w->depth++;
		return false;
	}
	if (c == '}' && w->depth) {
		w->depth--;
		if (top) {
			*ret_start = top->start;
			return top->list;
		}
		return false;
	}
	if (top) {
		top->list = top->list || c == ',' || (c == '.' && top->dot);
		top->dot = c == '.';
	}
	return false;
}

bool brace_next(const struct shell_tree *t, uint32_t word, struct brace_walk *w,
		uint32_t *ret_start, uint32_t *ret_end)
{
	if (!w->part) {
		w->part = shell_child(t, word);
		w->at = w->part ? t->nodes[w->part].start : 0;
	}
	while (w->part) {
		const struct shell_node *part = &t->nodes[w->part];

		while (part->kind == SHELL_LITERAL && w->at < part->end) {
			uint32_t at = w->at++;
			char c = t->body.text.data[at];

			if (c == '\\')
				w->at++;
			else if (brace_byte(w, c, at, ret_start)) {
				*ret_end = w->at;
				return true;
			}
		}
		if (w->depth && w->depth <= BRACES_DEEP)
			w->open[w->depth - 1].dot = false;
		w->part = part->next;
		w->at = w->part ? t->nodes[w->part].start : 0;
	}
	return false;
}

bool posix_starts_pipe(const struct shell_tree *t, uint32_t node)
{
	uint32_t parent = t->nodes[node].parent;

	/* "! a | b" negates the pipe, whatever the tree says */
	if (t->nodes[parent].kind == SHELL_NOT) {
		node = parent;
		parent = t->nodes[node].parent;
	}
	return t->nodes[parent].kind == SHELL_PIPELINE && shell_child(t, parent) == node &&
	       t->nodes[node].next;
}
