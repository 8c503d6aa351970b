/*
 * Shell text: statements, words, literals.
 */
#include "dockerfile/tree_maker.h"

/* --- statements --- */

/* IF: condition and body in turn; a lone last list is the else. */
static void push_if(struct maker *m, uint32_t node)
{
	const struct shell_tree *t = m->shell;
	uint32_t open = 0;
	bool condition = true;

	maker_push_open(m, "BASH-IF-EXPRESSION", node);
	for (uint32_t n = shell_child(t, node); n; n = t->nodes[n].next) {
		if (maker_is_redirect(m, n))
			continue;
		if (condition && (t->nodes[n].flags & SHELL_ELSE)) {
			maker_push_within(m, "BASH-IF-ELSE", n, JOB_BARE);
			continue;
		}
		if (condition && n != shell_child(t, node)) {
			maker_push_open(m, "BASH-IF-ELSE", n);
			maker_push_open(m, "BASH-IF-EXPRESSION", n);
			open += 2;
		}
		maker_push_within(m, condition ? "BASH-IF-CONDITION" : "BASH-IF-THEN", n, JOB_BARE);
		condition = !condition;
	}
	for (; open; open--)
		maker_push(m, JOB_CLOSE);
	maker_push(m, JOB_CLOSE);
}

static void push_for(struct maker *m, uint32_t node)
{
	const struct shell_tree *t = m->shell;
	bool listed_items = false;

	maker_push_open(m, "BASH-FOR-IN", node);
	maker_push_open(m, "BASH-FOR-IN-ITEMS", node);
	for (uint32_t n = shell_child(t, node); n; n = t->nodes[n].next) {
		if (t->nodes[n].kind == SHELL_WORD) {
			maker_push_node(m, JOB_WORD, n);
		} else if (t->nodes[n].kind == SHELL_LIST) {
			if (!listed_items)
				maker_push(m, JOB_CLOSE);
			listed_items = true;
			maker_push_within(m, "BASH-FOR-IN-BODY", n, JOB_BARE);
		}
	}
	if (!listed_items)
		maker_push(m, JOB_CLOSE);
	maker_push(m, JOB_CLOSE);
}

static void push_while(struct maker *m, uint32_t node)
{
	bool first = true;

	maker_push_open(m, "BASH-WHILE-EXPRESSION", node);
	for (uint32_t n = shell_child(m->shell, node); n; n = m->shell->nodes[n].next) {
		if (maker_is_redirect(m, n))
			continue;
		maker_push_within(m, first ? "BASH-WHILE-CONDITION" : "BASH-WHILE-BODY", n,
				  JOB_BARE);
		first = false;
	}
	maker_push(m, JOB_CLOSE);
}

static void push_case(struct maker *m, uint32_t node)
{
	const struct shell_tree *t = m->shell;

	maker_push_open(m, "BASH-CASE-EXPRESSION", node);
	for (uint32_t n = shell_child(t, node); n; n = t->nodes[n].next) {
		if (t->nodes[n].kind == SHELL_WORD)
			maker_push_within(m, "BASH-CASE-EXP-TARGET", n, JOB_WORD);
		else if (t->nodes[n].kind == SHELL_CASE_ITEM)
			maker_push_node(m, JOB_BARE, n);
	}
	maker_push(m, JOB_CLOSE);
}

static void push_case_item(struct maker *m, uint32_t node)
{
	const struct shell_tree *t = m->shell;
	uint32_t n = shell_child(t, node);

	maker_push_open(m, "BASH-CASE-EXP-CASE", node);
	maker_push_open(m, "BASH-CASE-LABELS", node);
	for (; n && t->nodes[n].kind == SHELL_WORD; n = t->nodes[n].next)
		maker_push_node(m, JOB_WORD, n);
	maker_push(m, JOB_CLOSE);
	maker_push_open(m, "BASH-CASE-EXPRESSIONS", node);
	for (; n; n = t->nodes[n].next)
		maker_push_node(m, JOB_STATEMENT, n);
	maker_push(m, JOB_CLOSE);
	maker_push(m, JOB_CLOSE);
}

static void push_members(struct maker *m, const char *type, const char *member, uint32_t node)
{
	maker_push_open(m, type, node);
	for (uint32_t n = shell_child(m->shell, node); n; n = m->shell->nodes[n].next) {
		if (!maker_is_redirect(m, n))
			maker_push_within(m, member, n, JOB_STATEMENT);
	}
	maker_push(m, JOB_CLOSE);
}

