/*
 * The compact shell tree: layout of a draft in preorder, the list of simple commands, and questions
 * to it. No parser here.
 */
#include "base/buf.h"

#include "dockerfile/shell_build.h"

static const char *const kind_names[SHELL_KINDS] = {
#define X(name, text) text,
	SHELL_KINDS_LIST(X)
#undef X
};

const char *shell_kind_name(enum shell_kind kind)
{
	return kind_names[kind];
}

const char *shell_status_name(enum shell_status status)
{
	static const char *const names[] = {
		[SHELL_PARSED] = "parsed",	 [SHELL_NO_BODY] = "no body",
		[SHELL_FOREIGN] = "foreign",	 [SHELL_TOO_LONG] = "too long",
		[SHELL_TOO_SLOW] = "too slow",	 [SHELL_TOO_MUCH] = "too much",
		[SHELL_BAD_BYTES] = "bad bytes", [SHELL_UNAVAILABLE] = "unavailable",
	};

	return names[status];
}

uint32_t shell_draft_add(struct shell_draft *d, enum shell_kind kind, uint32_t start, uint32_t end)
{
	struct shell_draft_node *n;

	if (d->nodes.count == 0 && !vec_push(&d->nodes)) {
		d->failed = true;
		return 0;
	}
	n = vec_push(&d->nodes);
	if (!n) {
		d->failed = true;
		return 0;
	}
	n->kind = (uint16_t)kind;
	n->start = start;
	n->end = end;
	return (uint32_t)(d->nodes.count - 1);
}

void shell_draft_append(struct shell_draft *d, uint32_t parent, uint32_t child)
{
	struct shell_draft_node *p, *c;

	if (!parent || !child)
		return;
	p = &d->nodes.items[parent];
	c = &d->nodes.items[child];
	c->next = 0;
	if (p->kind == SHELL_LIST) {
		if (!p->first)
			p->start = c->start;
		if (c->end > p->end)
			p->end = c->end;
	}
	if (p->final)
		d->nodes.items[p->final].next = child;
	else
		p->first = child;
	p->final = child;
}

struct str shell_unescape(struct arena *arena, struct str s, const char *escapable)
{
	char *out;
	size_t at = 0;

	if (str_find_char(s, '\\') < 0)
		return s;
	out = arena_bytes(arena, s.len);
	if (!out)
		return s;
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '\\' && i + 1 < s.len && s.data[i + 1] == '\n') {
			i++;
			continue;
		}
		if (s.data[i] == '\\' && i + 1 < s.len && s.data[i + 1] &&
		    (!escapable || strchr(escapable, s.data[i + 1])))
			i++;
		out[at++] = s.data[i];
	}
	return str_make(out, at);
}

/* "a && b && c" comes as and(and(a, b), c), behind heredocs as and(a, and(b, c)). */
static bool is_inlined(const struct shell_draft_node *parent, const struct shell_draft_node *child)
{
	return parent->kind == child->kind && !(child->flags & SHELL_BACKGROUND) &&
	       (child->kind == SHELL_AND || child->kind == SHELL_OR ||
		child->kind == SHELL_PIPELINE);
}

static struct shell_layout_frame *push(struct shell_draft *d, struct shell_layout_frame frame)
{
	struct shell_layout_frame *slot = vec_push(&d->stack);

	if (!slot) {
		d->failed = true;
		return NULL;
	}
	*slot = frame;
	return slot;
}

static uint32_t emit(struct shell_node *nodes, uint32_t count, const struct shell_draft_node *from,
		     uint32_t parent)
{
	nodes[count] = (struct shell_node){
		.kind = from->kind,
		.flags = from->flags,
		.start = from->start,
		.end = from->end,
		.parent = parent,
		.last = count,
		.text = from->text,
	};
	return count;
}

static int lay_out(struct shell_draft *d, uint32_t root, struct shell_node *nodes,
		   uint32_t *ret_count)
{
	uint32_t count = 1;

	emit(nodes, 0, &d->nodes.items[root], 0);
	d->stack.count = 0;
	if (!push(d, (struct shell_layout_frame){.child = d->nodes.items[root].first}))
		return -1;
	while (d->stack.count) {
		struct shell_layout_frame *top = &d->stack.items[d->stack.count - 1];
		const struct shell_draft_node *child;
		uint32_t out;

		if (!top->child) {
			uint32_t prev = top->prev;
			bool inlined = top->inlined;

			if (!inlined)
				nodes[top->out].last = count - 1;
			d->stack.count--;
			if (inlined)
				d->stack.items[d->stack.count - 1].prev = prev;
			continue;
		}
		child = &d->nodes.items[top->child];
		top->child = child->next;
		if (is_inlined(&(struct shell_draft_node){.kind = nodes[top->out].kind}, child)) {
			struct shell_layout_frame frame = {child->first, top->out, top->prev, true};

			if (!push(d, frame))
				return -1;
			continue;
		}
		out = emit(nodes, count, child, top->out);
		count++;
		if (top->prev)
			nodes[top->prev].next = out;
		top->prev = out;
		if (child->first &&
		    !push(d, (struct shell_layout_frame){.child = child->first, .out = out}))
			return -1;
	}
	*ret_count = count;
	return 0;
}

