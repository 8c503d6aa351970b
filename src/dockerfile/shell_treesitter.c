/*
 * tree-sitter-bash to the compact tree. The walk uses one cursor and a stack of frames, never
 * recursion. What the grammar shapes oddly is put right here:
 *
 * - a redirect may stand around a whole list or pipeline: it belongs to the last statement;
 * - words behind "> file" are destinations to the grammar: they are arguments;
 * - what follows a heredoc marker in its line ("<<EOF && b") is inside of the redirect: it becomes
 * the rest of the list or pipeline;
 * - blanks at the ends of string parts are in no node: parts of strings are made from the gaps.
 *
 * The only file that knows tree-sitter.
 */
#include <tree_sitter/api.h>

#include "dockerfile/shell_build.h"

const TSLanguage *tree_sitter_bash(void);

enum action {
	ACTION_TOKEN, /* unnamed symbols and what needs no node */
	ACTION_SCRIPT,
	ACTION_LIST,
	ACTION_PIPELINE,
	ACTION_NOT,
	ACTION_REDIRECTED,
	ACTION_COMMAND,
	ACTION_DECLARATION,
	ACTION_ASSIGNMENTS,
	ACTION_TEST,
	ACTION_PASS, /* its children belong to the node around it */
	ACTION_ASSIGNMENT,
	ACTION_ATOM,
	ACTION_RAW,
	ACTION_ANSI,
	ACTION_STRING,
	ACTION_TRANSLATED,
	ACTION_SIMPLE_EXPANSION,
	ACTION_EXPANSION,
	ACTION_SUBSTITUTION,
	ACTION_PROCESS,
	ACTION_ARITHMETIC,
	ACTION_CONCATENATION,
	ACTION_ARRAY,
	ACTION_SUBSHELL,
	ACTION_GROUP,
	ACTION_IF,
	ACTION_ELIF,
	ACTION_ELSE,
	ACTION_WHILE,
	ACTION_DO,
	ACTION_FOR,
	ACTION_CFOR,
	ACTION_CASE,
	ACTION_CASE_ITEM,
	ACTION_FUNCTION,
	ACTION_FILE_REDIRECT,
	ACTION_HERE_STRING,
	ACTION_HEREDOC,
	ACTION_HEREDOC_START,
	ACTION_HEREDOC_BODY,
	ACTION_NAME,
	ACTION_SUBSCRIPT,
	ACTION_SKIP,
	ACTION_ERROR,
};

static const struct {
	const char *name;
	enum action action;
} named[] = {
	{"program", ACTION_SCRIPT},
	{"list", ACTION_LIST},
	{"pipeline", ACTION_PIPELINE},
	{"negated_command", ACTION_NOT},
	{"redirected_statement", ACTION_REDIRECTED},
	{"command", ACTION_COMMAND},
	{"command_name", ACTION_PASS},
	{"declaration_command", ACTION_DECLARATION},
	{"unset_command", ACTION_DECLARATION},
	{"variable_assignments", ACTION_ASSIGNMENTS},
	{"test_command", ACTION_TEST},
	{"binary_expression", ACTION_PASS},
	{"unary_expression", ACTION_PASS},
	{"ternary_expression", ACTION_PASS},
	{"postfix_expression", ACTION_PASS},
	{"parenthesized_expression", ACTION_PASS},
	{"variable_assignment", ACTION_ASSIGNMENT},
	{"word", ACTION_ATOM},
	{"number", ACTION_ATOM},
	{"regex", ACTION_ATOM},
	{"extglob_pattern", ACTION_ATOM},
	{"test_operator", ACTION_ATOM},
	{"brace_expression", ACTION_ATOM},
	{"raw_string", ACTION_RAW},
	{"ansi_c_string", ACTION_ANSI},
	{"string", ACTION_STRING},
	{"translated_string", ACTION_TRANSLATED},
	{"simple_expansion", ACTION_SIMPLE_EXPANSION},
	{"expansion", ACTION_EXPANSION},
	{"command_substitution", ACTION_SUBSTITUTION},
	{"process_substitution", ACTION_PROCESS},
	{"arithmetic_expansion", ACTION_ARITHMETIC},
	{"concatenation", ACTION_CONCATENATION},
	{"array", ACTION_ARRAY},
	{"subshell", ACTION_SUBSHELL},
	{"compound_statement", ACTION_GROUP},
	{"if_statement", ACTION_IF},
	{"elif_clause", ACTION_ELIF},
	{"else_clause", ACTION_ELSE},
	{"while_statement", ACTION_WHILE},
	{"do_group", ACTION_DO},
	{"for_statement", ACTION_FOR},
	{"c_style_for_statement", ACTION_CFOR},
	{"case_statement", ACTION_CASE},
	{"case_item", ACTION_CASE_ITEM},
	{"function_definition", ACTION_FUNCTION},
	{"file_redirect", ACTION_FILE_REDIRECT},
	{"herestring_redirect", ACTION_HERE_STRING},
	{"heredoc_redirect", ACTION_HEREDOC},
	{"heredoc_start", ACTION_HEREDOC_START},
	{"heredoc_body", ACTION_HEREDOC_BODY},
	{"variable_name", ACTION_NAME},
	{"special_variable_name", ACTION_NAME},
	{"subscript", ACTION_SUBSCRIPT},
	{"string_content", ACTION_SKIP},
	{"heredoc_content", ACTION_SKIP},
	{"heredoc_end", ACTION_SKIP},
	{"file_descriptor", ACTION_SKIP},
	{"comment", ACTION_SKIP},
};

