/*
 * One walk over the grammar's tree, given node by node: what each kind of node becomes in the
 * draft. Knows the grammar's names (enum action) but not the library. What the grammar shapes oddly
 * is put right here and in shell_redirect.c:
 *
 * - words behind "> file" are destinations to it: they are arguments;
 * - what follows a heredoc marker in its line ("<<EOF && b") is inside of the redirect: it becomes
 * the rest of the list or pipeline;
 * - blanks at the ends of string parts are in no node: parts of strings are made from the gaps;
 * - "a/$X/v$Y" is cut behind the second '$': words that touch are one word.
 */
#include "dockerfile/shell_walk.h"

static struct shell_draft_node *node_at(struct shell_walk *p, uint32_t index)
{
	return &p->draft.nodes.items[index];
}

static uint32_t add(struct shell_walk *p, enum shell_kind kind, uint32_t start, uint32_t end)
{
	uint32_t n = shell_draft_add(&p->draft, kind, start, end);

	return n;
}

static uint32_t target_of(const struct frame *f)
{
	return f->list ? f->list : f->node;
}

static bool takes_parts(const struct shell_walk *p, uint32_t node)
{
	unsigned kind = p->draft.nodes.items[node].kind;

	return kind == SHELL_WORD || kind == SHELL_DOUBLE || kind == SHELL_HEREDOC ||
	       kind == SHELL_ARITHMETIC || kind == SHELL_ARITH;
}

/* The text of a literal, its escapes off as its parent has it. */
static struct str literal_text(struct shell_walk *p, uint32_t parent, uint32_t start, uint32_t end)
{
	struct str source = str_sub(p->text, start, end);
	unsigned kind = node_at(p, parent)->kind;

	if (kind == SHELL_DOUBLE)
		return shell_unescape(p->arena, source, "$`\"\\");
	if (kind == SHELL_WORD)
		return shell_unescape(p->arena, source, NULL);
	if (kind == SHELL_HEREDOC && !(node_at(p, parent)->flags & SHELL_QUOTED))
		return shell_unescape(p->arena, source, "$`\\");
	return source;
}

static bool is_name_char(char c)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The byte before `at` is a '$' that is not escaped, and a name follows. */
static bool splits_variable(const struct shell_walk *p, uint32_t from, uint32_t at)
{
	char c = p->text.data[at];

	return at > from && p->text.data[at - 1] == '$' && is_name_char(c) &&
	       !(c >= '0' && c <= '9') && !(at - 1 > from && p->text.data[at - 2] == '\\');
}

static void new_literal(struct shell_walk *p, uint32_t parent, uint32_t start, uint32_t end)
{
	uint32_t n = add(p, SHELL_LITERAL, start, end);

	if (!n)
		return;
	node_at(p, n)->text = literal_text(p, parent, start, end);
	shell_draft_append(&p->draft, parent, n);
}

/* The literal `n` ends in the '$' of a variable whose name begins what follows up to `end`. */
static void mend_variable(struct shell_walk *p, uint32_t parent, uint32_t n, uint32_t end)
{
	uint32_t name = node_at(p, n)->end, name_end = name, variable = n;

	while (name_end < end && is_name_char(p->text.data[name_end]))
		name_end++;
	if (node_at(p, n)->start < name - 1) {
		node_at(p, n)->end = name - 1;
		node_at(p, n)->text = literal_text(p, parent, node_at(p, n)->start, name - 1);
		variable = add(p, SHELL_VARIABLE, name - 1, name_end);
		shell_draft_append(&p->draft, parent, variable);
	}
	if (!variable)
		return;
	node_at(p, variable)->kind = SHELL_VARIABLE;
	node_at(p, variable)->end = name_end;
	node_at(p, variable)->text = str_sub(p->text, name, name_end);
	if (name_end < end)
		new_literal(p, parent, name_end, end);
}

/*
 * The grammar cuts "a:b[c]" into several words: literals that touch are one. It also cuts "$X/v$Y"
 * behind the second '$'.
 */
