/*
 * Splitting and assignments of shell bodies. No program is run here, so which statements run is
 * taken from the tree: what stands in a branch, a loop or behind && may not have run, what stands
 * in a subshell or a pipeline is gone behind it.
 */
#include "dockerfile/shell_words.h"

#include "dockerfile/graph.h"

/*
 * Limits, so that no body costs the square of its length: beyond so many assignments of one name,
 * statements around an assignment, or assignments before one command, a value counts as anything.
 */
enum { SETTERS_MAX = 256, DEPTH_MAX = 256, PREFIX_MAX = 64 };

static bool is_one_of(struct str name, const char *const *names)
{
	for (; *names; names++) {
		if (str_is(name, *names))
			return true;
	}
	return false;
}

/* The word is the first of its command, and the part all there is in it. */
static bool is_command_name(const struct shell_tree *t, uint32_t word, uint32_t part)
{
	const struct shell_node *w = &t->nodes[word], *p = &t->nodes[part];
	unsigned steps = 0;

	if (w->start != p->start || w->end != p->end)
		return false;
	for (uint32_t n = shell_child(t, w->parent); n && n < word; n = t->nodes[n].next) {
		if (t->nodes[n].kind == SHELL_WORD || ++steps > PREFIX_MAX)
			return false;
	}
	return true;
}

bool shell_splits(const struct shell_tree *t, uint32_t node, bool posix)
{
	uint32_t word = t->nodes[node].parent, owner = t->nodes[word].parent;
	const struct shell_node *o = &t->nodes[owner];

	if (t->nodes[word].kind != SHELL_WORD)
		return false;
	switch ((enum shell_kind)o->kind) {
	case SHELL_COMMAND:
		return !is_command_name(t, word, node);
	case SHELL_TEST:
		return !(o->flags & SHELL_TEST_DOUBLE);
	case SHELL_REDIRECT:
		return !str_is(o->text, "<<<");
	case SHELL_ASSIGNMENT:
		return (o->flags & SHELL_DECLARED) && posix;
	default:
		return false;
	}
}

bool shell_in_backticks(const struct shell_tree *t, uint32_t node)
{
	for (unsigned depth = 0; node; depth++) {
		node = t->nodes[node].parent;
		/* so deep nobody looks: as if it were */
		if (depth == DEPTH_MAX)
			return true;
		if (t->nodes[node].kind == SHELL_SUBSTITUTION &&
		    (t->nodes[node].flags & SHELL_BACKTICK))
			return true;
	}
	return false;
}

bool shell_is_special(struct str name)
{
	static const char *const names[] = {
		"HOME",		 "PATH",    "PWD",	 "OLDPWD",     "IFS",	   "RANDOM",
		"UID",		 "EUID",    "GROUPS",	 "HOSTNAME",   "HOSTTYPE", "MACHTYPE",
		"OSTYPE",	 "SHELL",   "USER",	 "LOGNAME",    "LINENO",   "PPID",
		"SECONDS",	 "SHLVL",   "SHELLOPTS", "OPTARG",     "OPTIND",   "OPTERR",
		"REPLY",	 "PS1",	    "PS2",	 "PS3",	       "PS4",	   "TERM",
		"COLUMNS",	 "LINES",   "TMPDIR",	 "LANG",       "LANGUAGE", "DIRSTACK",
		"FUNCNAME",	 "HISTCMD", "MAPFILE",	 "PIPESTATUS", "COPROC",   "EPOCHSECONDS",
		"CDPATH",	 "EDITOR",  "VISUAL",	 "PAGER",      "MAIL",	   "DISPLAY",
		"EPOCHREALTIME", "SRANDOM", "_",	 "TIMEFORMAT", "TZ",	   NULL,
	};

	if (name.len == 0 || name.data[0] < 'A')
		return true;
	return is_one_of(name, names) || str_starts(name, STR("BASH")) ||
	       str_starts(name, STR("LC_"));
}

/* What the shell gives for these is a number or a word of letters. */
static bool is_number(struct str name)
{
	static const char *const names[] = {
		"?",	   "#",
		"$",	   "!",
		"RANDOM",  "UID",
		"EUID",	   "LINENO",
		"PPID",	   "SECONDS",
		"SHLVL",   "OPTIND",
		"OPTERR",  "COLUMNS",
		"LINES",   "HISTCMD",
		"BASHPID", "EPOCHSECONDS",
		"SRANDOM", "BASH_SUBSHELL",
		NULL,
	};

	return is_one_of(name, names);
}