static void do_bare(struct maker *m, uint32_t node)
{
	size_t from = m->jobs.count;

	switch ((enum shell_kind)m->shell->nodes[node].kind) {
	case SHELL_SCRIPT:
		maker_push_wrapped(m, "BASH-SCRIPT", node, JOB_STATEMENT);
		break;
	case SHELL_LIST:
		maker_push_children(m, node, JOB_STATEMENT);
		break;
	case SHELL_AND:
		push_members(m, "BASH-AND-IF", "BASH-AND-MEM", node);
		break;
	case SHELL_OR:
		push_members(m, "BASH-OR-IF", "BASH-OR-MEM", node);
		break;
	case SHELL_PIPELINE:
		maker_push_wrapped(m, "BASH-PIPELINE", node, JOB_STATEMENT);
		break;
	case SHELL_NOT:
		maker_push_wrapped(m, "BASH-BANGED", node, JOB_STATEMENT);
		break;
	case SHELL_SUBSHELL:
		maker_push_wrapped(m, "BASH-SUBSHELL", node, JOB_STATEMENT);
		break;
	case SHELL_GROUP:
		maker_push_wrapped(m, "BASH-BRACE-GROUP", node, JOB_STATEMENT);
		break;
	case SHELL_FUNCTION:
		if (!m->deep) {
			maker_leaf(m, "BASH-FUNCTION", shell_span(m->shell, node));
			return;
		}
		maker_push_wrapped(m, "BASH-FUNCTION", node, JOB_STATEMENT);
		break;
	case SHELL_TEST:
		maker_push_wrapped(m, "BASH-CONDITION", node, JOB_WORD);
		break;
	case SHELL_IF:
		push_if(m, node);
		break;
	case SHELL_FOR:
		push_for(m, node);
		break;
	case SHELL_WHILE:
		if (!m->deep) {
			maker_leaf(m, "BASH-WHILE-EXPRESSION", shell_span(m->shell, node));
			return;
		}
		push_while(m, node);
		break;
	case SHELL_CASE:
		push_case(m, node);
		break;
	case SHELL_CASE_ITEM:
		push_case_item(m, node);
		break;
	case SHELL_COMMAND:
		maker_command(m, node);
		return;
	default:
		maker_leaf(m, "UNKNOWN", shell_span(m->shell, node));
		return;
	}
	maker_turn_around(m, from);
}

static void do_statement(struct maker *m, uint32_t node)
{
	const struct shell_tree *t = m->shell;
	size_t from = m->jobs.count;
	uint32_t first = shell_child(t, node);

	while (first && !maker_is_redirect(m, first))
		first = t->nodes[first].next;
	if (!first) {
		do_bare(m, node);
		return;
	}
	maker_push_open(m, "BASH-REDIRECT", node);
	maker_push_within(m, "BASH-REDIRECT-COMMAND", node, JOB_BARE);
	maker_push_open(m, "BASH-REDIRECT-REDIRECTS", node);
	for (; first; first = t->nodes[first].next) {
		if (maker_is_redirect(m, first))
			maker_push_node(m, JOB_REDIRECT, first);
	}
	maker_push(m, JOB_CLOSE);
	maker_push(m, JOB_CLOSE);
	maker_turn_around(m, from);
}

static void do_redirect(struct maker *m, uint32_t node)
{
	const struct shell_node *n = &m->shell->nodes[node];
	uint32_t target = shell_child(m->shell, node);
	size_t from = m->jobs.count;
	const char *type = str_starts(n->text, STR(">>"))   ? "BASH-REDIRECT-APPEND"
			   : str_starts(n->text, STR(">&")) ? "BASH-IO-DUPE"
			   : str_starts(n->text, STR("<<")) ? "BASH-HEREDOC"
			   : str_starts(n->text, STR("<"))  ? "BASH-REDIRECT-INPUT"
							    : "BASH-REDIRECT-OVERWRITE";

	maker_push_open(m, type, node);
	if (target && m->shell->nodes[target].kind == SHELL_WORD)
		maker_push_within(m, "BASH-PATH", target, JOB_WORD);
	maker_push(m, JOB_CLOSE);
	maker_turn_around(m, from);
}

/* --- words --- */

static bool is_glob(char c)
{
	return c == '*' || c == '?';
}

/* Unquoted text with its wildcards apart. */
static size_t push_globbed(struct maker *m, uint32_t part)
{
	struct str text = m->shell->nodes[part].text;
	size_t pieces = 0;

	while (text.len) {
		size_t end = 1;
		struct job *j;

		while (end < text.len && is_glob(text.data[end]) == is_glob(text.data[0]))
			end++;
		j = maker_push(m, JOB_LITERAL);
		j->text = str_to(text, end);
		j->node = part;
		j->type = is_glob(text.data[0]) ? "BASH-GLOB" : NULL;
		text = str_from(text, end);
		pieces++;
	}
	return pieces;
}

