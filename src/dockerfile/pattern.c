/*
 * Reading patterns: TYPE^=value(child child ...).
 */
#include "dockerfile/association.h"

struct pattern_reader {
	struct str text;
	size_t at;
	struct symbols *symbols;
	struct pattern *out;
	struct buf normal;
	struct buf word;
	bool marked;
};

static int bad(const struct pattern_reader *r, struct err *e, const char *what)
{
	return err_set(e, ERR_FORMAT, "pattern, column %zu: %s", r->at + 1, what);
}

static int peek(const struct pattern_reader *r)
{
	return r->at < r->text.len ? (unsigned char)r->text.data[r->at] : -1;
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct pattern_reader *r)
{
	while (is_blank(peek(r)))
		r->at++;
}

static bool ends_word(int c)
{
	return c < 0 || is_blank(c) || c == '(' || c == ')' || c == '^' || c == '=' || c == '"';
}

static int read_quoted(struct pattern_reader *r, struct err *e)
{
	for (r->at++; peek(r) != '"'; r->at++) {
		if (peek(r) == '\\')
			r->at++;
		if (peek(r) < 0)
			return bad(r, e, "the quote does not end");
		buf_add_char(&r->word, r->text.data[r->at]);
	}
	r->at++;
	return 0;
}

static void write_word(struct pattern_reader *r)
{
	struct str word = buf_str(&r->word);
	bool plain = word.len > 0;

	for (size_t i = 0; i < word.len && plain; i++)
		plain = !ends_word((unsigned char)word.data[i]) && word.data[i] != '\\';
	if (plain) {
		buf_add(&r->normal, word);
		return;
	}
	buf_add_char(&r->normal, '"');
	for (size_t i = 0; i < word.len; i++) {
		if (word.data[i] == '"' || word.data[i] == '\\')
			buf_add_char(&r->normal, '\\');
		buf_add_char(&r->normal, word.data[i]);
	}
	buf_add_char(&r->normal, '"');
}

/* A word or quoted text to a symbol. */
static int read_word(struct pattern_reader *r, uint32_t *ret, struct err *e)
{
	buf_clear(&r->word);
	if (peek(r) == '"') {
		if (read_quoted(r, e) < 0)
			return -1;
	} else {
		for (; !ends_word(peek(r)); r->at++)
			buf_add_char(&r->word, r->text.data[r->at]);
		if (!r->word.len)
			return bad(r, e, "a type or value is missing");
	}
	write_word(r);
	*ret = buf_failed(&r->word) ? 0 : symbols_add(r->symbols, buf_str(&r->word));
	return *ret ? 0 : ERR_NOMEM(e);
}

/* TYPE, ^, =value; *parent is the open node or UINT32_MAX, and becomes this one. */
static int read_node(struct pattern_reader *r, uint32_t *parent, struct err *e)
{
	struct pattern *p = r->out;
	struct pattern_node *n;

	if (p->count == PATTERN_NODES_MAX)
		return err_set(e, ERR_LIMIT, "a pattern of more than %d nodes", PATTERN_NODES_MAX);
	n = &p->nodes[p->count];
	*n = (struct pattern_node){.parent = *parent};
	if (read_word(r, &n->type, e) < 0)
		return -1;
	if (peek(r) == '^') {
		if (r->marked)
			return bad(r, e, "there is one ^ already");
		r->marked = true;
		p->mark = p->count;
		buf_add_char(&r->normal, '^');
		r->at++;
	}
	if (peek(r) == '=') {
		buf_add_char(&r->normal, '=');
		r->at++;
		if (read_word(r, &n->value, e) < 0)
			return -1;
	}
	if (*parent != UINT32_MAX)
		p->nodes[*parent].children |= (uint64_t)1 << p->count;
	else
		p->roots |= (uint64_t)1 << p->count;
	*parent = p->count++;
	return 0;
}

/* Behind a node: its children, the next one, or ends. *ret_more: a node follows. */
static int read_between(struct pattern_reader *r, uint32_t *open, bool *ret_more, struct err *e)
{
	uint32_t above = r->out->nodes[*open].parent;

	*ret_more = true;
	skip_blanks(r);
	if (peek(r) == '(') {
		buf_add_char(&r->normal, '(');
		r->at++;
		skip_blanks(r);
		return 0;
	}
	for (;; above = r->out->nodes[above].parent) {
		skip_blanks(r);
		if (above == UINT32_MAX || peek(r) != ')')
			break;
		buf_add_char(&r->normal, ')');
		r->at++;
	}
	if (above == UINT32_MAX && peek(r) < 0) {
		*ret_more = false;
		return 0;
	}
	if (peek(r) < 0)
		return bad(r, e, "a ) is missing");
	if (above == UINT32_MAX && ends_word(peek(r)) && peek(r) != '"')
		return bad(r, e, "text behind the pattern");
	buf_add_char(&r->normal, ' ');
	*open = above;
	return 0;
}

static int read_all(struct pattern_reader *r, struct err *e)
{
	uint32_t open = UINT32_MAX;
	bool more = true;

	skip_blanks(r);
	while (more) {
		if (read_node(r, &open, e) < 0 || read_between(r, &open, &more, e) < 0)
			return -1;
	}
	return 0;
}

int pattern_parse(struct str text, struct symbols *symbols, struct arena *arena,
		  struct pattern *ret, struct err *e)
{
	struct pattern_reader r = {.text = text, .symbols = symbols, .out = ret};
	int result;

	ret->count = 0;
	ret->roots = 0;
	ret->mark = 0;
	result = read_all(&r, e);
	if (result == 0) {
		ret->text = arena_str(arena, buf_str(&r.normal));
		if (buf_failed(&r.normal) || !ret->text.data)
			result = ERR_NOMEM(e);
	}
	buf_done(&r.normal);
	buf_done(&r.word);
	return result;
}
