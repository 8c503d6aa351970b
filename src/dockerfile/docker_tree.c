/*
 * From the Dockerfile to its tree. Shell text nests without a limit of ours, so the walk keeps a
 * list of things to do: a statement, a word, a literal, opening and closing a node. What a thing is
 * made of is put on the list in its order and turned around, so that the first is on top.
 */
#include "dockerfile/docker_tree.h"

#include <stdio.h>

#include "dockerfile/abstraction.h"

enum job_kind {
	JOB_OPEN,
	JOB_CLOSE,
	JOB_STATEMENT,
	JOB_BARE, /* a statement without its redirections */
	JOB_WORD,
	JOB_PART,
	JOB_LITERAL,
	JOB_REDIRECT,
	JOB_USE,
};

struct job {
	enum job_kind kind;
	const char *type; /* JOB_OPEN; JOB_LITERAL: BASH-LITERAL where NULL */
	uint32_t symbol;  /* JOB_OPEN: instead of type */
	uint32_t node;
	struct str text;
	const struct command_use *use; /* JOB_USE */
	unsigned depth;		       /* JOB_USE: commands around it */
	struct span span;	       /* JOB_OPEN: instead of the node's, where not empty */
};

/* "sudo sudo sudo ...": each is read to the end of the line, so not without end. */
enum { INNER_MAX = 8 };

struct maker {
	struct lint *lint;
	struct forest *forest;
	const struct shell_tree *shell;
	VEC(struct job) jobs;
	struct buf name;
	bool deep;
	bool failed;
};

/* --- nodes --- */

static uint32_t symbol(struct maker *m, const char *text)
{
	return symbols_add(m->forest->symbols, str_of(text));
}

static void open_node(struct maker *m, const char *type, struct span span)
{
	forest_open(m->forest, symbol(m, type), 0, span);
}

static void leaf(struct maker *m, const char *type, struct span span)
{
	forest_leaf(m->forest, symbol(m, type), 0, span);
}

/* A node whose value is kept in its type: "DOCKER-NAME:PATH". */
static void kept(struct maker *m, const char *type, struct str value, bool upper, struct span span)
{
	buf_clear(&m->name);
	buf_printf(&m->name, "%s:", type);
	value = str_to(value, 256);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.data[i];

		buf_add_char(&m->name, upper && c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
	}
	forest_leaf(m->forest, symbols_add(m->forest->symbols, buf_str(&m->name)), 0, span);
	m->failed |= buf_failed(&m->name);
}

/* A node with what its text tells. */
static void told(struct maker *m, const char *type, struct str text, struct span span)
{
	const char *abstract;
	size_t at = 0;

	open_node(m, type, span);
	while ((abstract = abstraction_next(text, &at)))
		leaf(m, abstract, span);
	forest_close(m->forest);
}

/* --- the list of things to do --- */

static struct job *push(struct maker *m, enum job_kind kind)
{
	struct job *j = vec_push(&m->jobs);

	if (!j) {
		static struct job nowhere;

		m->failed = true;
		return &nowhere;
	}
	j->kind = kind;
	return j;
}

static void push_open(struct maker *m, const char *type, uint32_t node)
{
	struct job *j = push(m, JOB_OPEN);

	j->type = type;
	j->node = node;
}

static void push_node(struct maker *m, enum job_kind kind, uint32_t node)
{
	push(m, kind)->node = node;
}

static void turn_around(struct maker *m, size_t from)
{
	for (size_t a = from, b = m->jobs.count; a + 1 < b; a++) {
		struct job j = m->jobs.items[a];

		m->jobs.items[a] = m->jobs.items[--b];
		m->jobs.items[b] = j;
	}
}

static bool is_redirect(const struct maker *m, uint32_t node)
{
	return m->shell->nodes[node].kind == SHELL_REDIRECT;
}

/* The children of that range of kinds, each as a job. */
static void push_children(struct maker *m, uint32_t node, enum job_kind kind)
{
	for (uint32_t n = shell_child(m->shell, node); n; n = m->shell->nodes[n].next) {
		if (!is_redirect(m, n))
			push_node(m, kind, n);
	}
}

static void push_wrapped(struct maker *m, const char *type, uint32_t node, enum job_kind kind)
{
	push_open(m, type, node);
	push_children(m, node, kind);
	push(m, JOB_CLOSE);
}