static const struct shell_setter *newest(const struct shell_variables *v, struct str name)
{
	return name.data ? map_find(&v->setters, name) : NULL;
}

bool shell_variable_is_set(const struct shell_variables *v, struct str name)
{
	return newest(v, name);
}

static bool is_declared(const struct shell_variables *v, struct str name)
{
	return is_proxy_arg(name) || (v->state && scope_find(v->state->variables, name));
}

bool shell_variable_is_known(const struct shell_variables *v, struct str name)
{
	return shell_is_special(name) || shell_variable_is_set(v, name) || is_declared(v, name);
}

bool shell_variable_is_guarded(const struct shell_tree *t, uint32_t n)
{
	struct str source = shell_source(t, n);
	size_t at = 2 + t->nodes[n].text.len;

	if (!(t->nodes[n].flags & SHELL_BRACED))
		return false;
	if (source.len > 2 && source.data[2] == '!')
		return true;
	if (t->nodes[n].flags & SHELL_INDEXED) {
		ptrdiff_t bracket = str_find_char(source, ']');

		at = bracket < 0 ? source.len : (size_t)bracket + 1;
	}
	at += at < source.len && source.data[at] == ':';
	return at < source.len && strchr("-+=?", source.data[at]) &&
	       !(t->nodes[n].flags & SHELL_LENGTH);
}

static bool name_is_plain(const struct shell_variables *v, struct str name, uint32_t at)
{
	const struct shell_setter *s = newest(v, name);

	if (is_number(name))
		return true;
	for (unsigned steps = 0; s; s = s->older) {
		if (++steps > SETTERS_MAX)
			return false;
		if (s->node >= at || at > s->visible)
			continue;
		if (s->value != SETS_ONE_WORD)
			return false;
		if (at <= s->certain)
			return true;
	}
	return is_declared(v, name);
}

bool shell_variable_is_plain(const struct shell_variables *v, uint32_t node)
{
	const struct shell_node *n = &v->tree->nodes[node];

	return (n->flags & SHELL_LENGTH) || name_is_plain(v, n->text, node);
}

bool shell_variable_is_list(const struct shell_variables *v, uint32_t node)
{
	unsigned steps = 0;

	for (const struct shell_setter *s = newest(v, v->tree->nodes[node].text); s; s = s->older) {
		if (++steps > SETTERS_MAX)
			return true;
		if (s->value == SETS_SEVERAL && s->node < node && node <= s->visible)
			return true;
	}
	return false;
}

static bool text_is_plain(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (strchr(" \t\n*?[", text.data[i]))
			return false;
	}
	return true;
}

/* All of the word's parts, within quotes or not. */
static bool word_is_plain(const struct shell_variables *v, uint32_t word)
{
	const struct shell_tree *t = v->tree;

	for (uint32_t n = word + 1; n <= t->nodes[word].last; n++) {
		const struct shell_node *part = &t->nodes[n];

		switch ((enum shell_kind)part->kind) {
		case SHELL_LITERAL:
		case SHELL_SINGLE:
			if (!text_is_plain(part->text))
				return false;
			break;
		case SHELL_DOUBLE:
			break;
		case SHELL_ARITHMETIC:
			n = part->last;
			break;
		case SHELL_VARIABLE:
			if (!shell_variable_is_plain(v, n))
				return false;
			n = part->last;
			break;
		default:
			return false;
		}
	}
	return true;
}

/* Its literal parts alone have blanks or globs. */
static bool word_is_list(const struct shell_tree *t, uint32_t word)
{
	for (uint32_t n = word + 1; n <= t->nodes[word].last; n++) {
		const struct shell_node *part = &t->nodes[n];

		if (part->kind == SHELL_DOUBLE)
			continue;
		if ((part->kind == SHELL_LITERAL || part->kind == SHELL_SINGLE) &&
		    !text_is_plain(part->text))
			return true;
		n = part->last;
	}
	return false;
}