static void add_literal(struct shell_walk *p, uint32_t parent, uint32_t start, uint32_t end)
{
	uint32_t n = node_at(p, parent)->final;

	if (!n || node_at(p, n)->kind != SHELL_LITERAL || node_at(p, n)->end != start) {
		new_literal(p, parent, start, end);
	} else if (splits_variable(p, node_at(p, n)->start, start)) {
		mend_variable(p, parent, n, end);
	} else {
		node_at(p, n)->end = end;
		node_at(p, n)->text = literal_text(p, parent, node_at(p, n)->start, end);
	}
}

static bool has_gaps(const struct shell_walk *p, uint32_t node)
{
	unsigned kind = p->draft.nodes.items[node].kind;

	return kind == SHELL_WORD || kind == SHELL_DOUBLE || kind == SHELL_HEREDOC;
}

/* The gap before a part that starts at `start` is literal text. */
static void fill_to(struct shell_walk *p, struct frame *f, uint32_t start)
{
	if (has_gaps(p, f->node) && start > f->fill)
		add_literal(p, f->node, f->fill, start);
	if (start > f->fill)
		f->fill = start;
}

/* Words that touch are one word: the last child of `target` that ends at `start`, grown to `end`.
 */
static uint32_t touching_word(struct shell_walk *p, uint32_t target, uint32_t start, uint32_t end)
{
	unsigned kind = node_at(p, target)->kind;
	uint32_t last = node_at(p, target)->final;

	if (kind != SHELL_COMMAND && kind != SHELL_FOR && kind != SHELL_ARRAY &&
	    kind != SHELL_REDIRECT)
		return 0;
	if (kind == SHELL_REDIRECT && last)
		node_at(p, target)->end = end;
	if (last && node_at(p, last)->kind == SHELL_ASSIGNMENT && node_at(p, last)->end == start) {
		/* "A=$X/v$Y": the rest of the value */
		node_at(p, last)->end = end;
		last = node_at(p, last)->final;
	}
	if (!last || node_at(p, last)->kind != SHELL_WORD || node_at(p, last)->end != start)
		return 0;
	node_at(p, last)->end = end;
	return last;
}

/* The draft node a word or part goes into; a WORD is made around it where none is open. */
static uint32_t part_parent(struct shell_walk *p, struct frame *f, uint32_t start, uint32_t end)
{
	uint32_t target = target_of(f), word;

	if (takes_parts(p, target)) {
		fill_to(p, f, start);
		f->fill = end > f->fill ? end : f->fill;
		return target;
	}
	/* "> file more": what follows the first destination is an argument */
	if (f->action == ACTION_FILE_REDIRECT && node_at(p, target)->first && p->frames.count > 1 &&
	    node_at(p, target)->end != start)
		target = target_of(&p->frames.items[p->frames.count - 2]);
	/* "<<EOF file": words behind the marker are arguments */
	if (f->action == ACTION_HEREDOC && p->frames.count > 1)
		target = target_of(&p->frames.items[p->frames.count - 2]);
	word = touching_word(p, target, start, end);
	if (word)
		return word;
	word = add(p, SHELL_WORD, start, end);
	shell_draft_append(&p->draft, target, word);
	if (word && node_at(p, target)->kind == SHELL_REDIRECT)
		node_at(p, target)->end = end;
	return word;
}

static uint32_t add_part(struct shell_walk *p, struct frame *f, enum shell_kind kind,
			 uint32_t start, uint32_t end)
{
	uint32_t parent = part_parent(p, f, start, end), n;

	if (!parent)
		return 0;
	n = add(p, kind, start, end);
	shell_draft_append(&p->draft, parent, n);
	return n;
}

static void set_text(struct shell_walk *p, uint32_t n, uint32_t start, uint32_t end)
{
	if (n)
		node_at(p, n)->text = str_sub(p->text, start, end);
}

/* A statement as child of what is open. Behind a heredoc marker it is kept as the tail. */
static uint32_t add_statement(struct shell_walk *p, struct frame *f, enum shell_kind kind,
			      uint32_t start, uint32_t end)
{
	uint32_t n = add(p, kind, start, end);
	struct frame *outer = p->frames.count > 1 ? &p->frames.items[p->frames.count - 2] : NULL;

	if (f->action == ACTION_HEREDOC && outer && outer->action == ACTION_REDIRECTED) {
		outer->tail = n;
		outer->tail_kind = f->tail_kind ? f->tail_kind : SHELL_AND;
		return n;
	}
	shell_draft_append(&p->draft, target_of(f), n);
	return n;
}