/* One child in a node of its own. */
static void push_within(struct maker *m, const char *type, uint32_t node, enum job_kind kind)
{
	push_open(m, type, node);
	push_node(m, kind, node);
	push(m, JOB_CLOSE);
}

/* --- commands --- */

/* Roles and options that the published trees write without the plural node around them. */
static const char *const singles[] = {"CURL url",  "EXPORT target",  "FIND name",     "FIND path",
				      "FIND perm", "FIND regex",     "FIND type",     "FIND target",
				      "LN target", "MAKE directory", "TAR directory", "WGET url",
				      NULL};
/* Roles that they write with one, though only one word has the role. */
static const char *const plurals[] = {"SED expression", NULL};
/* Options that all words behind them belong to: what "find -exec" runs. */
static const char *const captures[] = {"FIND exec", "FIND execdir", "FIND ok", NULL};
/* Options whose values are paths: BASH-PATH stands around the literal. */
static const char *const paths[] = {"APT-GET config-file",
				    "CONFIGURE prefix",
				    "CURL output",
				    "GPG homedir",
				    "GPG options",
				    "MAKE directory",
				    "MKTEMP tmpdir",
				    "TAR directory",
				    "TAR file",
				    "WGET output-document",
				    NULL};
/* Options that all positions belong to: in "gpg --verify a b" both are verified. */
static const char *const greedy[] = {"GPG export", "GPG recv-keys", "GPG verify", NULL};
/* The study took what stands behind "curl -O" for its value; only in trees that are not deep. */
static const char *const greedy_switches[] = {"CURL remote-name", NULL};
/* What is kept by its name. */
static const char *const packages[] = {"APK package", "APT package", "APT-GET package",
				       "DNF package", "NPM package", "YUM package",
				       NULL};

static bool listed(const char *const *list, const char *tree, struct str what)
{
	size_t len = strlen(tree);

	for (; *list; list++) {
		if (strncmp(*list, tree, len) == 0 && (*list)[len] == ' ' &&
		    str_is(what, *list + len + 1))
			return true;
	}
	return false;
}

struct command_maker {
	struct maker *m;
	const struct command_use *use;
	const char *tree;
	struct str greedy; /* the option that positions belong to */
	uint32_t captured; /* words from here on are another command's */
};

static void add_upper(struct buf *out, struct str s)
{
	while (s.len && s.data[0] == '-')
		s = str_from(s, 1);
	s = str_to(s, 128);
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		buf_add_char(out, c == ' ' ? '-' : c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
	}
}

/* "SC-<tree>-[F-]<name>[S]"; without the plural's S for an element of a list. */
static uint32_t part_symbol(const struct command_maker *c, const char *infix, struct str name,
			    bool plural, bool element)
{
	struct buf *b = &c->m->name;

	buf_clear(b);
	buf_printf(b, "SC-%s-%s", c->tree, infix);
	add_upper(b, name);
	if (plural && b->len && b->data[b->len - 1] != 'S')
		buf_add_char(b, 'S');
	if (element && b->len)
		b->len--;
	c->m->failed |= buf_failed(b);
	return symbols_add(c->m->forest->symbols, buf_str(b));
}

static void push_symbol(struct maker *m, uint32_t symbol, uint32_t node)
{
	struct job *j = push(m, JOB_OPEN);

	j->symbol = symbol;
	j->node = node;
}

static void push_literal(struct maker *m, struct str text, uint32_t node)
{
	struct job *j = push(m, JOB_LITERAL);

	j->text = text;
	j->node = node;
}

/* Quotes around the whole of an argument do not show: what is within is one literal. */
static bool is_one_quote(const struct shell_tree *t, uint32_t node)
{
	uint32_t part = shell_child(t, node);
	enum shell_kind kind = part ? (enum shell_kind)t->nodes[part].kind : SHELL_LITERAL;

	return !part || (!t->nodes[part].next &&
			 (kind == SHELL_SINGLE || kind == SHELL_DOUBLE || kind == SHELL_ANSI));
}

static void push_argument(const struct command_maker *c, uint32_t arg)
{
	const struct shell_arg *a = &c->use->command->argv[arg];
	const struct shell_tree *t = c->m->shell;

	if (t->nodes[a->node].kind != SHELL_WORD)
		push_node(c->m, JOB_PART, a->node);
	else if (is_one_quote(t, a->node))
		push_literal(c->m, a->text, a->node);
	else
		push_node(c->m, JOB_WORD, a->node);
}