static bool is_expansion(unsigned kind)
{
	return kind == SHELL_VARIABLE || kind == SHELL_SUBSTITUTION || kind == SHELL_ARITHMETIC ||
	       kind == SHELL_PROCESS;
}

/* The value of a word: parts with quotes and escapes off, expansions as written. */
static int word_value(const struct shell_tree *t, uint32_t word, struct arena *arena,
		      struct shell_arg *ret)
{
	struct str single = STR("");
	size_t bytes = 0, at = 0, parts = 0;
	char *out;

	ret->literal = true;
	for (uint32_t n = word + 1; n <= t->nodes[word].last; n++) {
		const struct shell_node *node = &t->nodes[n];
		struct str text = node->text;

		if (node->kind == SHELL_DOUBLE || node->kind == SHELL_SINGLE ||
		    node->kind == SHELL_ANSI)
			ret->quoted = true;
		if (node->kind == SHELL_DOUBLE)
			continue;
		if (is_expansion(node->kind)) {
			ret->literal = false;
			text = shell_source(t, n);
			n = node->last;
		}
		single = text;
		bytes += text.len;
		parts++;
	}
	ret->text = single;
	if (parts < 2)
		return 0;
	out = arena_bytes(arena, bytes);
	if (!out)
		return -1;
	for (uint32_t n = word + 1; n <= t->nodes[word].last; n++) {
		const struct shell_node *node = &t->nodes[n];
		struct str text = node->text;

		if (node->kind == SHELL_DOUBLE)
			continue;
		if (is_expansion(node->kind)) {
			text = shell_source(t, n);
			n = node->last;
		}
		if (text.len)
			memcpy(out + at, text.data, text.len);
		at += text.len;
	}
	ret->text = str_make(out, at);
	return 0;
}

/* "NAME=value" of a declaration, the value with its quotes off. */
static int assignment_value(const struct shell_tree *t, uint32_t node, struct arena *arena,
			    struct shell_arg *ret)
{
	const struct shell_node *n = &t->nodes[node];
	uint32_t word = shell_child(t, node);
	struct shell_arg value = {.text = STR("")};

	if (!word || t->nodes[word].kind != SHELL_WORD || (n->flags & SHELL_INDEXED)) {
		ret->text = shell_source(t, node);
		return 0;
	}
	if (word_value(t, word, arena, &value) < 0)
		return -1;
	ret->literal = value.literal;
	ret->quoted = value.quoted;
	ret->text = arena_printf(arena, "%.*s%s=", (int)n->text.len, n->text.data,
				 n->flags & SHELL_APPEND ? "+" : "");
	if (ret->text.data && value.text.len) {
		char *out = arena_bytes(arena, ret->text.len + value.text.len);

		if (!out)
			return -1;
		memcpy(out, ret->text.data, ret->text.len);
		memcpy(out + ret->text.len, value.text.data, value.text.len);
		ret->text = str_make(out, ret->text.len + value.text.len);
	}
	return ret->text.data ? 0 : -1;
}

static bool is_arg(const struct shell_node *n)
{
	return n->kind == SHELL_WORD ||
	       (n->kind == SHELL_ASSIGNMENT && (n->flags & SHELL_DECLARED));
}

static int add_command(struct shell_tree *t, struct shell_command *c, uint32_t node,
		       struct arena *arena)
{
	struct shell_arg *argv;
	ptrdiff_t slash;
	uint32_t argc = 0;

	for (uint32_t n = shell_child(t, node); n; n = t->nodes[n].next)
		argc += is_arg(&t->nodes[n]);
	argv = arena_alloc_array(arena, argc, sizeof(*argv));
	if (!argv)
		return -1;
	*c = (struct shell_command){.node = node, .argc = argc, .argv = argv};
	argc = 0;
	for (uint32_t n = shell_child(t, node); n; n = t->nodes[n].next) {
		if (!is_arg(&t->nodes[n]))
			continue;
		argv[argc].node = n;
		if ((t->nodes[n].kind == SHELL_ASSIGNMENT
			     ? assignment_value(t, n, arena, &argv[argc])
			     : word_value(t, n, arena, &argv[argc])) < 0)
			return -1;
		argc++;
	}
	slash = str_find_last_char(argv[0].text, '/');
	c->name = str_from(argv[0].text, (size_t)(slash + 1));
	return 0;
}