/* One open node of the grammar's tree. */
struct frame {
	uint32_t node; /* draft node that takes the children */
	uint32_t list; /* of IF and WHILE: the LIST that does */
	uint32_t fill; /* of strings, words, heredocs: parts are made up to here */
	uint32_t tail; /* REDIRECTED: statement behind a heredoc marker */
	uint8_t action;
	uint8_t tail_kind; /* SHELL_AND, SHELL_OR, SHELL_PIPELINE; HEREDOC: of the operator seen */
	bool raw;	   /* HEREDOC: the name was quoted */
};

struct shell_parser {
	TSParser *parser;
	TSTreeCursor cursor;
	bool has_cursor;
	uint8_t *actions; /* by symbol */
	uint32_t symbols;
	struct shell_draft draft;
	VEC(struct frame) frames;
	/* of the body at hand */
	struct str text;
	struct arena *arena;
};

const char *shell_parser_unavailable(void)
{
	return NULL;
}

static bool fill_actions(struct shell_parser *p)
{
	const TSLanguage *language = tree_sitter_bash();

	p->symbols = ts_language_symbol_count(language);
	p->actions = mem_zero(p->symbols, 1);
	if (!p->actions)
		return false;
	for (uint32_t s = 0; s < p->symbols; s++) {
		const char *name = ts_language_symbol_name(language, (TSSymbol)s);

		if (ts_language_symbol_type(language, (TSSymbol)s) != TSSymbolTypeRegular || !name)
			continue;
		for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
			if (strcmp(name, named[i].name) == 0)
				p->actions[s] = (uint8_t)named[i].action;
		}
	}
	return true;
}

struct shell_parser *shell_parser_new(void)
{
	struct shell_parser *p = mem_zero(1, sizeof(*p));

	if (!p)
		return NULL;
	p->parser = ts_parser_new();
	if (!p->parser || !ts_parser_set_language(p->parser, tree_sitter_bash()) ||
	    !fill_actions(p)) {
		shell_parser_free(p);
		return NULL;
	}
	ts_parser_set_timeout_micros(p->parser, SHELL_BODY_MICROSECONDS);
	return p;
}

void shell_parser_free(struct shell_parser *p)
{
	if (!p)
		return;
	if (p->has_cursor)
		ts_tree_cursor_delete(&p->cursor);
	if (p->parser)
		ts_parser_delete(p->parser);
	vec_done(&p->draft.nodes);
	vec_done(&p->draft.stack);
	vec_done(&p->frames);
	mem_free(p->actions);
	mem_free(p);
}

static struct shell_draft_node *node_at(struct shell_parser *p, uint32_t index)
{
	return &p->draft.nodes.items[index];
}

static uint32_t add(struct shell_parser *p, enum shell_kind kind, uint32_t start, uint32_t end)
{
	uint32_t n = shell_draft_add(&p->draft, kind, start, end);

	return n;
}

static uint32_t target_of(const struct frame *f)
{
	return f->list ? f->list : f->node;
}

static bool takes_parts(const struct shell_parser *p, uint32_t node)
{
	unsigned kind = p->draft.nodes.items[node].kind;

	return kind == SHELL_WORD || kind == SHELL_DOUBLE || kind == SHELL_HEREDOC ||
	       kind == SHELL_ARITHMETIC || kind == SHELL_ARITH;
}