/* How far an assignment at the node reaches. */
static void reach(const struct shell_tree *t, uint32_t node, struct shell_setter *s)
{
	uint32_t child = node;
	unsigned depth = 0;

	s->visible = s->certain = t->count - 1;
	while (child) {
		uint32_t parent = t->nodes[child].parent;
		const struct shell_node *p = &t->nodes[parent];
		uint32_t certain = t->count - 1;

		if (++depth > DEPTH_MAX) {
			s->certain = node;
			return;
		}
		if (t->nodes[child].flags & SHELL_BACKGROUND)
			s->visible = t->nodes[child].last;
		switch ((enum shell_kind)p->kind) {
		case SHELL_AND:
		case SHELL_OR:
			/* as ShellCheck has it: not even for the next of the chain */
			certain = child == parent + 1 ? certain : t->nodes[child].last;
			break;
		case SHELL_IF:
		case SHELL_WHILE:
		case SHELL_FOR:
			certain = child == parent + 1 && p->kind != SHELL_FOR
					  ? certain
					  : t->nodes[child].last;
			break;
		case SHELL_CASE_ITEM:
		case SHELL_FUNCTION:
			certain = p->last;
			break;
		case SHELL_PIPELINE:
			s->visible = s->visible < t->nodes[child].last ? s->visible
								       : t->nodes[child].last;
			break;
		case SHELL_SUBSHELL:
		case SHELL_SUBSTITUTION:
		case SHELL_PROCESS:
			s->visible = s->visible < p->last ? s->visible : p->last;
			break;
		default:
			break;
		}
		if (certain < s->certain)
			s->certain = certain;
		child = parent;
	}
}

static int add(struct shell_variables *v, struct arena *arena, struct str name, uint32_t node,
	       enum setter_value value)
{
	struct shell_setter *s;
	void **slot;

	if (!name.data || !name.len)
		return 0;
	s = arena_alloc(arena, sizeof(*s));
	slot = s ? map_put(&v->setters, name) : NULL;
	if (!slot)
		return -1;
	*s = (struct shell_setter){.node = node, .value = value, .older = *slot};
	reach(v->tree, node, s);
	*slot = s;
	return 0;
}

static int add_assignment(struct shell_variables *v, struct arena *arena, uint32_t node)
{
	const struct shell_node *n = &v->tree->nodes[node];
	uint32_t value = shell_child(v->tree, node);
	bool plain =
		!value || (v->tree->nodes[value].kind == SHELL_WORD && word_is_plain(v, value));

	if (n->flags & SHELL_APPEND)
		plain = plain && name_is_plain(v, n->text, node);
	if (plain)
		return add(v, arena, n->text, node, SETS_ONE_WORD);
	return add(v, arena, n->text, node,
		   value && v->tree->nodes[value].kind == SHELL_WORD && word_is_list(v->tree, value)
			   ? SETS_SEVERAL
			   : SETS_ANYTHING);
}

static int add_loop(struct shell_variables *v, struct arena *arena, uint32_t node)
{
	bool plain = true;
	uint32_t body = SHELL_NONE;

	if (v->tree->nodes[node].flags & SHELL_FOR_ARITH)
		return 0;
	for (uint32_t n = shell_child(v->tree, node); n; n = v->tree->nodes[n].next) {
		if (v->tree->nodes[n].kind == SHELL_WORD)
			plain = plain && word_is_plain(v, n);
		else if (v->tree->nodes[n].kind == SHELL_LIST && !body)
			body = n;
	}
	/* set anew at the start of the body; without words they are the arguments */
	if (body == node + 1)
		plain = false;
	return add(v, arena, v->tree->nodes[node].text, body ? body : node,
		   plain ? SETS_ONE_WORD : SETS_ANYTHING);
}