/* SC-APT-GET-PACKAGE:CURL */
static void push_package(const struct command_maker *c, uint32_t element, uint32_t arg)
{
	const struct shell_arg *a = &c->use->command->argv[arg];
	const struct shell_tree *t = c->m->shell;
	uint32_t part = shell_child(t, a->node);
	struct str text = a->text;
	struct buf *b = &c->m->name;

	buf_clear(b);
	buf_add(b, symbol_text(c->m->forest->symbols, element));
	if (!a->literal && part && !t->nodes[part].next && t->nodes[part].kind == SHELL_VARIABLE)
		text = t->nodes[part].text;
	if (a->literal || text.data != a->text.data) {
		buf_add_char(b, ':');
		add_upper(b, text);
	}
	push_symbol(c->m, symbols_add(c->m->forest->symbols, buf_str(b)), a->node);
	push(c->m, JOB_CLOSE);
}

static void push_value(const struct command_maker *c, const struct command_flag *f)
{
	const struct shell_command *command = c->use->command;
	bool path = listed(paths, c->tree, f->name);
	uint32_t node = command->argv[f->value_arg].node;

	if (path)
		push_open(c->m, "BASH-PATH", node);
	if (f->value_arg != f->arg)
		push_argument(c, f->value_arg);
	else
		push_literal(c->m, f->value, node);
	if (path)
		push(c->m, JOB_CLOSE);
}

static void push_element(const struct command_maker *c, const struct command_flag *f)
{
	uint32_t node = c->use->command->argv[f->arg].node;

	push_symbol(c->m, part_symbol(c, "", f->name, true, true), node);
	push_value(c, f);
	push(c->m, JOB_CLOSE);
}

static void push_greedy(const struct command_maker *c, struct str name)
{
	for (uint32_t i = 0; i < c->use->position_count; i++) {
		uint32_t arg = c->use->positions[i].arg;

		push_symbol(c->m, part_symbol(c, "", name, true, true),
			    c->use->command->argv[arg].node);
		push_argument(c, arg);
		push(c->m, JOB_CLOSE);
	}
}

static bool same_option(const struct command_flag *a, const struct command_flag *b)
{
	return str_eq(a->name, b->name);
}

/* All values of an option that may stand several times. */
static void push_list(struct command_maker *c, uint32_t first)
{
	const struct command_flag *f = &c->use->flags[first];
	uint32_t node = c->use->command->argv[f->arg].node;

	push_symbol(c->m, part_symbol(c, "", f->name, true, false), node);
	for (uint32_t i = first; i < c->use->flag_count; i++) {
		if (same_option(&c->use->flags[i], f) && c->use->flags[i].has_value)
			push_element(c, &c->use->flags[i]);
	}
	if (!c->greedy.data && (f->kind == OPTION_SWITCH || listed(greedy, c->tree, f->name))) {
		c->greedy = f->name;
		push_greedy(c, f->name);
	}
	push(c->m, JOB_CLOSE);
}

/* Options beyond this many are not looked at for having stood before: it costs their square. */
enum { OPTIONS_COMPARED = 256 };

static bool stood_before(const struct command_use *use, uint32_t flag)
{
	uint32_t i = flag > OPTIONS_COMPARED ? flag - OPTIONS_COMPARED : 0;

	for (; i < flag; i++) {
		if (same_option(&use->flags[i], &use->flags[flag]))
			return true;
	}
	return false;
}

static void push_option(struct command_maker *c, uint32_t i)
{
	const struct command_flag *f = &c->use->flags[i];
	uint32_t node = c->use->command->argv[f->arg].node;
	bool list = f->known && f->kind == OPTION_VALUES && !listed(singles, c->tree, f->name);

	if (stood_before(c->use, i))
		return;
	list |= !c->m->deep && c->use->position_count && listed(greedy_switches, c->tree, f->name);
	if (list && i < OPTIONS_COMPARED) {
		push_list(c, i);
		return;
	}
	push_symbol(c->m,
		    part_symbol(c, f->known && !f->has_value && f->kind != OPTION_COUNT ? "F-" : "",
				f->name, false, false),
		    node);
	if (f->has_value)
		push_value(c, f);
	else if (f->known && f->kind == OPTION_COUNT)
		push_literal(c->m, STR("1"), node);
	push(c->m, JOB_CLOSE);
}