static void new_list(struct shell_walk *p, struct frame *f, uint32_t at, unsigned flags)
{
	uint32_t n = add(p, SHELL_LIST, at, at);

	if (!n)
		return;
	node_at(p, n)->flags = (uint16_t)flags;
	shell_draft_append(&p->draft, f->node, n);
	f->list = n;
}

static bool is_redirect_operator(struct str t)
{
	return t.len && (t.data[0] == '<' || t.data[0] == '>' ||
			 (t.data[0] == '&' && t.len > 1 && t.data[1] == '>'));
}

/* An unnamed token: what it means depends on what is open. */
static void take_token(struct shell_walk *p, struct frame *f, uint32_t start, uint32_t end)
{
	struct str t = str_sub(p->text, start, end);
	struct shell_draft_node *n = node_at(p, f->node);

	switch ((enum action)f->action) {
	case ACTION_LIST:
		if (str_is(t, "||"))
			n->kind = SHELL_OR;
		break;
	case ACTION_HEREDOC:
		if (str_is(t, "<<") || str_is(t, "<<-"))
			n->text = t;
		else if (str_is(t, "||"))
			f->tail_kind = SHELL_OR;
		else if (str_is(t, "&&"))
			f->tail_kind = SHELL_AND;
		break;
	case ACTION_FILE_REDIRECT:
	case ACTION_HERE_STRING:
		if (is_redirect_operator(t))
			n->text = t;
		break;
	case ACTION_DECLARATION:
		if (!n->first)
			add_part(p, f, SHELL_LITERAL, start, end);
		if (!p->draft.failed && node_at(p, f->node)->first)
			set_text(p, node_at(p, node_at(p, f->node)->first)->first, start, end);
		break;
	case ACTION_COMMAND:
		if (str_is(t, "$") || str_is(t, "==") || str_is(t, "=~"))
			set_text(p, add_part(p, f, SHELL_LITERAL, start, end), start, end);
		break;
	case ACTION_ASSIGNMENT:
		if (str_is(t, "+="))
			n->flags |= SHELL_APPEND;
		break;
	case ACTION_EXPANSION:
		if (str_is(t, "${") || str_is(t, "}"))
			break;
		if (str_is(t, "#") && !n->text.data)
			n->flags |= SHELL_LENGTH;
		n->flags |= SHELL_OPERATOR;
		break;
	case ACTION_TEST:
		if (str_is(t, "[["))
			n->flags |= SHELL_TEST_DOUBLE;
		else if (str_is(t, "(("))
			n->kind = SHELL_ARITH;
		else if (n->kind == SHELL_TEST && !str_is(t, "[") && !str_is(t, "]") &&
			 !str_is(t, "]]"))
			set_text(p, add_part(p, f, SHELL_LITERAL, start, end), start, end);
		break;
	case ACTION_PASS:
		if (n->kind == SHELL_TEST)
			set_text(p, add_part(p, f, SHELL_LITERAL, start, end), start, end);
		break;
	case ACTION_IF:
	case ACTION_ELIF:
		if (str_is(t, "then"))
			new_list(p, f, end, 0);
		break;
	case ACTION_WHILE:
		if (str_is(t, "until"))
			n->flags |= SHELL_UNTIL;
		break;
	case ACTION_FOR:
		if (str_is(t, "select"))
			n->flags |= SHELL_SELECT;
		break;
	default:
		break;
	}
	if (str_is(t, "&") && f->action != ACTION_TEST && f->action != ACTION_PASS &&
	    target_of(f)) {
		uint32_t last = node_at(p, target_of(f))->final;

		if (last)
			node_at(p, last)->flags |= SHELL_BACKGROUND;
	}
}