static bool has_name(const struct shell_tree *t, uint32_t node)
{
	for (uint32_t n = shell_child(t, node); n; n = t->nodes[n].next) {
		if (t->nodes[n].kind == SHELL_WORD)
			return true;
	}
	return false;
}

static int collect_commands(struct shell_tree *t, struct arena *arena)
{
	struct shell_command *commands;
	uint32_t count = 0;

	for (uint32_t n = 0; n < t->count; n++)
		count += t->nodes[n].kind == SHELL_COMMAND && has_name(t, n);
	commands = arena_alloc_array(arena, count ? count : 1, sizeof(*commands));
	if (!commands)
		return -1;
	t->commands = commands;
	for (uint32_t n = 0; n < t->count; n++) {
		if (t->nodes[n].kind != SHELL_COMMAND || !has_name(t, n))
			continue;
		if (add_command(t, &commands[t->command_count++], n, arena) < 0)
			return -1;
	}
	return 0;
}

int shell_layout(struct shell_draft *d, uint32_t root, struct arena *arena, struct shell_tree *ret)
{
	struct shell_node *nodes;

	if (d->failed || !root)
		return -1;
	nodes = arena_bytes(arena, 0) ? arena_alloc_array(arena, d->nodes.count, sizeof(*nodes))
				      : NULL;
	if (!nodes || lay_out(d, root, nodes, &ret->count) < 0)
		return -1;
	ret->nodes = nodes;
	return collect_commands(ret, arena);
}

struct span shell_span_of(const struct shell_tree *t, uint32_t start, uint32_t end)
{
	return joined_span(&t->body, start, end);
}

struct span shell_span(const struct shell_tree *t, uint32_t node)
{
	return shell_span_of(t, t->nodes[node].start, t->nodes[node].end);
}

struct span shell_args_span(const struct shell_tree *t, const struct shell_command *c,
			    uint32_t first, uint32_t last)
{
	return shell_span_of(t, t->nodes[c->argv[first].node].start,
			     t->nodes[c->argv[last].node].end);
}

uint32_t shell_ancestor(const struct shell_tree *t, uint32_t node, enum shell_kind kind)
{
	while (node) {
		node = t->nodes[node].parent;
		if (t->nodes[node].kind == kind)
			return node;
	}
	return SHELL_NONE;
}

