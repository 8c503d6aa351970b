/*
 * From a node of the tree back to the shell text it was made from, and from there to edits.
 */
#include "dockerfile/association_fix.h"

#include "dockerfile/rules/edits.h"
#include "dockerfile/rules/mounts.h"

struct repair {
	struct lint *lint;
	struct finding *finding;
	const struct association *rule;
	const struct forest *forest;
	uint32_t node; /* of the forest */
	const struct instruction *instruction;
	const struct shell_tree *shell;
	const struct shell_command *command; /* the innermost around the node */
	uint32_t outermost;		     /* COMMAND of the shell tree around that one, or it */
};

/* --- where --- */

static const struct instruction *find_run(const struct dockerfile *d, uint32_t offset)
{
	size_t low = 0, high = d->instructions.count;
	const struct instruction *i;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (d->instructions.items[middle]->span.end <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == d->instructions.count)
		return NULL;
	i = d->instructions.items[low];
	return i->kind == INSTRUCTION_RUN && i->form == FORM_SHELL && i->span.start <= offset
		       ? i
		       : NULL;
}

/* Commands stand in the order of their first byte: the last that begins before and holds it. */
static const struct shell_command *find_command(const struct shell_tree *t, struct span span)
{
	uint32_t low = 0, high = t->command_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (shell_span(t, t->commands[middle].node).start <= span.start)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low > 0; low--) {
		const struct shell_command *c = &t->commands[low - 1];

		if (shell_span(t, c->node).end >= span.end)
			return c;
	}
	return NULL;
}

static bool find_place(struct repair *r)
{
	struct span span = r->forest->nodes.items[r->node].span;

	r->instruction = find_run(r->lint->file, span.start);
	if (!r->instruction)
		return false;
	r->shell = lint_shell(r->lint, r->instruction);
	if (r->shell->status != SHELL_PARSED || r->shell->has_error)
		return false;
	r->command = find_command(r->shell, span);
	if (!r->command)
		return false;
	r->outermost = r->command->node;
	for (uint32_t n = r->command->node; n; n = r->shell->nodes[n].parent) {
		if (r->shell->nodes[n].kind == SHELL_COMMAND)
			r->outermost = n;
	}
	return true;
}

/* Another command may be put beside it with "&&", and both are run as it was. */
static bool is_in_sequence(const struct shell_tree *t, uint32_t node)
{
	switch ((enum shell_kind)t->nodes[t->nodes[node].parent].kind) {
	case SHELL_SCRIPT:
	case SHELL_LIST:
	case SHELL_AND:
	case SHELL_GROUP:
	case SHELL_SUBSHELL:
	case SHELL_CASE_ITEM:
		return !(t->nodes[node].flags & SHELL_BACKGROUND);
	default:
		return false;
	}
}

/* It was run whenever the script comes to its end well. */
static bool is_unconditional(const struct shell_tree *t, uint32_t node)
{
	uint32_t parent = t->nodes[node].parent;

	/* "a && b; c": b only after a, but the script goes on with c */
	if (parent && t->nodes[parent].kind == SHELL_AND &&
	    (!t->nodes[parent].next || parent + 1 == node))
		parent = t->nodes[parent].parent;
	return parent == 0;
}

static bool has_heredoc(const struct shell_tree *t, uint32_t node)
{
	for (uint32_t n = node; n <= t->nodes[node].last; n++) {
		if (t->nodes[n].kind == SHELL_HEREDOC)
			return true;
	}
	return false;
}

static bool is_mounted(const struct instruction *i)
{
	uint32_t at = 0;
	struct str target;

	return mount_next(i, &at, &target);
}

/* --- what --- */

/* A node of that type among [from, last], or FOREST_NONE. */
static uint32_t find_type(const struct repair *r, uint32_t from, uint32_t last, struct str type)
{
	const struct forest_node *nodes = r->forest->nodes.items;
	uint32_t symbol = symbols_find(r->forest->symbols, type);

	for (uint32_t n = from; symbol && n <= last; n++) {
		if (nodes[n].type == symbol)
			return n;
	}
	return FOREST_NONE;
}

static bool has_below(const struct repair *r, struct str type)
{
	const struct forest_node *nodes = r->forest->nodes.items;

	return find_type(r, r->node + 1, nodes[r->node].last, type) != FOREST_NONE;
}