static void take_name(struct shell_walk *p, struct frame *f, uint32_t start, uint32_t end)
{
	unsigned kind = node_at(p, f->node)->kind;

	if (kind == SHELL_VARIABLE || kind == SHELL_ASSIGNMENT || kind == SHELL_FOR) {
		if (!node_at(p, f->node)->text.data)
			set_text(p, f->node, start, end);
		return;
	}
	if (kind == SHELL_ARITHMETIC || kind == SHELL_ARITH) {
		set_text(p, add_part(p, f, SHELL_VARIABLE, start, end), start, end);
		return;
	}
	/* "export NAME", "unset NAME" */
	set_text(p, add_part(p, f, SHELL_LITERAL, start, end), start, end);
}

/* x[...]: the name and a flag; the index is not looked into. */
static void take_subscript(struct shell_walk *p, struct frame *f, uint32_t start, uint32_t end)
{
	ptrdiff_t bracket = str_find_char(str_sub(p->text, start, end), '[');
	uint32_t name_end = bracket < 0 ? end : start + (uint32_t)bracket;
	unsigned kind = node_at(p, f->node)->kind;
	uint32_t n = f->node;

	if (kind != SHELL_VARIABLE && kind != SHELL_ASSIGNMENT)
		n = add_part(p, f, SHELL_VARIABLE, start, end);
	if (!n)
		return;
	node_at(p, n)->flags |= SHELL_INDEXED;
	if (!node_at(p, n)->text.data)
		set_text(p, n, start, name_end);
}

/* "A=$X/v:$Y B=0 go": behind the cut value the grammar takes B=0 for an argument. */
static bool take_late_assignment(struct shell_walk *p, const struct frame *f, uint32_t start,
				 uint32_t end)
{
	uint32_t command = f->node, last = node_at(p, command)->final, name = start, n, word;

	if (node_at(p, command)->kind != SHELL_COMMAND || f->action == ACTION_DECLARATION ||
	    !last || node_at(p, last)->kind != SHELL_ASSIGNMENT || node_at(p, last)->end == start)
		return false;
	while (name < end && is_name_char(p->text.data[name]))
		name++;
	if (name == start || name >= end || p->text.data[name] != '=' || p->text.data[start] <= '9')
		return false;
	n = add(p, SHELL_ASSIGNMENT, start, end);
	shell_draft_append(&p->draft, command, n);
	set_text(p, n, start, name);
	if (!n || name + 1 == end)
		return true;
	word = add(p, SHELL_WORD, name + 1, end);
	shell_draft_append(&p->draft, n, word);
	if (word)
		new_literal(p, word, name + 1, end);
	return true;
}

/* "patch -p1< f": now and then the grammar takes -p1 for the descriptor. It is a word before the
 * redirect. */
static void take_descriptor(struct shell_walk *p, const struct frame *f, uint32_t start,
			    uint32_t end)
{
	uint32_t outer, redirect = f->node, word, n;

	if (f->action != ACTION_FILE_REDIRECT ||
	    (p->text.data[start] >= '0' && p->text.data[start] <= '9') ||
	    p->text.data[start] == '{' || p->frames.count < 2)
		return;
	outer = target_of(&p->frames.items[p->frames.count - 2]);
	word = add(p, SHELL_WORD, start, end);
	if (!word)
		return;
	new_literal(p, word, start, end);
	node_at(p, redirect)->start = end;
	n = node_at(p, outer)->first;
	if (n == redirect) {
		node_at(p, outer)->first = word;
	} else {
		while (node_at(p, n)->next != redirect)
			n = node_at(p, n)->next;
		node_at(p, n)->next = word;
	}
	node_at(p, word)->next = redirect;
}

static void take_atom(struct shell_walk *p, struct frame *f, uint32_t start, uint32_t end)
{
	uint32_t parent;

	if (f->action == ACTION_FUNCTION && !node_at(p, f->node)->text.data) {
		set_text(p, f->node, start, end);
		return;
	}
	if (node_at(p, f->node)->kind == SHELL_ARITHMETIC ||
	    node_at(p, f->node)->kind == SHELL_ARITH || f->action == ACTION_CFOR) {
		uint32_t name = start;

		while (name < end && is_name_char(p->text.data[name]))
			name++;
		if (name > start && !(p->text.data[start] >= '0' && p->text.data[start] <= '9'))
			set_text(p, add_part(p, f, SHELL_VARIABLE, start, name), start, name);
		return;
	}
	if (take_late_assignment(p, f, start, end))
		return;
	parent = part_parent(p, f, start, end);
	if (parent)
		add_literal(p, parent, start, end);
}