static void do_word(struct maker *m, uint32_t node)
{
	const struct shell_tree *t = m->shell;
	size_t from = m->jobs.count, pieces = 0;

	if (t->nodes[node].kind != SHELL_WORD) {
		maker_push_node(m, JOB_PART, node);
		return;
	}
	maker_push_open(m, "BASH-CONCAT", node);
	for (uint32_t n = shell_child(t, node); n; n = t->nodes[n].next) {
		if (t->nodes[n].kind == SHELL_LITERAL) {
			pieces += push_globbed(m, n);
		} else {
			maker_push_node(m, JOB_PART, n);
			pieces++;
		}
	}
	maker_push(m, JOB_CLOSE);
	maker_turn_around(m, from);
	/* [close, piece, open]: nothing is joined */
	if (pieces == 1 && m->jobs.count == from + 3) {
		m->jobs.items[from] = m->jobs.items[from + 1];
		m->jobs.count = from + 1;
	}
}

static void do_assignment(struct maker *m, uint32_t node)
{
	const struct shell_tree *t = m->shell;
	struct span span = shell_span(t, node);
	size_t from = m->jobs.count;
	uint32_t value = shell_child(t, node);

	maker_open(m, "BASH-ASSIGN", span);
	maker_open(m, "BASH-ASSIGN-LHS", span);
	maker_kept(m, "BASH-VARIABLE", t->nodes[node].text, false, span);
	forest_close(m->forest);
	maker_push_open(m, "BASH-ASSIGN-RHS", node);
	if (value)
		maker_push_node(m, t->nodes[value].kind == SHELL_WORD ? JOB_WORD : JOB_PART, value);
	maker_push(m, JOB_CLOSE);
	maker_push(m, JOB_CLOSE);
	maker_turn_around(m, from);
}

/* A part of a word, an assignment, or a word among words. */
static void do_part(struct maker *m, uint32_t node)
{
	const struct shell_node *n = &m->shell->nodes[node];
	size_t from = m->jobs.count;

	switch ((enum shell_kind)n->kind) {
	case SHELL_WORD:
		do_word(m, node);
		return;
	case SHELL_LITERAL:
	case SHELL_HEREDOC:
		maker_told(m, "BASH-LITERAL", n->text, shell_span(m->shell, node));
		return;
	case SHELL_SINGLE:
	case SHELL_ANSI:
		maker_told(m, "BASH-SINGLE-QUOTED", n->text, shell_span(m->shell, node));
		return;
	case SHELL_DOUBLE:
		maker_push_wrapped(m, "BASH-DOUBLE-QUOTED", node, JOB_PART);
		break;
	case SHELL_VARIABLE:
		maker_kept(m, "BASH-VARIABLE", n->text, false, shell_span(m->shell, node));
		return;
	case SHELL_SUBSTITUTION:
		maker_push_wrapped(
			m, n->flags & SHELL_BACKTICK ? "BASH-BACKTICK" : "BASH-DOLLAR-PARENS", node,
			JOB_STATEMENT);
		break;
	case SHELL_PROCESS:
		maker_push_wrapped(m, "BASH-PROCESS", node, JOB_STATEMENT);
		break;
	case SHELL_ARRAY:
		maker_push_wrapped(m, "BASH-ARRAY", node, JOB_WORD);
		break;
	case SHELL_ASSIGNMENT:
		do_assignment(m, node);
		return;
	default:
		maker_leaf(m, "UNKNOWN", shell_span(m->shell, node));
		return;
	}
	maker_turn_around(m, from);
}

static void do_job(struct maker *m, const struct job *j)
{
	switch (j->kind) {
	case JOB_OPEN:
		forest_open(m->forest, j->symbol ? j->symbol : maker_symbol(m, j->type), 0,
			    j->span.end ? j->span : shell_span(m->shell, j->node));
		break;
	case JOB_CLOSE:
		forest_close(m->forest);
		break;
	case JOB_STATEMENT:
		do_statement(m, j->node);
		break;
	case JOB_BARE:
		do_bare(m, j->node);
		break;
	case JOB_WORD:
		do_word(m, j->node);
		break;
	case JOB_PART:
		do_part(m, j->node);
		break;
	case JOB_LITERAL:
		maker_told(m, j->type ? j->type : "BASH-LITERAL", j->text,
			   shell_span(m->shell, j->node));
		break;
	case JOB_REDIRECT:
		do_redirect(m, j->node);
		break;
	case JOB_USE:
		maker_push_use(m, j->use, j->node, j->depth);
		break;
	}
}

void maker_add_script(struct maker *m, const struct shell_tree *t)
{
	m->shell = t;
	m->jobs.count = 0;
	maker_push_node(m, JOB_BARE, 0);
	while (m->jobs.count && !m->failed && !m->forest->failed) {
		struct job j = m->jobs.items[--m->jobs.count];

		do_job(m, &j);
	}
}