/* Positions [i, end) of one role. */
static void push_role(const struct command_maker *c, uint32_t i, uint32_t end)
{
	const struct command_position *p = &c->use->positions[i];
	const struct shell_arg *argv = c->use->command->argv;
	bool many = (p->many && !listed(singles, c->tree, p->role)) ||
		    listed(plurals, c->tree, p->role);
	bool package = listed(packages, c->tree, p->role);
	uint32_t element = part_symbol(c, "", p->role, many, many);

	if (many)
		push_symbol(c->m, part_symbol(c, "", p->role, true, false), argv[p->arg].node);
	for (; i < end; i++) {
		uint32_t arg = c->use->positions[i].arg;

		if (package) {
			push_package(c, element, arg);
			continue;
		}
		push_symbol(c->m, element, argv[arg].node);
		push_argument(c, arg);
		push(c->m, JOB_CLOSE);
	}
	if (many)
		push(c->m, JOB_CLOSE);
}

/* "command -v gpg" runs nothing */
static bool is_question(const struct command_maker *c)
{
	return strcmp(c->tree, "COMMAND") == 0 && c->use->flag_count;
}

/* What "sudo" and its like run, as a command of its own below. */
static bool push_inner(const struct command_maker *c, unsigned depth)
{
	struct arena *arena = c->m->lint->arena;
	struct shell_command inner, *command;
	struct command_use *use;
	struct job *j;

	if (!c->m->deep || depth == INNER_MAX || is_question(c) || !command_inner(c->use, &inner) ||
	    !inner.argc)
		return false;
	command = ARENA_NEW(arena, struct shell_command);
	use = ARENA_NEW(arena, struct command_use);
	if (!command || !use) {
		c->m->failed = true;
		return false;
	}
	*command = inner;
	if (!command_use_parse(arena, command, use))
		return false;
	j = push(c->m, JOB_USE);
	j->use = use;
	j->depth = depth + 1;
	j->node = inner.argv[0].node;
	return true;
}

/* Index of the first word that a capturing option takes; UINT32_MAX: there is none. */
static uint32_t find_captured(const struct command_maker *c)
{
	for (uint32_t i = 0; i < c->use->flag_count; i++) {
		if (c->use->flags[i].known && listed(captures, c->tree, c->use->flags[i].name))
			return c->use->flags[i].arg + 1;
	}
	return UINT32_MAX;
}

/* SC-FIND-ARGS: each word as it is written */
static void push_captured(const struct command_maker *c)
{
	const struct shell_command *command = c->use->command;

	if (c->captured >= command->argc)
		return;
	push_symbol(c->m, part_symbol(c, "", STR("args"), false, false),
		    command->argv[c->captured].node);
	for (uint32_t i = c->captured; i < command->argc; i++) {
		push_symbol(c->m, part_symbol(c, "", STR("arg"), false, false),
			    command->argv[i].node);
		push_node(c->m, JOB_WORD, command->argv[i].node);
		push(c->m, JOB_CLOSE);
	}
	push(c->m, JOB_CLOSE);
}

static void push_positions(const struct command_maker *c)
{
	const struct command_use *use = c->use;

	for (uint32_t i = 0, end; i < use->position_count; i = end) {
		if (use->positions[i].arg >= c->captured)
			break;
		end = i + 1;
		while (end < use->position_count && use->positions[end].arg < c->captured &&
		       str_eq(use->positions[end].role, use->positions[i].role))
			end++;
		if (use->positions[i].role.len)
			push_role(c, i, end);
	}
}

/* The last word that names what is done: "clean" of "npm cache clean". */
static uint32_t last_name_arg(const struct command_use *use)
{
	if (!use->sub_arg)
		return use->first;
	return use->sub_arg + (use->sub && strchr(use->sub->name, ' ') != NULL);
}

static void push_use(struct maker *m, const struct command_use *use, uint32_t node, unsigned depth)
{
	struct command_maker c = {.m = m, .use = use, .tree = use->schema->tree};
	size_t from = m->jobs.count;
	struct buf *b = &m->name;

	buf_clear(b);
	buf_printf(b, "SC-%s", c.tree);
	if (use->sub && use->sub->name[0]) {
		buf_add_char(b, '-');
		add_upper(b, str_of(use->sub->tree ? use->sub->tree : use->sub->name));
	}
	push_symbol(m, symbols_add(m->forest->symbols, buf_str(b)), node);
	/* the command up to its sub-command is what findings underline */
	if (m->jobs.count)
		m->jobs.items[m->jobs.count - 1].span =
			shell_args_span(m->shell, use->command, 0, last_name_arg(use));
	c.captured = find_captured(&c);
	for (uint32_t i = 0; i < use->flag_count && use->flags[i].arg < c.captured; i++)
		push_option(&c, i);
	if (!push_inner(&c, depth) && !c.greedy.data)
		push_positions(&c);
	push_captured(&c);
	push(m, JOB_CLOSE);
	turn_around(m, from);
}

