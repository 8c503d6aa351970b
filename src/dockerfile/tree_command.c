/*
 * Commands by their schemas: options, values and positions as nodes (src/dockerfile/commands.def).
 */
#include "dockerfile/tree_maker.h"

/* "sudo sudo sudo ...": each is read to the end of the line, so not without end. */
enum { INNER_MAX = 8 };

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
	struct job *j = maker_push(m, JOB_OPEN);

	j->symbol = symbol;
	j->node = node;
}

static void push_literal(struct maker *m, struct str text, uint32_t node)
{
	struct job *j = maker_push(m, JOB_LITERAL);

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
		maker_push_node(c->m, JOB_PART, a->node);
	else if (is_one_quote(t, a->node))
		push_literal(c->m, a->text, a->node);
	else
		maker_push_node(c->m, JOB_WORD, a->node);
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
	maker_push(c->m, JOB_CLOSE);
}

static void push_value(const struct command_maker *c, const struct command_flag *f)
{
	const struct shell_command *command = c->use->command;
	bool path = listed(paths, c->tree, f->name);
	uint32_t node = command->argv[f->value_arg].node;

	if (path)
		maker_push_open(c->m, "BASH-PATH", node);
	if (f->value_arg != f->arg)
		push_argument(c, f->value_arg);
	else
		push_literal(c->m, f->value, node);
	if (path)
		maker_push(c->m, JOB_CLOSE);
}

static void push_element(const struct command_maker *c, const struct command_flag *f)
{
	uint32_t node = c->use->command->argv[f->arg].node;

	push_symbol(c->m, part_symbol(c, "", f->name, true, true), node);
	push_value(c, f);
	maker_push(c->m, JOB_CLOSE);
}

static void push_greedy(const struct command_maker *c, struct str name)
{
	for (uint32_t i = 0; i < c->use->position_count; i++) {
		uint32_t arg = c->use->positions[i].arg;

		push_symbol(c->m, part_symbol(c, "", name, true, true),
			    c->use->command->argv[arg].node);
		push_argument(c, arg);
		maker_push(c->m, JOB_CLOSE);
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
	maker_push(c->m, JOB_CLOSE);
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
	maker_push(c->m, JOB_CLOSE);
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
		maker_push(c->m, JOB_CLOSE);
	}
	if (many)
		maker_push(c->m, JOB_CLOSE);
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
	j = maker_push(c->m, JOB_USE);
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
		maker_push_node(c->m, JOB_WORD, command->argv[i].node);
		maker_push(c->m, JOB_CLOSE);
	}
	maker_push(c->m, JOB_CLOSE);
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

void maker_push_use(struct maker *m, const struct command_use *use, uint32_t node, unsigned depth)
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
	maker_push(m, JOB_CLOSE);
	maker_turn_around(m, from);
}

/* The published trees know "configure" in the working folder only. */
static bool is_unseen(const struct shell_command *c, const struct command_use *use)
{
	return strcmp(use->schema->tree, "CONFIGURE") == 0 &&
	       !str_is(c->argv[0].text, "./configure");
}

void maker_command(struct maker *m, uint32_t node)
{
	const struct shell_command *c = shell_command_of(m->shell, node);
	const struct command_use *use = c ? lint_use(m->lint, m->shell, c) : NULL;
	size_t from = m->jobs.count;

	if (use && use->schema && (m->deep || !is_unseen(c, use))) {
		maker_push_use(m, use, node, 0);
		return;
	}
	if (c) {
		maker_leaf(m, "UNKNOWN", shell_span(m->shell, node));
		return;
	}
	/* nothing but assignments */
	maker_push_children(m, node, JOB_PART);
	maker_turn_around(m, from);
}