const struct shell_command *shell_command_of(const struct shell_tree *t, uint32_t node)
{
	uint32_t low = 0, high = t->command_count;

	if (t->nodes[node].kind != SHELL_COMMAND)
		node = shell_ancestor(t, node, SHELL_COMMAND);
	while (node && low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (t->commands[middle].node == node)
			return &t->commands[middle];
		if (t->commands[middle].node < node)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

uint32_t shell_arg_find(const struct shell_command *c, uint32_t from, const char *word)
{
	for (uint32_t i = from; i < c->argc; i++) {
		if (str_is(c->argv[i].text, word))
			return i;
	}
	return 0;
}

void shell_dump(const struct shell_tree *t, struct buf *out)
{
	for (uint32_t n = 0; n < t->count; n++) {
		const struct shell_node *node = &t->nodes[n];
		uint32_t up = n;

		while (up) {
			buf_add_cstr(out, "  ");
			up = t->nodes[up].parent;
		}
		buf_printf(out, "%s %u-%u", kind_names[node->kind], node->start, node->end);
		if (node->flags)
			buf_printf(out, " +%x", node->flags);
		if (node->text.data) {
			buf_add_cstr(out, " '");
			buf_add_escaped(out, node->text);
			buf_add_char(out, '\'');
		}
		buf_add_char(out, '\n');
	}
}

/* Appends to a joined text under construction. */
struct joining {
	struct joint *joints;
	uint32_t count;
	char *text;
	size_t len;
};

static void put(struct joining *j, struct str part, uint32_t file)
{
	j->joints[j->count++] = (struct joint){(uint32_t)j->len, file};
	memcpy(j->text + j->len, part.data, part.len);
	j->len += part.len;
}

static void put_joined(struct joining *j, const struct joined *from)
{
	size_t at = 0;

	while (at < from->text.len) {
		uint32_t n = 0, end;
		uint32_t absolute = from->base + (uint32_t)at;

		/* the joints are few and in order: find the one that covers `absolute` */
		for (uint32_t low = 0, high = from->count; low < high;) {
			uint32_t middle = low + (high - low) / 2;

			if (from->joints[middle].at <= absolute) {
				n = middle;
				low = middle + 1;
			} else {
				high = middle;
			}
		}
		end = n + 1 < from->count ? from->joints[n + 1].at - from->base
					  : (uint32_t)from->text.len;
		if (end > from->text.len)
			end = (uint32_t)from->text.len;
		if (end <= at)
			break;
		put(j, str_sub(from->text, at, end),
		    from->joints[n].file + (absolute - from->joints[n].at));
		at = end;
	}
}

static size_t count_lines(struct str s)
{
	size_t count = 1;
	struct str rest = s, line;

	while (str_next(&rest, '\n', &line))
		count++;
	return count;
}

/* The command is one heredoc marker and nothing else: its body is the script. */
static bool is_script(const struct instruction *i)
{
	struct str t = i->command.text;

	return i->heredoc_count == 1 && t.len &&
	       joined_offset(&i->command, 0) == i->heredocs[0].marker.start &&
	       joined_offset(&i->command, t.len) == i->heredocs[0].marker.end;
}

struct str shell_interpreter(struct str script)
{
	struct str line, word;
	size_t at = 2, start, end;
	ptrdiff_t slash;

	if (!str_starts(script, STR("#!")) || !str_next_line(&script, &line))
		return STR_NULL;
	if (!docker_word_next(line, &at, &start, &end))
		return STR("");
	word = str_sub(line, start, end);
	slash = str_find_last_char(word, '/');
	word = str_from(word, (size_t)(slash + 1));
	if (str_is(word, "env") && docker_word_next(line, &at, &start, &end)) {
		word = str_sub(line, start, end);
		if (str_is(word, "-S") && docker_word_next(line, &at, &start, &end))
			word = str_sub(line, start, end);
	}
	return word;
}

/* The heredoc's lines as the script gets them. */
static void put_script(const struct dockerfile *d, const struct docker_heredoc *h,
		       struct joining *j)
{
	struct str rest = dockerfile_slice(d, h->body);
	uint32_t at = h->body.start;

	if (!h->chomp) {
		put(j, rest, at);
		return;
	}
	while (rest.len) {
		ptrdiff_t lf = str_find_char(rest, '\n');
		size_t len = lf < 0 ? rest.len : (size_t)lf + 1, tabs = 0;

		while (tabs < len && rest.data[tabs] == '\t')
			tabs++;
		put(j, str_sub(rest, tabs, len), at + (uint32_t)tabs);
		rest = str_from(rest, len);
		at += (uint32_t)len;
	}
}

int shell_body(const struct dockerfile *d, const struct instruction *i, struct arena *arena,
	       struct joined *ret_body, struct str *ret_interpreter, struct err *e)
{
	size_t bytes = i->command.text.len, joints = i->command.count;
	bool script = is_script(i);
	struct joining j = {0};

	*ret_body = i->command;
	*ret_interpreter = STR_NULL;
	if (i->form != FORM_SHELL) {
		*ret_body = (struct joined){0};
		return 0;
	}
	if (!i->heredoc_count)
		return 0;
	for (uint32_t n = 0; n < i->heredoc_count; n++) {
		const struct docker_heredoc *h = &i->heredocs[n];

		bytes += 1 + (h->body.end - h->body.start) +
			 (h->terminator.end - h->terminator.start) + 1;
		joints += 3 + (script && h->chomp ? count_lines(dockerfile_slice(d, h->body)) : 0);
	}
	j.text = arena_bytes(arena, bytes);
	j.joints = arena_alloc_array(arena, joints, sizeof(*j.joints));
	if (!j.text || !j.joints)
		return ERR_NOMEM(e);
	if (script) {
		put_script(d, &i->heredocs[0], &j);
	} else {
		put_joined(&j, &i->command);
		for (uint32_t n = 0; n < i->heredoc_count; n++) {
			const struct docker_heredoc *h = &i->heredocs[n];

			if (j.len && j.text[j.len - 1] != '\n')
				put(&j, STR("\n"), h->body.start);
			put(&j, dockerfile_slice(d, h->body), h->body.start);
			put(&j, dockerfile_slice(d, h->terminator), h->terminator.start);
		}
	}
	if (!j.count)
		j.joints[j.count++].file = i->heredocs[0].body.start;
	ret_body->text = str_make(j.text, j.len);
	ret_body->base = 0;
	ret_body->joints = j.joints;
	ret_body->count = j.count;
	if (script)
		*ret_interpreter = shell_interpreter(ret_body->text);
	return 0;
}