static void add_literal(struct shell_parser *p, uint32_t parent, uint32_t start, uint32_t end)
{
	unsigned kind = node_at(p, parent)->kind;
	uint32_t n = add(p, SHELL_LITERAL, start, end);
	struct str source = str_sub(p->text, start, end);

	if (!n)
		return;
	if (kind == SHELL_DOUBLE)
		source = shell_unescape(p->arena, source, "$`\"\\");
	else if (kind == SHELL_WORD)
		source = shell_unescape(p->arena, source, NULL);
	else if (kind == SHELL_HEREDOC && !(node_at(p, parent)->flags & SHELL_QUOTED))
		source = shell_unescape(p->arena, source, "$`\\");
	node_at(p, n)->text = source;
	shell_draft_append(&p->draft, parent, n);
}

static bool has_gaps(const struct shell_parser *p, uint32_t node)
{
	unsigned kind = p->draft.nodes.items[node].kind;

	return kind == SHELL_WORD || kind == SHELL_DOUBLE || kind == SHELL_HEREDOC;
}

/* The gap before a part that starts at `start` is literal text. */
static void fill_to(struct shell_parser *p, struct frame *f, uint32_t start)
{
	if (has_gaps(p, f->node) && start > f->fill)
		add_literal(p, f->node, f->fill, start);
	if (start > f->fill)
		f->fill = start;
}

/* The draft node a word or part goes into; a WORD is made around it where none is open. */
static uint32_t part_parent(struct shell_parser *p, struct frame *f, uint32_t start, uint32_t end)
{
	uint32_t target = target_of(f), word;

	if (takes_parts(p, target)) {
		fill_to(p, f, start);
		f->fill = end > f->fill ? end : f->fill;
		return target;
	}
	/* "> file more": what follows the first destination is an argument */
	if (f->action == ACTION_FILE_REDIRECT && node_at(p, target)->first && p->frames.count > 1)
		target = target_of(&p->frames.items[p->frames.count - 2]);
	/* "<<EOF file": words behind the marker are arguments */
	if (f->action == ACTION_HEREDOC && p->frames.count > 1)
		target = target_of(&p->frames.items[p->frames.count - 2]);
	word = add(p, SHELL_WORD, start, end);
	shell_draft_append(&p->draft, target, word);
	if (word && node_at(p, target)->kind == SHELL_REDIRECT)
		node_at(p, target)->end = end;
	return word;
}

static uint32_t add_part(struct shell_parser *p, struct frame *f, enum shell_kind kind,
			 uint32_t start, uint32_t end)
{
	uint32_t parent = part_parent(p, f, start, end), n;

	if (!parent)
		return 0;
	n = add(p, kind, start, end);
	shell_draft_append(&p->draft, parent, n);
	return n;
}

static void set_text(struct shell_parser *p, uint32_t n, uint32_t start, uint32_t end)
{
	if (n)
		node_at(p, n)->text = str_sub(p->text, start, end);
}