/*
 * Meets one node of the grammar's tree. Returns true when its children are to be visited; then
 * *ret is the frame for them.
 */
static bool enter(struct shell_walk *p, enum action action, uint32_t start, uint32_t end,
		  struct frame *ret)
{
	struct frame *f = &p->frames.items[p->frames.count - 1];
	bool declared;
	uint32_t n;

	*ret = (struct frame){.action = (uint8_t)action, .node = f->node, .fill = start};
	switch (action) {
	case ACTION_TOKEN:
		take_token(p, f, start, end);
		return false;
	case ACTION_SKIP:
		return false;
	case ACTION_DESCRIPTOR:
		take_descriptor(p, f, start, end);
		return false;
	case ACTION_SCRIPT:
		return true;
	case ACTION_ERROR:
		/* within a word it is literal text */
		if (takes_parts(p, target_of(f)))
			return false;
		ret->node = add_statement(p, f, SHELL_ERROR, start, end);
		return true;
	case ACTION_LIST:
		ret->node = add_statement(p, f, SHELL_AND, start, end);
		return true;
	case ACTION_PIPELINE:
		if (f->action == ACTION_HEREDOC) {
			/* "<<EOF | grep": the statement inside is the tail */
			f->tail_kind = SHELL_PIPELINE;
			ret->action = ACTION_PASS;
			ret->list = add(p, SHELL_LIST, start, start);
			if (p->frames.count > 1 &&
			    p->frames.items[p->frames.count - 2].action == ACTION_REDIRECTED) {
				p->frames.items[p->frames.count - 2].tail = ret->list;
				p->frames.items[p->frames.count - 2].tail_kind = SHELL_PIPELINE;
			}
			return true;
		}
		ret->node = add_statement(p, f, SHELL_PIPELINE, start, end);
		return true;
	case ACTION_NOT:
		ret->node = add_statement(p, f, SHELL_NOT, start, end);
		return true;
	case ACTION_REDIRECTED:
		ret->node = add_statement(p, f, SHELL_LIST, start, end);
		return true;
	case ACTION_COMMAND:
	case ACTION_DECLARATION:
	case ACTION_ASSIGNMENTS:
		ret->node = add_statement(p, f, SHELL_COMMAND, start, end);
		return true;
	case ACTION_TEST:
		ret->node = add_statement(p, f, SHELL_TEST, start, end);
		return true;
	case ACTION_PASS:
		ret->list = f->list;
		ret->fill = f->fill;
		if (f->action == ACTION_CFOR)
			ret->action = ACTION_CFOR;
		return true;
	case ACTION_ASSIGNMENT:
		n = f->node;
		declared = f->action == ACTION_DECLARATION;
		if (f->action != ACTION_COMMAND && f->action != ACTION_ASSIGNMENTS && !declared &&
		    f->action != ACTION_CFOR)
			n = add_statement(p, f, SHELL_COMMAND, start, end);
		ret->node = add(p, SHELL_ASSIGNMENT, start, end);
		if (ret->node && declared)
			node_at(p, ret->node)->flags |= SHELL_DECLARED;
		shell_draft_append(&p->draft, n, ret->node);
		return true;
	case ACTION_ATOM:
		take_atom(p, f, start, end);
		return false;
	case ACTION_RAW:
		n = add_part(p, f, SHELL_SINGLE, start, end);
		set_text(p, n, start + 1, end > start + 1 ? end - 1 : end);
		return false;
	case ACTION_ANSI:
		n = add_part(p, f, SHELL_ANSI, start, end);
		set_text(p, n, start + 2, end > start + 2 ? end - 1 : end);
		return false;
	case ACTION_STRING:
		ret->node = add_part(p, f, SHELL_DOUBLE, start, end);
		ret->fill = start + 1;
		if (ret->node && start < p->text.len && p->text.data[start] == '$') {
			node_at(p, ret->node)->flags |= SHELL_TRANSLATED;
			ret->fill = start + 2;
		}
		return true;
	case ACTION_TRANSLATED:
		/* the string inside does not know of its $: gaps take it as a literal */
		ret->list = f->list;
		ret->fill = f->fill;
		return true;
	case ACTION_SIMPLE_EXPANSION:
		n = add_part(p, f, SHELL_VARIABLE, start, end);
		set_text(p, n, start + 1, end);
		return false;
	case ACTION_EXPANSION:
		ret->node = add_part(p, f, SHELL_VARIABLE, start, end);
		if (ret->node)
			node_at(p, ret->node)->flags |= SHELL_BRACED;
		return true;
	case ACTION_SUBSTITUTION:
		ret->node = add_part(p, f, SHELL_SUBSTITUTION, start, end);
		if (ret->node && p->text.data[start] == '`')
			node_at(p, ret->node)->flags |= SHELL_BACKTICK;
		return true;
	case ACTION_PROCESS:
		ret->node = add_part(p, f, SHELL_PROCESS, start, end);
		return true;
	case ACTION_ARITHMETIC:
		ret->node = add_part(p, f, SHELL_ARITHMETIC, start, end);
		return true;
	case ACTION_CONCATENATION:
		if (takes_parts(p, target_of(f))) {
			ret->fill = f->fill;
			return true;
		}
		ret->node = part_parent(p, f, start, end);
		return true;
	case ACTION_ARRAY:
		n = takes_parts(p, target_of(f)) ? 0 : add(p, SHELL_ARRAY, start, end);
		if (n) {
			shell_draft_append(&p->draft, target_of(f), n);
			ret->node = n;
		}
		return true;
	case ACTION_SUBSHELL:
		ret->node = add_statement(p, f, SHELL_SUBSHELL, start, end);
		return true;
	case ACTION_GROUP:
		ret->node = add_statement(p, f, SHELL_GROUP, start, end);
		return true;
	case ACTION_IF:
		ret->node = add_statement(p, f, SHELL_IF, start, end);
		new_list(p, ret, start, 0);
		return true;
	case ACTION_ELIF:
		new_list(p, ret, start, 0);
		return true;
	case ACTION_ELSE:
		new_list(p, ret, start, SHELL_ELSE);
		return true;
	case ACTION_WHILE:
		ret->node = add_statement(p, f, SHELL_WHILE, start, end);
		new_list(p, ret, start, 0);
		return true;
	case ACTION_DO:
		new_list(p, ret, start, 0);
		return true;
	case ACTION_FOR:
		ret->node = add_statement(p, f, SHELL_FOR, start, end);
		return true;
	case ACTION_CFOR:
		ret->node = add_statement(p, f, SHELL_FOR, start, end);
		if (ret->node)
			node_at(p, ret->node)->flags |= SHELL_FOR_ARITH;
		return true;
	case ACTION_CASE:
		ret->node = add_statement(p, f, SHELL_CASE, start, end);
		return true;
	case ACTION_CASE_ITEM:
		ret->node = add_statement(p, f, SHELL_CASE_ITEM, start, end);
		return true;
	case ACTION_FUNCTION:
		ret->node = add_statement(p, f, SHELL_FUNCTION, start, end);
		return true;
	case ACTION_FILE_REDIRECT:
	case ACTION_HERE_STRING:
		n = target_of(f);
		if (f->action == ACTION_HEREDOC && p->frames.count > 1)
			n = target_of(&p->frames.items[p->frames.count - 2]);
		ret->node = add(p, SHELL_REDIRECT, start, end);
		shell_draft_append(&p->draft, n, ret->node);
		return true;
	case ACTION_HEREDOC:
		ret->node = add(p, SHELL_REDIRECT, start, end);
		shell_draft_append(&p->draft, target_of(f), ret->node);
		return true;
	case ACTION_HEREDOC_START:
		f->raw = str_find_char(str_sub(p->text, start, end), '\'') >= 0 ||
			 str_find_char(str_sub(p->text, start, end), '"') >= 0 ||
			 str_find_char(str_sub(p->text, start, end), '\\') >= 0;
		if (f->node)
			node_at(p, f->node)->end = end;
		return false;
	case ACTION_HEREDOC_BODY:
		ret->node = add(p, SHELL_HEREDOC, start, end);
		if (ret->node && f->raw)
			node_at(p, ret->node)->flags |= SHELL_QUOTED;
		shell_draft_append(&p->draft, f->node, ret->node);
		return true;
	case ACTION_NAME:
		take_name(p, f, start, end);
		return false;
	case ACTION_SUBSCRIPT:
		take_subscript(p, f, start, end);
		return false;
	}
	return false;
}

