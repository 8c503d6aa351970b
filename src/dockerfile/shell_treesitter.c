/*
 * tree-sitter-bash to the compact tree, with one cursor and no recursion. The only file that knows
 * tree-sitter; what its nodes become stands in shell_walk.c. Plain scripts do not come here at all
 * (shell_simple.c).
 */
#include <tree_sitter/api.h>

#include "dockerfile/shell_walk.h"

const TSLanguage *tree_sitter_bash(void);

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
	{"file_descriptor", ACTION_DESCRIPTOR},
	{"comment", ACTION_SKIP},
};

struct shell_parser {
	TSParser *parser;
	TSTreeCursor cursor;
	bool has_cursor;
	uint8_t *actions; /* by symbol */
	uint32_t symbols;
	bool thorough; /* no short cut */
	struct shell_walk walk;
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
	shell_walk_done(&p->walk);
	mem_free(p->actions);
	mem_free(p);
}

static enum action action_of(const struct shell_parser *p, TSNode node)
{
	TSSymbol symbol = ts_node_symbol(node);

	if (symbol == (TSSymbol)-1)
		return ACTION_ERROR;
	return symbol < p->symbols ? (enum action)p->actions[symbol] : ACTION_TOKEN;
}

static void note_error(struct shell_tree *t, enum action action, TSNode node)
{
	if (t->has_error || (action != ACTION_ERROR && !ts_node_is_missing(node)))
		return;
	t->has_error = true;
	t->error = (struct span){ts_node_start_byte(node), ts_node_end_byte(node)};
}

/* Goes to the next node in preorder, leaving those that end. 1, or 0 at the end, -1 without memory.
 */
static int go_on(struct shell_parser *p)
{
	while (!ts_tree_cursor_goto_next_sibling(&p->cursor)) {
		TSNode node;

		if (!ts_tree_cursor_goto_parent(&p->cursor) || p->walk.frames.count <= 1)
			return 0;
		node = ts_tree_cursor_current_node(&p->cursor);
		if (shell_walk_leave(&p->walk, ts_node_end_byte(node)) < 0)
			return -1;
	}
	return 1;
}

/* Visits the grammar's tree once. */
static int walk_tree(struct shell_parser *p, TSNode root, struct shell_tree *ret)
{
	int more = 1;

	if (p->has_cursor)
		ts_tree_cursor_reset(&p->cursor, root);
	else
		p->cursor = ts_tree_cursor_new(root);
	p->has_cursor = true;
	note_error(ret, action_of(p, root), root);
	if (!ts_tree_cursor_goto_first_child(&p->cursor))
		return 0;
	while (more > 0) {
		TSNode node = ts_tree_cursor_current_node(&p->cursor);
		uint32_t end = ts_node_end_byte(node);
		enum action action = action_of(p, node);
		int inside;

		note_error(ret, action, node);
		inside = shell_walk_enter(&p->walk, action, ts_node_start_byte(node), end);
		if (inside > 0 && ts_tree_cursor_goto_first_child(&p->cursor))
			continue;
		if (inside < 0 || (inside > 0 && shell_walk_leave(&p->walk, end) < 0))
			return -1;
		more = go_on(p);
	}
	return more;
}

void shell_parser_thorough(struct shell_parser *p, bool on)
{
	p->thorough = on;
}

int shell_parse(struct shell_parser *p, const struct joined *body, struct arena *arena,
		struct shell_tree *ret, struct err *e)
{
	TSTree *tree;
	int result = 0;

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
	if (shell_walk_begin(&p->walk, body->text, arena) < 0)
		goto failed;
	if (p->thorough || !shell_simple(&p->walk.draft, body->text, arena, p->walk.script)) {
		tree = ts_parser_parse_string(p->parser, NULL, body->text.data,
					      (uint32_t)body->text.len);
		if (!tree) {
			ts_parser_reset(p->parser);
			ret->status = SHELL_TOO_SLOW;
			return 0;
		}
		result = shell_walk_begin(&p->walk, body->text, arena);
		if (result == 0)
			result = walk_tree(p, ts_tree_root_node(tree), ret);
		ts_tree_delete(tree);
	}
	if (result == 0 && shell_layout(&p->walk.draft, p->walk.script, arena, ret) == 0)
		return 0;
failed:
	*ret = (struct shell_tree){.body = *body, .status = SHELL_NO_BODY};
	return ERR_NOMEM(e);
}