/* Anywhere in the same script. */
static bool has_beside(const struct repair *r, struct str type)
{
	const struct forest_node *nodes = r->forest->nodes.items;
	uint32_t script = symbols_find(r->forest->symbols, STR("BASH-SCRIPT")), n = r->node;

	while (nodes[n].type != script && nodes[n].parent != FOREST_NONE)
		n = nodes[n].parent;
	return find_type(r, n, nodes[n].last, type) != FOREST_NONE;
}

/* Has it, somewhere below, each type that the antecedent has below its first node of that type? */
static bool holds_asked(const struct repair *r, uint32_t node)
{
	const struct forest_node *nodes = r->forest->nodes.items;
	const struct pattern *p = &r->rule->antecedent;
	uint64_t below = 0;
	uint32_t i = 0;

	while (i < p->count && p->nodes[i].type != nodes[node].type)
		i++;
	if (i == p->count)
		return true;
	below = p->nodes[i].children;
	for (i++; i < p->count; i++) {
		bool found = false;

		if (!(below >> i & 1))
			continue;
		below |= p->nodes[i].children;
		for (uint32_t n = node + 1; n <= nodes[node].last && !found; n++)
			found = nodes[n].type == p->nodes[i].type;
		if (!found)
			return false;
	}
	return true;
}

static uint32_t find_named(const struct repair *r, struct str type)
{
	uint32_t last = r->forest->nodes.items[r->node].last;
	uint32_t n = find_type(r, r->node + 1, last, type);

	while (n != FOREST_NONE && !holds_asked(r, n))
		n = find_type(r, n + 1, last, type);
	return n;
}

/* The variable that gets what the command writes and nothing else: of A=$(mktemp -d) the A. */
static struct str assigned_variable(const struct repair *r)
{
	const struct shell_node *nodes = r->shell->nodes, *n;
	uint32_t at = r->command->node;

	if (nodes[nodes[at].parent].kind != SHELL_SUBSTITUTION)
		return STR_NULL;
	while (nodes[at].kind != SHELL_ASSIGNMENT) {
		/* the only child of each node around it */
		if (!at || nodes[at].next || nodes[at].parent + 1 != at)
			return STR_NULL;
		at = nodes[at].parent;
	}
	n = &nodes[at];
	if (n->flags & (SHELL_APPEND | SHELL_INDEXED))
		return STR_NULL;
	return n->text;
}

/*
 * What stands for {name}; data NULL: nothing does. The node of an option's value has the place of
 * the option, the one below it that of the value, or of both where they are one word.
 */
static struct str value_of(const struct repair *r, struct str name)
{
	uint32_t n, child;
	struct str text;

	if (str_is(name, "variable"))
		return assigned_variable(r);
	n = find_named(r, name);
	if (n == FOREST_NONE)
		return STR_NULL;
	child = forest_child(r->forest, n);
	n = child == FOREST_NONE ? n : child;
	text = dockerfile_slice(r->lint->file, r->forest->nodes.items[n].span);
	return text.len && text.data[0] != '-' && str_find_char(text, '\n') < 0 ? text : STR_NULL;
}

/* As it is written; "$A.tar" with quotes when it has none, so that it stays one word. */
static void add_value(struct buf *out, struct str value)
{
	bool plain = str_find_char(value, '$') >= 0;

	for (size_t i = 0; i < value.len; i++)
		plain = plain && !strchr("\"'\\*?[~{`( ", value.data[i]);
	if (plain)
		buf_add_char(out, '"');
	buf_add(out, value);
	if (plain)
		buf_add_char(out, '"');
}

/* The text with what its {names} stand for; false where there is nothing for one. */
static bool expand(const struct repair *r, struct buf *out)
{
	struct str rest = r->rule->fix.text, before, name, value;

	while (association_fix_next(&rest, &before, &name)) {
		value = value_of(r, name);
		if (!value.data)
			return false;
		buf_add(out, before);
		add_value(out, value);
	}
	buf_add(out, rest);
	return true;
}

/* The repair's command. Beside sudo it would need one, too, which is a finding of its own. */
static bool make_command(const struct repair *r, struct buf *out)
{
	return !str_is(r->command->name, "sudo") && expand(r, out);
}

/* --- the ways --- */

static void say(const struct repair *r, bool safe)
{
	lint_fix(r->lint, r->finding, safe && r->rule->fix.safe, "%.*s",
		 STR_ARG(r->rule->fix.reason));
}

static void put(const struct repair *r, uint32_t at, const struct buf *text)
{
	if (buf_failed(text))
		lint_fail(r->lint);
	else
		lint_edit(r->lint, r->finding, at, at, buf_str(text));
}

