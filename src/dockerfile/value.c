/*
 * Words to values: BuildKit's shell.Lex with a limit on depth and length, and with "unknown" as a
 * third outcome beside set and unset.
 */
#include "base/buf.h"

#include "dockerfile/graph.h"

static bool is_name_start(char c)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

static bool is_name_char(char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9');
}

static size_t name_end(struct str s, size_t at)
{
	if (at < s.len && !is_name_start(s.data[at])) {
		/* $1, $@, $? ...: one character, digits as many as there are */
		if (s.data[at] >= '0' && s.data[at] <= '9') {
			while (at < s.len && s.data[at] >= '0' && s.data[at] <= '9')
				at++;
			return at;
		}
		return strchr("@*#?-$!", s.data[at]) && s.data[at] ? at + 1 : at;
	}
	while (at < s.len && is_name_char(s.data[at]))
		at++;
	return at;
}

/* The variable behind the '$' at `at`; false when there is none. */
static bool read_use(struct variable_use *u, size_t at)
{
	struct str word = u->word;
	size_t name, op;

	u->braced = at + 1 < word.len && word.data[at + 1] == '{';
	u->start = at;
	u->has_default = false;
	name = at + 1 + u->braced;
	u->end = name_end(word, name);
	if (u->end == name)
		return false;
	u->name = str_sub(word, name, u->end);
	u->at = u->end;
	if (!u->braced || u->end >= word.len)
		return true;
	op = u->end + (word.data[u->end] == ':');
	u->has_default = op < word.len && word.data[op] && strchr("-+?", word.data[op]);
	u->end += word.data[u->end] == '}';
	return true;
}

bool variable_use_next(struct variable_use *u)
{
	while (u->at < u->word.len) {
		size_t at = u->at++;
		char c = u->word.data[at];

		if (c == u->escape && !u->in_single)
			u->at++;
		else if (c == '\'' && !u->in_double)
			u->in_single = !u->in_single;
		else if (c == '"' && !u->in_single)
			u->in_double = !u->in_double;
		else if (c == '$' && !u->in_single && read_use(u, at))
			return true;
	}
	return false;
}

struct lexer {
	struct str s;
	size_t at;
	char escape;
	const struct build_state *state;
	int64_t *left; /* of VALUE_WORK */
	bool unknown;
	unsigned depth;
};

static void lex_until(struct lexer *x, char stop, struct buf *out);

/* A glob of Dockerfile modifiers: * and ? match anything, \ escapes. Greedy backtracking, one star.
 */
static bool match(struct lexer *x, struct str pattern, struct str s)
{
	size_t p = 0, i = 0, star = SIZE_MAX, mark = 0;

	while (i < s.len) {
		if (--*x->left < 0)
			return false;
		if (p < pattern.len && pattern.data[p] == '*') {
			star = p++;
			mark = i;
		} else if (p < pattern.len && pattern.data[p] == '\\' && p + 1 < pattern.len &&
			   pattern.data[p + 1] == s.data[i]) {
			p += 2;
			i++;
		} else if (p < pattern.len &&
			   (pattern.data[p] == '?' || pattern.data[p] == s.data[i])) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++mark;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.data[p] == '*')
		p++;
	return p == pattern.len;
}

static struct str strip(struct lexer *x, struct str s, struct str pattern, bool prefix,
			bool longest)
{
	for (size_t n = 0; n <= s.len; n++) {
		size_t len = longest ? s.len - n : n;

		if (match(x, pattern, prefix ? str_to(s, len) : str_from(s, s.len - len)))
			return prefix ? str_from(s, len) : str_to(s, s.len - len);
	}
	return s;
}

static void replace(struct lexer *x, struct str s, struct str pattern, struct str with, bool all,
		    struct buf *out)
{
	size_t i = 0;

	while (i < s.len) {
		size_t len;

		for (len = s.len - i; len > 0 && !match(x, pattern, str_sub(s, i, i + len)); len--)
			;
		if (!len || !pattern.len) {
			buf_add_char(out, s.data[i++]);
			continue;
		}
		buf_add(out, with);
		i += len;
		if (!all)
			break;
	}
	buf_add(out, str_from(s, i));
}

/* The argument of a modifier, up to `stop` or the closing brace. */
static void lex_argument(struct lexer *x, char stop, struct buf *out)
{
	x->depth++;
	if (x->depth > VALUE_DEPTH_MAX) {
		x->unknown = true;
		x->at = x->s.len;
	} else {
		lex_until(x, stop, out);
	}
	x->depth--;
}

/* Skips to the brace that closes a "${" whose inside is not understood. */
static void skip_braces(struct lexer *x)
{
	size_t depth = 1;

	while (x->at < x->s.len && depth) {
		char c = x->s.data[x->at++];

		if (c == '{')
			depth++;
		else if (c == '}')
			depth--;
	}
	x->unknown = true;
}