/* The published trees know "configure" in the working folder only. */
static bool is_unseen(const struct shell_command *c, const struct command_use *use)
{
	return strcmp(use->schema->tree, "CONFIGURE") == 0 &&
	       !str_is(c->argv[0].text, "./configure");
}

static void do_command(struct maker *m, uint32_t node)
{
	const struct shell_command *c = shell_command_of(m->shell, node);
	const struct command_use *use = c ? lint_use(m->lint, m->shell, c) : NULL;
	size_t from = m->jobs.count;

	if (use && use->schema && (m->deep || !is_unseen(c, use))) {
		push_use(m, use, node, 0);
		return;
	}
	if (c) {
		leaf(m, "UNKNOWN", shell_span(m->shell, node));
		return;
	}
	/* nothing but assignments */
	push_children(m, node, JOB_PART);
	turn_around(m, from);
}

/* --- statements --- */

/* IF: condition and body in turn; a lone last list is the else. */
static void push_if(struct maker *m, uint32_t node)
{
	const struct shell_tree *t = m->shell;
	uint32_t open = 0;
	bool condition = true;

	push_open(m, "BASH-IF-EXPRESSION", node);
	for (uint32_t n = shell_child(t, node); n; n = t->nodes[n].next) {
		if (is_redirect(m, n))
			continue;
		if (condition && (t->nodes[n].flags & SHELL_ELSE)) {
			push_within(m, "BASH-IF-ELSE", n, JOB_BARE);
			continue;
		}
		if (condition && n != shell_child(t, node)) {
			push_open(m, "BASH-IF-ELSE", n);
			push_open(m, "BASH-IF-EXPRESSION", n);
			open += 2;
		}
		push_within(m, condition ? "BASH-IF-CONDITION" : "BASH-IF-THEN", n, JOB_BARE);
		condition = !condition;
	}
	for (; open; open--)
		push(m, JOB_CLOSE);
	push(m, JOB_CLOSE);
}

static void push_for(struct maker *m, uint32_t node)
{
	const struct shell_tree *t = m->shell;
	bool listed_items = false;

	push_open(m, "BASH-FOR-IN", node);
	push_open(m, "BASH-FOR-IN-ITEMS", node);
	for (uint32_t n = shell_child(t, node); n; n = t->nodes[n].next) {
		if (t->nodes[n].kind == SHELL_WORD) {
			push_node(m, JOB_WORD, n);
		} else if (t->nodes[n].kind == SHELL_LIST) {
			if (!listed_items)
				push(m, JOB_CLOSE);
			listed_items = true;
			push_within(m, "BASH-FOR-IN-BODY", n, JOB_BARE);
		}
	}
	if (!listed_items)
		push(m, JOB_CLOSE);
	push(m, JOB_CLOSE);
}

static void push_while(struct maker *m, uint32_t node)
{
	bool first = true;

	push_open(m, "BASH-WHILE-EXPRESSION", node);
	for (uint32_t n = shell_child(m->shell, node); n; n = m->shell->nodes[n].next) {
		if (is_redirect(m, n))
			continue;
		push_within(m, first ? "BASH-WHILE-CONDITION" : "BASH-WHILE-BODY", n, JOB_BARE);
		first = false;
	}
	push(m, JOB_CLOSE);
}

static void push_case(struct maker *m, uint32_t node)
{
	const struct shell_tree *t = m->shell;

	push_open(m, "BASH-CASE-EXPRESSION", node);
	for (uint32_t n = shell_child(t, node); n; n = t->nodes[n].next) {
		if (t->nodes[n].kind == SHELL_WORD)
			push_within(m, "BASH-CASE-EXP-TARGET", n, JOB_WORD);
		else if (t->nodes[n].kind == SHELL_CASE_ITEM)
			push_node(m, JOB_BARE, n);
	}
	push(m, JOB_CLOSE);
}