/* "((i++))" comes as a command whose name is an arithmetic expansion without its $. */
static void leave_command(struct shell_walk *p, uint32_t node)
{
	uint32_t word = node_at(p, node)->first, part = word ? node_at(p, word)->first : 0;

	if (!part || node_at(p, part)->kind != SHELL_ARITHMETIC ||
	    p->text.data[node_at(p, part)->start] != '(')
		return;
	node_at(p, node)->kind = SHELL_ARITH;
	node_at(p, node)->first = node_at(p, part)->first;
	node_at(p, node)->final = node_at(p, part)->final;
}

static void leave(struct shell_walk *p, struct frame *f, uint32_t end)
{
	if (p->draft.failed || !f->node)
		return;
	switch ((enum action)f->action) {
	case ACTION_STRING:
		fill_to(p, f, end > f->fill && p->text.data[end - 1] == '"' ? end - 1 : end);
		if (!node_at(p, f->node)->first)
			node_at(p, f->node)->text = STR("");
		break;
	case ACTION_CONCATENATION:
	case ACTION_HEREDOC_BODY:
		if (has_gaps(p, f->node))
			fill_to(p, f, end);
		break;
	case ACTION_COMMAND:
		leave_command(p, f->node);
		break;
	case ACTION_EXPANSION:
		if (!node_at(p, f->node)->text.data)
			set_text(p, f->node, node_at(p, f->node)->start + 2,
				 end > 0 ? end - 1 : end);
		break;
	case ACTION_PIPELINE:
		shell_draft_pipeline(&p->draft, f->node);
		break;
	case ACTION_REDIRECTED:
		shell_draft_redirected(&p->draft, f->node, f->tail, f->tail_kind);
		break;
	default:
		break;
	}
	/* parts of a concatenation inside of a string or word: the outer fill goes on behind it */
	if (p->frames.count > 1) {
		struct frame *outer = &p->frames.items[p->frames.count - 2];

		if (outer->node == f->node && f->fill > outer->fill)
			outer->fill = f->fill;
	}
}