static void add_option(const struct repair *r)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	uint32_t end = r->forest->nodes.items[r->node].span.end;

	buf_add_char(&b, ' ');
	if (!expand(r, &b))
		return;
	say(r, true);
	put(r, end, &b);
}

static void append(const struct repair *r)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	bool always = is_unconditional(r->shell, r->outermost);
	uint32_t offset;

	/* a name is known at the end only when it is set in any case */
	if ((!always && str_find_char(r->rule->fix.text, '{') >= 0) ||
	    !script_end(r->instruction, r->shell, &offset) || !make_command(r, &b))
		return;
	say(r, always && !is_mounted(r->instruction));
	if (buf_failed(&b))
		lint_fail(r->lint);
	else
		edit_append(r->lint, r->finding, r->instruction, offset, buf_str(&b));
}

static void put_before(const struct repair *r)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	const struct shell_tree *t = r->shell;
	const struct association_fix *fix = &r->rule->fix;
	bool ends = fix->append.len && !is_mounted(r->instruction) && !has_beside(r, fix->unless);
	uint32_t node = r->outermost, end = 0;

	/* "yes | install": in front of the whole; "a || b": in front of a only */
	while (t->nodes[t->nodes[node].parent].kind == SHELL_PIPELINE ||
	       (t->nodes[t->nodes[node].parent].kind == SHELL_OR &&
		t->nodes[node].parent + 1 == node))
		node = t->nodes[node].parent;
	if (!is_in_sequence(t, node) || !make_command(r, &b) ||
	    (ends && !script_end(r->instruction, t, &end)))
		return;
	buf_add_cstr(&b, " && ");
	say(r, true);
	put(r, shell_span(t, node).start, &b);
	if (ends)
		edit_append(r->lint, r->finding, r->instruction, end, fix->append);
}

static void put_behind(const struct repair *r)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	const struct shell_tree *t = r->shell;
	uint32_t node = r->command->node;

	buf_add_cstr(&b, " && ");
	if (node != r->outermost || !is_in_sequence(t, node) || has_heredoc(t, node) ||
	    !make_command(r, &b))
		return;
	say(r, true);
	put(r, shell_span(t, node).end, &b);
}

/* Is it below the antecedent's node as the pattern's node with ^ is: types around it in order? */
static bool is_marked(const struct repair *r, uint32_t node)
{
	const struct forest_node *nodes = r->forest->nodes.items;
	const struct pattern *p = &r->rule->antecedent;
	uint32_t want = p->mark;

	if (nodes[node].type != p->nodes[want].type)
		return false;
	for (;;) {
		if (nodes[node].type == p->nodes[want].type) {
			if (want == 0)
				return true;
			want = p->nodes[want].parent;
		}
		if (node == r->node)
			return false;
		node = nodes[node].parent;
	}
}

static void replace(const struct repair *r)
{
	const struct association_fix *fix = &r->rule->fix;
	const struct forest_node *nodes = r->forest->nodes.items;
	uint32_t done = 0;
	bool said = false;

	for (uint32_t n = r->node; n <= nodes[r->node].last; n++) {
		struct str text = dockerfile_slice(r->lint->file, nodes[n].span);

		if (nodes[n].span.start < done || !is_marked(r, n))
			continue;
		for (size_t at = 0; at + fix->text.len <= text.len;) {
			uint32_t start = nodes[n].span.start + (uint32_t)at;

			if (!str_starts(str_from(text, at), fix->text)) {
				at++;
				continue;
			}
			if (!said)
				say(r, true);
			said = true;
			lint_edit(r->lint, r->finding, start, start + (uint32_t)fix->text.len,
				  fix->with);
			at += fix->text.len;
			done = start + (uint32_t)fix->text.len;
		}
	}
}

void association_fix_add(struct lint *l, struct finding *f, const struct association *a,
			 const struct forest *forest, uint32_t node)
{
	static void (*const ways[FIX_KINDS])(const struct repair *) = {
		[FIX_OPTION] = add_option, [FIX_APPEND] = append,   [FIX_BEFORE] = put_before,
		[FIX_BEHIND] = put_behind, [FIX_REPLACE] = replace,
	};
	struct repair r = {.lint = l, .finding = f, .rule = a, .forest = forest, .node = node};

	if (a->fix.kind == FIX_ADVICE)
		say(&r, true);
	else if (a->fix.kind != FIX_NONE && find_place(&r) &&
		 (!a->fix.when.len || has_below(&r, a->fix.when)) &&
		 (!a->fix.beside.len || has_beside(&r, a->fix.beside)))
		ways[a->fix.kind](&r);
}