static void push_case_item(struct maker *m, uint32_t node)
{
	const struct shell_tree *t = m->shell;
	uint32_t n = shell_child(t, node);

	push_open(m, "BASH-CASE-EXP-CASE", node);
	push_open(m, "BASH-CASE-LABELS", node);
	for (; n && t->nodes[n].kind == SHELL_WORD; n = t->nodes[n].next)
		push_node(m, JOB_WORD, n);
	push(m, JOB_CLOSE);
	push_open(m, "BASH-CASE-EXPRESSIONS", node);
	for (; n; n = t->nodes[n].next)
		push_node(m, JOB_STATEMENT, n);
	push(m, JOB_CLOSE);
	push(m, JOB_CLOSE);
}

static void push_members(struct maker *m, const char *type, const char *member, uint32_t node)
{
	push_open(m, type, node);
	for (uint32_t n = shell_child(m->shell, node); n; n = m->shell->nodes[n].next) {
		if (!is_redirect(m, n))
			push_within(m, member, n, JOB_STATEMENT);
	}
	push(m, JOB_CLOSE);
}

static void do_bare(struct maker *m, uint32_t node)
{
	size_t from = m->jobs.count;

	switch ((enum shell_kind)m->shell->nodes[node].kind) {
	case SHELL_SCRIPT:
		push_wrapped(m, "BASH-SCRIPT", node, JOB_STATEMENT);
		break;
	case SHELL_LIST:
		push_children(m, node, JOB_STATEMENT);
		break;
	case SHELL_AND:
		push_members(m, "BASH-AND-IF", "BASH-AND-MEM", node);
		break;
	case SHELL_OR:
		push_members(m, "BASH-OR-IF", "BASH-OR-MEM", node);
		break;
	case SHELL_PIPELINE:
		push_wrapped(m, "BASH-PIPELINE", node, JOB_STATEMENT);
		break;
	case SHELL_NOT:
		push_wrapped(m, "BASH-BANGED", node, JOB_STATEMENT);
		break;
	case SHELL_SUBSHELL:
		push_wrapped(m, "BASH-SUBSHELL", node, JOB_STATEMENT);
		break;
	case SHELL_GROUP:
		push_wrapped(m, "BASH-BRACE-GROUP", node, JOB_STATEMENT);
		break;
	case SHELL_FUNCTION:
		if (!m->deep) {
			leaf(m, "BASH-FUNCTION", shell_span(m->shell, node));
			return;
		}
		push_wrapped(m, "BASH-FUNCTION", node, JOB_STATEMENT);
		break;
	case SHELL_TEST:
		push_wrapped(m, "BASH-CONDITION", node, JOB_WORD);
		break;
	case SHELL_IF:
		push_if(m, node);
		break;
	case SHELL_FOR:
		push_for(m, node);
		break;
	case SHELL_WHILE:
		if (!m->deep) {
			leaf(m, "BASH-WHILE-EXPRESSION", shell_span(m->shell, node));
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
		do_command(m, node);
		return;
	default:
		leaf(m, "UNKNOWN", shell_span(m->shell, node));
		return;
	}
	turn_around(m, from);
}

static void do_statement(struct maker *m, uint32_t node)
{
	const struct shell_tree *t = m->shell;
	size_t from = m->jobs.count;
	uint32_t first = shell_child(t, node);

	while (first && !is_redirect(m, first))
		first = t->nodes[first].next;
	if (!first) {
		do_bare(m, node);
		return;
	}
	push_open(m, "BASH-REDIRECT", node);
	push_within(m, "BASH-REDIRECT-COMMAND", node, JOB_BARE);
	push_open(m, "BASH-REDIRECT-REDIRECTS", node);
	for (; first; first = t->nodes[first].next) {
		if (is_redirect(m, first))
			push_node(m, JOB_REDIRECT, first);
	}
	push(m, JOB_CLOSE);
	push(m, JOB_CLOSE);
	turn_around(m, from);
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

	push_open(m, type, node);
	if (target && m->shell->nodes[target].kind == SHELL_WORD)
		push_within(m, "BASH-PATH", target, JOB_WORD);
	push(m, JOB_CLOSE);
	turn_around(m, from);
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
		j = push(m, JOB_LITERAL);
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
		push_node(m, JOB_PART, node);
		return;
	}
	push_open(m, "BASH-CONCAT", node);
	for (uint32_t n = shell_child(t, node); n; n = t->nodes[n].next) {
		if (t->nodes[n].kind == SHELL_LITERAL) {
			pieces += push_globbed(m, n);
		} else {
			push_node(m, JOB_PART, n);
			pieces++;
		}
	}
	push(m, JOB_CLOSE);
	turn_around(m, from);
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

	open_node(m, "BASH-ASSIGN", span);
	open_node(m, "BASH-ASSIGN-LHS", span);
	kept(m, "BASH-VARIABLE", t->nodes[node].text, false, span);
	forest_close(m->forest);
	push_open(m, "BASH-ASSIGN-RHS", node);
	if (value)
		push_node(m, t->nodes[value].kind == SHELL_WORD ? JOB_WORD : JOB_PART, value);
	push(m, JOB_CLOSE);
	push(m, JOB_CLOSE);
	turn_around(m, from);
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
		told(m, "BASH-LITERAL", n->text, shell_span(m->shell, node));
		return;
	case SHELL_SINGLE:
	case SHELL_ANSI:
		told(m, "BASH-SINGLE-QUOTED", n->text, shell_span(m->shell, node));
		return;
	case SHELL_DOUBLE:
		push_wrapped(m, "BASH-DOUBLE-QUOTED", node, JOB_PART);
		break;
	case SHELL_VARIABLE:
		kept(m, "BASH-VARIABLE", n->text, false, shell_span(m->shell, node));
		return;
	case SHELL_SUBSTITUTION:
		push_wrapped(m, n->flags & SHELL_BACKTICK ? "BASH-BACKTICK" : "BASH-DOLLAR-PARENS",
			     node, JOB_STATEMENT);
		break;
	case SHELL_PROCESS:
		push_wrapped(m, "BASH-PROCESS", node, JOB_STATEMENT);
		break;
	case SHELL_ARRAY:
		push_wrapped(m, "BASH-ARRAY", node, JOB_WORD);
		break;
	case SHELL_ASSIGNMENT:
		do_assignment(m, node);
		return;
	default:
		leaf(m, "UNKNOWN", shell_span(m->shell, node));
		return;
	}
	turn_around(m, from);
}