int shell_walk_begin(struct shell_walk *p, struct str text, struct arena *arena)
{
	uint32_t script;
	struct frame *first;

	p->text = text;
	p->arena = arena;
	p->draft.nodes.count = 0;
	p->draft.failed = false;
	p->frames.count = 0;
	script = shell_draft_add(&p->draft, SHELL_SCRIPT, 0, (uint32_t)text.len);
	first = vec_push(&p->frames);
	if (!script || !first)
		return -1;
	*first = (struct frame){.action = ACTION_SCRIPT, .node = script};
	p->script = script;
	return 0;
}

int shell_walk_enter(struct shell_walk *p, enum action action, uint32_t start, uint32_t end)
{
	struct frame frame, *slot;

	/* "${a}  ${b}" in a string: the blanks are taken for a part of the second */
	while (action != ACTION_SKIP && action != ACTION_HEREDOC_BODY && start < end &&
	       (p->text.data[start] == ' ' || p->text.data[start] == '\t'))
		start++;
	if (start == end && action == ACTION_TOKEN)
		return 0;
	if (!enter(p, action, start, end, &frame))
		return p->draft.failed ? -1 : 0;
	slot = p->draft.failed ? NULL : vec_push(&p->frames);
	if (!slot)
		return -1;
	*slot = frame;
	return 1;
}

int shell_walk_leave(struct shell_walk *p, uint32_t end)
{
	leave(p, &p->frames.items[p->frames.count - 1], end);
	p->frames.count--;
	return p->draft.failed ? -1 : 0;
}

void shell_walk_done(struct shell_walk *p)
{
	vec_done(&p->draft.nodes);
	vec_done(&p->draft.stack);
	vec_done(&p->frames);
}