static bool is_name(struct str s)
{
	if (!s.len || (s.data[0] >= '0' && s.data[0] <= '9'))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (!(((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return true;
}

/* Commands that assign the variables whose names are their arguments. */
static int add_command(struct shell_variables *v, struct arena *arena,
		       const struct shell_command *c)
{
	static const char *const assigning[] = {
		"read",	 "mapfile",  "readarray", "getopts", "declare", "typeset",
		"local", "readonly", "let",	  "export",  NULL,
	};
	static const char *const opaque[] = {".", "source", "eval", NULL};
	bool format = str_is(c->name, "printf");

	if (is_one_of(c->name, opaque))
		v->opaque = true;
	if (!format && !is_one_of(c->name, assigning))
		return 0;
	for (uint32_t i = 1; i < c->argc; i++) {
		struct str name = c->argv[i].text;
		ptrdiff_t equals = str_find_char(name, '=');

		if (v->tree->nodes[c->argv[i].node].kind == SHELL_ASSIGNMENT)
			continue;
		if (format && !(i > 1 && str_is(c->argv[i - 1].text, "-v")))
			continue;
		if (equals > 0)
			name = str_to(name, (size_t)equals);
		if (is_name(name) && !str_is(c->name, "export") &&
		    add(v, arena, name, c->argv[i].node, SETS_ANYTHING) < 0)
			return -1;
	}
	return 0;
}

/* ${x=y}, ${x:=y}; within $(( )) x=1, x+=1, x++. */
static int add_inner(struct shell_variables *v, struct arena *arena, uint32_t node)
{
	const struct shell_node *n = &v->tree->nodes[node], *p = &v->tree->nodes[n->parent];
	struct str text = v->tree->body.text, rest = str_sub(text, n->end, p->end);
	size_t at = 0;

	if (n->flags & SHELL_BRACED) {
		rest = shell_source(v->tree, node);
		rest = rest.len > 2 + n->text.len ? str_from(rest, 2 + n->text.len) : STR("");
		return str_starts(rest, STR("=")) || str_starts(rest, STR(":="))
			       ? add(v, arena, n->text, node, SETS_ANYTHING)
			       : 0;
	}
	if (p->kind != SHELL_ARITH && p->kind != SHELL_ARITHMETIC && p->kind != SHELL_FOR)
		return 0;
	while (at < rest.len && (rest.data[at] == ' ' || rest.data[at] == '\t'))
		at++;
	rest = str_from(rest, at);
	at = 0;
	while (at < rest.len && strchr("+-*/%&|^<>", rest.data[at]))
		at++;
	if ((at == 2 && (rest.data[0] == '+' || rest.data[0] == '-') &&
	     rest.data[0] == rest.data[1]) ||
	    (at < rest.len && rest.data[at] == '=' && !str_starts(rest, STR("=="))) ||
	    (n->start >= 2 && (text.data[n->start - 1] == '+' || text.data[n->start - 1] == '-') &&
	     text.data[n->start - 1] == text.data[n->start - 2]))
		return add(v, arena, n->text, node, SETS_ONE_WORD);
	return 0;
}

static bool is_prefix(const struct shell_tree *t, uint32_t assignment)
{
	unsigned steps = 0;

	if (t->nodes[assignment].flags & SHELL_DECLARED)
		return false;
	for (uint32_t n = t->nodes[assignment].next; n && steps < PREFIX_MAX;
	     n = t->nodes[n].next, steps++) {
		if (t->nodes[n].kind == SHELL_WORD)
			return true;
	}
	return false;
}

int shell_variables_read(struct shell_variables *v, const struct shell_tree *t,
			 const struct build_state *state, struct arena *arena)
{
	uint32_t command = 0;

	/* what could not be parsed may assign as well */
	*v = (struct shell_variables){.tree = t, .state = state, .opaque = t->has_error};
	map_init(&v->setters, NULL);
	for (uint32_t n = 0; n < t->count; n++) {
		int r = 0;

		switch ((enum shell_kind)t->nodes[n].kind) {
		case SHELL_ASSIGNMENT:
			/* "A=1 go" sets A for go alone */
			r = is_prefix(t, n) ? 0 : add_assignment(v, arena, n);
			break;
		case SHELL_FOR:
			r = add_loop(v, arena, n);
			break;
		case SHELL_VARIABLE:
			r = add_inner(v, arena, n);
			break;
		case SHELL_COMMAND:
			if (command < t->command_count && t->commands[command].node == n)
				r = add_command(v, arena, &t->commands[command++]);
			break;
		default:
			break;
		}
		if (r < 0)
			return -1;
	}
	return 0;
}

void shell_variables_done(struct shell_variables *v)
{
	map_done(&v->setters);
}