static void modify(struct lexer *x, const struct value *v, struct buf *out)
{
	CLEANUP(buf_done) struct buf a = BUF_INIT;
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	char op = x->s.data[x->at];
	bool colon = op == ':', unknown = x->unknown, all, present;

	buf_init(&a, NULL, VALUE_MAX);
	buf_init(&b, NULL, VALUE_MAX);
	if (colon && ++x->at < x->s.len)
		op = x->s.data[x->at];
	x->at++;
	present = v->set && !(colon && v->text.len == 0);
	switch (x->at <= x->s.len ? op : 0) {
	case '-':
	case '+':
		lex_argument(x, '}', &a);
		/* what is not taken need not be known */
		if ((op == '-') == present)
			x->unknown = unknown;
		if (op == '-' && present) {
			buf_add(out, v->text);
			x->unknown |= !v->known;
		} else if (op == '-' || present) {
			buf_add(out, buf_str(&a));
		}
		return;
	case '?':
		lex_argument(x, '}', &a);
		x->unknown = unknown || !v->known;
		buf_add(out, v->text);
		return;
	case '#':
	case '%':
		all = x->at < x->s.len && x->s.data[x->at] == op;
		x->at += all;
		lex_argument(x, '}', &a);
		x->unknown |= !v->known;
		buf_add(out, strip(x, v->text, buf_str(&a), op == '#', all));
		return;
	case '/':
		all = x->at < x->s.len && x->s.data[x->at] == '/';
		x->at += all;
		lex_argument(x, '/', &a);
		lex_argument(x, '}', &b);
		x->unknown |= !v->known;
		replace(x, v->text, buf_str(&a), buf_str(&b), all, out);
		return;
	default:
		skip_braces(x);
	}
}

static struct value lookup(const struct lexer *x, struct str name)
{
	const struct variable *v = x->state ? scope_find(x->state->variables, name) : NULL;

	if (!v)
		return (struct value){.text = STR("")};
	return v->value;
}

static void lex_variable(struct lexer *x, struct buf *out)
{
	size_t start = x->at - 1, name, end;
	bool braced = x->at < x->s.len && x->s.data[x->at] == '{', unknown = x->unknown;
	struct value v;
	size_t len = out->len;

	name = x->at + braced;
	end = name_end(x->s, name);
	if (end == name) {
		buf_add_char(out, '$');
		return;
	}
	v = lookup(x, str_sub(x->s, name, end));
	x->at = end;
	if (!braced) {
		buf_add(out, v.known ? v.text : str_sub(x->s, start, end));
		x->unknown |= !v.known;
		return;
	}
	if (x->at >= x->s.len) {
		x->unknown = true;
		return;
	}
	x->unknown = false;
	if (x->s.data[x->at] == '}') {
		x->at++;
		buf_add(out, v.text);
		x->unknown = !v.known;
	} else {
		modify(x, &v, out);
	}
	if (x->unknown && !buf_failed(out)) {
		out->len = len;
		buf_add(out, str_sub(x->s, start, x->at));
	}
	x->unknown |= unknown;
}

static void lex_double(struct lexer *x, struct buf *out)
{
	while (x->at < x->s.len) {
		char c = x->s.data[x->at++];

		if (c == '"')
			return;
		if (c == '$') {
			lex_variable(x, out);
		} else if (c == x->escape && x->at < x->s.len) {
			char next = x->s.data[x->at];

			/* within double quotes only these are escaped */
			if (next != '"' && next != '$' && next != x->escape)
				buf_add_char(out, c);
			buf_add_char(out, next);
			x->at++;
		} else {
			buf_add_char(out, c);
		}
	}
}

static void lex_until(struct lexer *x, char stop, struct buf *out)
{
	while (x->at < x->s.len) {
		char c = x->s.data[x->at++];

		if (stop && c == stop)
			return;
		if (stop == '/' && c == '}') {
			/* ${x/a}: nothing to put in; the brace ends the second part too */
			x->at--;
			return;
		}
		if (c == '\'') {
			while (x->at < x->s.len && x->s.data[x->at] != '\'')
				buf_add_char(out, x->s.data[x->at++]);
			x->at += x->at < x->s.len;
		} else if (c == '"') {
			lex_double(x, out);
		} else if (c == '$') {
			lex_variable(x, out);
		} else if (c == x->escape && x->at < x->s.len) {
			buf_add_char(out, x->s.data[x->at++]);
		} else {
			buf_add_char(out, c);
		}
		if (buf_failed(out))
			return;
	}
}

struct value value_of_word(struct arena *arena, const struct build_state *state, struct str word,
			   char escape)
{
	struct value v = {.text = word, .known = true, .set = true};
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	int64_t own = VALUE_WORK;
	struct lexer x = {.s = word, .escape = escape, .state = state};

	if (str_find_char(word, '$') < 0 && str_find_char(word, '\'') < 0 &&
	    str_find_char(word, '"') < 0 && str_find_char(word, escape) < 0)
		return v;
	x.left = state && state->work ? &state->work->left : &own;
	buf_init(&out, NULL, VALUE_MAX);
	if (*x.left > 0)
		lex_until(&x, 0, &out);
	*x.left -= (int64_t)out.len;
	v.known = !x.unknown;
	if (buf_failed(&out) || *x.left <= 0) {
		v.known = false;
		return v;
	}
	v.text = arena_str(arena, buf_str(&out));
	if (!v.text.data)
		v = (struct value){.text = word, .set = true};
	return v;
}