static void do_job(struct maker *m, const struct job *j)
{
	switch (j->kind) {
	case JOB_OPEN:
		forest_open(m->forest, j->symbol ? j->symbol : symbol(m, j->type), 0,
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
		told(m, j->type ? j->type : "BASH-LITERAL", j->text, shell_span(m->shell, j->node));
		break;
	case JOB_REDIRECT:
		do_redirect(m, j->node);
		break;
	case JOB_USE:
		push_use(m, j->use, j->node, j->depth);
		break;
	}
}

static void add_script(struct maker *m, const struct shell_tree *t)
{
	m->shell = t;
	m->jobs.count = 0;
	push_node(m, JOB_BARE, 0);
	while (m->jobs.count && !m->failed && !m->forest->failed) {
		struct job j = m->jobs.items[--m->jobs.count];

		do_job(m, &j);
	}
}

/* --- instructions --- */

static void add_words(struct maker *m, const struct instruction *i, const char *first,
		      const char *other)
{
	for (uint32_t n = 0; n < i->word_count; n++)
		told(m, n ? other : first, i->words[n].text, i->words[n].span);
}

static void add_paths(struct maker *m, const struct instruction *i, const char *source,
		      const char *target)
{
	for (uint32_t n = 0; n < i->word_count; n++) {
		const struct docker_word *w = &i->words[n];

		open_node(m, n + 1 < i->word_count ? source : target, w->span);
		told(m, "DOCKER-PATH", w->text, w->span);
		forest_close(m->forest);
	}
}

static void add_pairs(struct maker *m, const struct instruction *i, const char *type)
{
	for (uint32_t n = 0; n < i->pair_count; n++) {
		const struct docker_pair *p = &i->pairs[n];

		open_node(m, type, p->span);
		kept(m, "DOCKER-NAME", p->name, false, p->name_span);
		if (p->has_value)
			told(m, "DOCKER-LITERAL", p->value, p->value_span);
		forest_close(m->forest);
	}
}

static void add_each(struct maker *m, const struct instruction *i, const char *type,
		     const char *child, bool keep)
{
	for (uint32_t n = 0; n < i->word_count; n++) {
		open_node(m, type, i->words[n].span);
		if (keep)
			kept(m, child, i->words[n].text, false, i->words[n].span);
		else
			told(m, child, i->words[n].text, i->words[n].span);
		forest_close(m->forest);
	}
}

static void add_from(struct maker *m, const struct instruction *i)
{
	struct image_name image;
	struct span span = i->word_count ? i->words[0].span : i->span;

	open_node(m, "DOCKER-FROM", i->span);
	if (i->word_count) {
		image = image_name_parse(i->words[0].text);
		kept(m, "DOCKER-IMAGE-NAME", image.repository, false, span);
		if (image.registry.len)
			kept(m, "DOCKER-IMAGE-REPO", image.registry, false, span);
		if (image.tag.len)
			kept(m, "DOCKER-IMAGE-TAG", image.tag, false, span);
	}
	forest_close(m->forest);
}

static void add_shell_or_list(struct maker *m, const struct instruction *i, const char *type,
			      const char *first, const char *other)
{
	open_node(m, type, i->span);
	if (i->form == FORM_JSON) {
		add_words(m, i, first, other);
	} else if (i->form == FORM_SHELL) {
		const struct shell_tree *t = lint_shell(m->lint, i);

		if (t->status == SHELL_PARSED && t->count)
			add_script(m, t);
		else
			leaf(m, "UNKNOWN", i->span);
	}
	forest_close(m->forest);
}

static void add_instruction(struct maker *m, const struct instruction *i)
{
	switch (i->kind) {
	case INSTRUCTION_FROM:
		add_from(m, i);
		break;
	case INSTRUCTION_RUN:
		add_shell_or_list(m, i, "DOCKER-RUN", "DOCKER-RUN-EXECUTABLE", "DOCKER-RUN-ARG");
		break;
	case INSTRUCTION_CMD:
		add_shell_or_list(m, i, "DOCKER-CMD", "DOCKER-CMD-ARG", "DOCKER-CMD-ARG");
		break;
	case INSTRUCTION_ENTRYPOINT:
		add_shell_or_list(m, i, "DOCKER-ENTRYPOINT", "DOCKER-ENTRYPOINT-EXECUTABLE",
				  "DOCKER-ENTRYPOINT-ARG");
		break;
	case INSTRUCTION_SHELL:
		open_node(m, "DOCKER-SHELL", i->span);
		add_words(m, i, "DOCKER-SHELL-EXECUTABLE", "DOCKER-SHELL-ARG");
		forest_close(m->forest);
		break;
	case INSTRUCTION_COPY:
	case INSTRUCTION_ADD: {
		bool copy = i->kind == INSTRUCTION_COPY;

		open_node(m, copy ? "DOCKER-COPY" : "DOCKER-ADD", i->span);
		add_paths(m, i, copy ? "DOCKER-COPY-SOURCE" : "DOCKER-ADD-SOURCE",
			  copy ? "DOCKER-COPY-TARGET" : "DOCKER-ADD-TARGET");
		forest_close(m->forest);
		break;
	}
	case INSTRUCTION_ENV:
		add_pairs(m, i, "DOCKER-ENV");
		break;
	case INSTRUCTION_ARG:
		add_pairs(m, i, "DOCKER-ARG");
		break;
	case INSTRUCTION_EXPOSE:
		add_each(m, i, "DOCKER-EXPOSE", "DOCKER-PORT", true);
		break;
	case INSTRUCTION_VOLUME:
		add_each(m, i, "DOCKER-VOLUME", "DOCKER-PATH", false);
		break;
	case INSTRUCTION_WORKDIR:
		add_each(m, i, "DOCKER-WORKDIR", "DOCKER-PATH", false);
		break;
	case INSTRUCTION_USER:
		add_each(m, i, "DOCKER-USER", "DOCKER-LITERAL", false);
		break;
	default:
		/* the published trees have no other instructions */
		break;
	}
}

int docker_tree_add(struct lint *l, struct forest *f, bool deep, struct str name, struct err *e)
{
	struct maker m = {.lint = l, .forest = f, .deep = deep};
	size_t count = l->file->instructions.count;

	open_node(&m, "DOCKER-FILE", (struct span){0, (uint32_t)l->file->text.len});
	for (size_t n = 0; n < count && !m.failed && !f->failed; n++)
		add_instruction(&m, l->file->instructions.items[n]);
	f->failed |= m.failed;
	vec_done(&m.jobs);
	buf_done(&m.name);
	return forest_end_tree(f, name, e);
}