/* A statement as child of what is open. Behind a heredoc marker it is kept as the tail. */
static uint32_t add_statement(struct shell_parser *p, struct frame *f, enum shell_kind kind,
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

static void new_list(struct shell_parser *p, struct frame *f, uint32_t at, unsigned flags)
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
static void take_token(struct shell_parser *p, struct frame *f, uint32_t start, uint32_t end)
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

static void take_name(struct shell_parser *p, struct frame *f, uint32_t start, uint32_t end)
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
static void take_subscript(struct shell_parser *p, struct frame *f, uint32_t start, uint32_t end)
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

static bool is_name_char(char c)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static void take_atom(struct shell_parser *p, struct frame *f, uint32_t start, uint32_t end)
{
	uint32_t parent, n;

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
	parent = part_parent(p, f, start, end);
	if (!parent)
		return;
	n = add(p, SHELL_LITERAL, start, end);
	if (!n)
		return;
	node_at(p, n)->text = shell_unescape(p->arena, str_sub(p->text, start, end), NULL);
	shell_draft_append(&p->draft, parent, n);
}

/*
 * Meets one node of the grammar's tree. Returns true when its children are to be visited; then
 * *ret is the frame for them.
 */
static bool enter(struct shell_parser *p, enum action action, uint32_t start, uint32_t end,
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
static void leave_command(struct shell_parser *p, uint32_t node)
{
	uint32_t word = node_at(p, node)->first, part = word ? node_at(p, word)->first : 0;

	if (!part || node_at(p, part)->kind != SHELL_ARITHMETIC ||
	    p->text.data[node_at(p, part)->start] != '(')
		return;
	node_at(p, node)->kind = SHELL_ARITH;
	node_at(p, node)->first = node_at(p, part)->first;
	node_at(p, node)->final = node_at(p, part)->final;
}

static void leave(struct shell_parser *p, struct frame *f, uint32_t end)
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

static enum action action_of(const struct shell_parser *p, TSNode node)
{
	TSSymbol symbol = ts_node_symbol(node);

	if (symbol == (TSSymbol)-1)
		return ACTION_ERROR;
	return symbol < p->symbols ? (enum action)p->actions[symbol] : ACTION_TOKEN;
}

/* Visits the grammar's tree once; true when all is in the draft. */
static bool walk(struct shell_parser *p, TSNode root, uint32_t script, struct shell_tree *ret)
{
	struct frame *first;

	p->frames.count = 0;
	first = vec_push(&p->frames);
	if (!first)
		return false;
	*first = (struct frame){.action = ACTION_SCRIPT, .node = script};
	if (p->has_cursor)
		ts_tree_cursor_reset(&p->cursor, root);
	else
		p->cursor = ts_tree_cursor_new(root);
	p->has_cursor = true;
	if (!ts_tree_cursor_goto_first_child(&p->cursor))
		return true;
	for (;;) {
		TSNode node = ts_tree_cursor_current_node(&p->cursor);
		uint32_t start = ts_node_start_byte(node), end = ts_node_end_byte(node);
		enum action action = action_of(p, node);
		struct frame frame, *slot;

		if (!ret->has_error && (action == ACTION_ERROR || ts_node_is_missing(node))) {
			ret->has_error = true;
			ret->error = (struct span){start, end};
		}
		if (start == end && action == ACTION_TOKEN) {
			frame.node = 0;
		} else if (enter(p, action, start, end, &frame)) {
			slot = vec_push(&p->frames);
			if (!slot)
				return false;
			*slot = frame;
			if (!p->draft.failed && ts_tree_cursor_goto_first_child(&p->cursor))
				continue;
			leave(p, slot, end);
			p->frames.count--;
		}
		if (p->draft.failed)
			return false;
		while (!ts_tree_cursor_goto_next_sibling(&p->cursor)) {
			if (!ts_tree_cursor_goto_parent(&p->cursor) || p->frames.count <= 1)
				return true;
			node = ts_tree_cursor_current_node(&p->cursor);
			if (p->frames.count == 1)
				return true;
			leave(p, &p->frames.items[p->frames.count - 1], ts_node_end_byte(node));
			p->frames.count--;
			if (p->draft.failed)
				return false;
		}
	}
}

int shell_parse(struct shell_parser *p, const struct joined *body, struct arena *arena,
		struct shell_tree *ret, struct err *e)
{
	TSTree *tree;
	uint32_t script;
	bool done;

	*ret = (struct shell_tree){.body = *body, .status = SHELL_PARSED};
	if (!body->text.data) {
		ret->status = SHELL_NO_BODY;
	} else if (body->text.len > SHELL_BODY_MAX) {
		ret->status = SHELL_TOO_LONG;
	} else if (str_find_char(body->text, '\0') >= 0) {
		ret->status = SHELL_BAD_BYTES;
	}
	if (ret->status != SHELL_PARSED)
		return 0;
	tree = ts_parser_parse_string(p->parser, NULL, body->text.data, (uint32_t)body->text.len);
	if (!tree) {
		ts_parser_reset(p->parser);
		ret->status = SHELL_TOO_SLOW;
		return 0;
	}
	p->text = body->text;
	p->arena = arena;
	p->draft.nodes.count = 0;
	p->draft.failed = false;
	script = shell_draft_add(&p->draft, SHELL_SCRIPT, 0, (uint32_t)body->text.len);
	done = script && walk(p, ts_tree_root_node(tree), script, ret);
	ts_tree_delete(tree);
	if (!done || shell_layout(&p->draft, script, arena, ret) < 0) {
		*ret = (struct shell_tree){.body = *body, .status = SHELL_NO_BODY};
		return ERR_NOMEM(e);
	}
	return 0;
}
