/*
 * The quick way for plain scripts: commands of plain words, joined by ; && || and |, with quotes,
 * $X, ${X}, assignments and redirects to files. That is most of what stands in RUN, and tree-sitter
 * takes ten times as long for it. Whatever is not surely plain is left to tree-sitter: the result
 * must be the very same draft, which a test holds over every body of the corpora.
 */
#include "dockerfile/shell_build.h"

struct simple {
	struct str text;
	size_t at;
	struct arena *arena;
	struct shell_draft *draft;
};

enum outcome { NOT_PLAIN, PLAIN };

/* Characters of unquoted words that are nothing but themselves, wherever they stand. */
static const bool plain_char[256] = {
	['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['-'] = true,
	['_'] = true,	      ['.'] = true,	    ['/'] = true,	  [':'] = true,
	['='] = true,	      ['+'] = true,	    [','] = true,	  ['@'] = true,
	['%'] = true,	      ['*'] = true,	    ['^'] = true,	  ['~'] = true,
	['?'] = true,
};

/* Words that are more than a command's name where a command begins. */
static const char *const reserved[] = {
	"if",	   "then",   "elif",  "else",	  "fi",	   "for",      "select",   "in",
	"do",	   "done",   "while", "until",	  "case",  "esac",     "function", "declare",
	"typeset", "export", "local", "readonly", "unset", "unsetenv", "time",	   "coproc",
};

static bool is_reserved(struct str word)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (str_is(word, reserved[i]))
			return true;
	}
	return false;
}

static bool is_name_start(char c)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t name_end(struct str t, size_t at)
{
	if (at >= t.len || !is_name_start(t.data[at]))
		return at;
	while (at < t.len && (is_name_start(t.data[at]) || is_digit(t.data[at])))
		at++;
	return at;
}

static char peek(const struct simple *s, size_t more)
{
	return s->at + more < s->text.len ? s->text.data[s->at + more] : '\0';
}

static void skip_blanks(struct simple *s)
{
	while (s->at < s->text.len && (s->text.data[s->at] == ' ' || s->text.data[s->at] == '\t'))
		s->at++;
}

static uint32_t add(struct simple *s, uint32_t parent, enum shell_kind kind, size_t start,
		    size_t end)
{
	uint32_t n = shell_draft_add(s->draft, kind, (uint32_t)start, (uint32_t)end);

	if (parent)
		shell_draft_append(s->draft, parent, n);
	return n;
}

static struct shell_draft_node *node_at(struct simple *s, uint32_t n)
{
	return &s->draft->nodes.items[n];
}

static void add_text(struct simple *s, uint32_t parent, enum shell_kind kind, size_t start,
		     size_t end, struct str text)
{
	uint32_t n = add(s, parent, kind, start, end);

	if (n)
		node_at(s, n)->text = text;
}

/* $X or ${X}. */
static enum outcome read_variable(struct simple *s, uint32_t parent)
{
	size_t start = s->at, name = start + 1, end;
	bool braced = peek(s, 1) == '{';
	uint32_t n;

	name += braced;
	end = name_end(s->text, name);
	if (end == name || (braced && (end >= s->text.len || s->text.data[end] != '}')))
		return NOT_PLAIN;
	s->at = end + braced;
	n = add(s, parent, SHELL_VARIABLE, start, s->at);
	if (n) {
		node_at(s, n)->text = str_sub(s->text, name, end);
		node_at(s, n)->flags = braced ? SHELL_BRACED : 0;
	}
	return PLAIN;
}

static void add_quoted(struct simple *s, uint32_t parent, size_t start, size_t end)
{
	if (end > start)
		add_text(s, parent, SHELL_LITERAL, start, end,
			 shell_unescape(s->arena, str_sub(s->text, start, end), "$`\"\\"));
}

static enum outcome read_double(struct simple *s, uint32_t word)
{
	size_t start = s->at, from = start + 1;
	uint32_t n = add(s, word, SHELL_DOUBLE, start, start);

	for (s->at++; s->at < s->text.len;) {
		unsigned char c = (unsigned char)s->text.data[s->at];

		if (c == '`' || c >= 0x7f || (c < 0x20 && c != '\t'))
			return NOT_PLAIN;
		if (c == '"') {
			add_quoted(s, n, from, s->at);
			s->at++;
			if (n) {
				node_at(s, n)->end = (uint32_t)s->at;
				if (!node_at(s, n)->first)
					node_at(s, n)->text = STR("");
			}
			return PLAIN;
		}
		if (c == '\\') {
			if (s->at + 1 >= s->text.len ||
			    (unsigned char)s->text.data[s->at + 1] < 0x20 ||
			    (unsigned char)s->text.data[s->at + 1] >= 0x7f)
				return NOT_PLAIN;
			s->at += 2;
		} else if (c == '$') {
			add_quoted(s, n, from, s->at);
			if (read_variable(s, n) == NOT_PLAIN)
				return NOT_PLAIN;
			from = s->at;
		} else {
			s->at++;
		}
	}
	return NOT_PLAIN;
}

static enum outcome read_single(struct simple *s, uint32_t word)
{
	size_t start = s->at++;

	while (s->at < s->text.len && s->text.data[s->at] != '\'') {
		unsigned char c = (unsigned char)s->text.data[s->at];

		if (c >= 0x7f || (c < 0x20 && c != '\t'))
			return NOT_PLAIN;
		s->at++;
	}
	if (s->at == s->text.len)
		return NOT_PLAIN;
	s->at++;
	add_text(s, word, SHELL_SINGLE, start, s->at, str_sub(s->text, start + 1, s->at - 1));
	return PLAIN;
}

/* Unquoted text up to a quote, a variable or the end of the word. */
static enum outcome read_literal(struct simple *s, uint32_t word)
{
	size_t start = s->at;

	while (s->at < s->text.len) {
		unsigned char c = (unsigned char)s->text.data[s->at];

		if (plain_char[c] || (c == '#' && s->at > start) || (c == '!' && s->at > start)) {
			s->at++;
		} else if (c == '\\') {
			unsigned char next = (unsigned char)peek(s, 1);

			if (next <= 0x20 || next >= 0x7f)
				return NOT_PLAIN;
			s->at += 2;
		} else {
			break;
		}
	}
	if (s->at == start)
		return NOT_PLAIN;
	add_text(s, word, SHELL_LITERAL, start, s->at,
		 shell_unescape(s->arena, str_sub(s->text, start, s->at), NULL));
	return PLAIN;
}

static bool ends_word(char c)
{
	return c == ' ' || c == '\t' || c == ';' || c == '&' || c == '|' || c == '<' || c == '>';
}

static enum outcome read_word(struct simple *s, uint32_t parent)
{
	uint32_t word = add(s, parent, SHELL_WORD, s->at, s->at);

	while (s->at < s->text.len && !ends_word(s->text.data[s->at])) {
		char c = s->text.data[s->at];
		enum outcome o = c == '"'    ? read_double(s, word)
				 : c == '\'' ? read_single(s, word)
				 : c == '$'  ? read_variable(s, word)
					     : read_literal(s, word);

		if (o == NOT_PLAIN)
			return NOT_PLAIN;
	}
	if (word)
		node_at(s, word)->end = (uint32_t)s->at;
	return PLAIN;
}

/* "NAME=" or "NAME+=" at the cursor: the offset behind it, else 0. */
static size_t assignment_at(const struct simple *s, size_t *ret_name_end)
{
	size_t end = name_end(s->text, s->at);

	*ret_name_end = end;
	if (end == s->at || end >= s->text.len)
		return 0;
	if (s->text.data[end] == '+')
		end++;
	return end < s->text.len && s->text.data[end] == '=' ? end + 1 : 0;
}

static enum outcome read_assignment(struct simple *s, uint32_t command, size_t name, size_t value)
{
	size_t start = s->at;
	uint32_t n = add(s, command, SHELL_ASSIGNMENT, start, value);

	if (n) {
		node_at(s, n)->text = str_sub(s->text, start, name);
		node_at(s, n)->flags = value - name == 2 ? SHELL_APPEND : 0;
	}
	s->at = value;
	if (s->at < s->text.len && !ends_word(s->text.data[s->at]) && read_word(s, n) == NOT_PLAIN)
		return NOT_PLAIN;
	if (n)
		node_at(s, n)->end = (uint32_t)s->at;
	return PLAIN;
}

/* The operator of a redirect at the cursor, digits before it included; 0: none. */
static size_t redirect_at(const struct simple *s, size_t *ret_operator)
{
	size_t at = s->at;

	while (at < s->text.len && is_digit(s->text.data[at]))
		at++;
	*ret_operator = at;
	if (at >= s->text.len || (s->text.data[at] != '<' && s->text.data[at] != '>'))
		return 0;
	return at + 1;
}

static enum outcome read_redirect(struct simple *s, uint32_t command, size_t operator, size_t end)
{
	size_t start = s->at;
	uint32_t n;

	if (s->text.data[operator] == '>' && end < s->text.len &&
	    (s->text.data[end] == '>' || s->text.data[end] == '&'))
		end++;
	/* heredocs, <>, >|, >&- and processes are not for here */
	if (end < s->text.len && strchr("<>|&(-", s->text.data[end]))
		return NOT_PLAIN;
	n = add(s, command, SHELL_REDIRECT, start, end);
	if (n)
		node_at(s, n)->text = str_sub(s->text, operator, end);
	s->at = end;
	skip_blanks(s);
	if (s->at >= s->text.len || ends_word(s->text.data[s->at]) || read_word(s, n) == NOT_PLAIN)
		return NOT_PLAIN;
	if (n)
		node_at(s, n)->end = (uint32_t)s->at;
	return PLAIN;
}

/* One simple command up to an operator or the end. */
static enum outcome read_command(struct simple *s, uint32_t *ret)
{
	size_t start = s->at, end = start, operator, name, behind;
	uint32_t command = add(s, 0, SHELL_COMMAND, start, start);
	bool named = false, redirected = false;

	*ret = command;
	for (;;) {
		char c;

		skip_blanks(s);
		c = peek(s, 0);
		if (!c || c == ';' || c == '|' || (c == '&' && peek(s, 1) == '&'))
			break;
		behind = redirect_at(s, &operator);
		if (behind) {
			if (!named || read_redirect(s, command, operator, behind) == NOT_PLAIN)
				return NOT_PLAIN;
			redirected = true;
		} else if (c == '#' || c == '!' || c == '&' || (c == '=' && named)) {
			return NOT_PLAIN;
		} else if (!named && (behind = assignment_at(s, &name))) {
			if (read_assignment(s, command, name, behind) == NOT_PLAIN)
				return NOT_PLAIN;
		} else {
			size_t word = s->at;

			if (read_word(s, command) == NOT_PLAIN)
				return NOT_PLAIN;
			if (!named && is_reserved(str_sub(s->text, word, s->at)))
				return NOT_PLAIN;
			named = true;
		}
		end = s->at;
	}
	if (end == start || (!named && redirected))
		return NOT_PLAIN;
	if (command)
		node_at(s, command)->end = (uint32_t)end;
	return PLAIN;
}

/* left op right; chains of one operator grow, as the layout would join them. */
static uint32_t join(struct simple *s, enum shell_kind kind, uint32_t left, uint32_t right)
{
	uint32_t n;

	if (!left || !right)
		return 0;
	if (node_at(s, left)->kind != kind) {
		n = add(s, 0, kind, node_at(s, left)->start, node_at(s, left)->end);
		shell_draft_append(s->draft, n, left);
		left = n;
	}
	if (!left)
		return 0;
	shell_draft_append(s->draft, left, right);
	node_at(s, left)->end = node_at(s, right)->end;
	return left;
}

static enum outcome read_pipeline(struct simple *s, uint32_t *ret)
{
	uint32_t next;

	if (read_command(s, ret) == NOT_PLAIN)
		return NOT_PLAIN;
	while (peek(s, 0) == '|' && peek(s, 1) != '|') {
		s->at++;
		if (peek(s, 0) == '&')
			return NOT_PLAIN;
		skip_blanks(s);
		if (read_command(s, &next) == NOT_PLAIN)
			return NOT_PLAIN;
		*ret = join(s, SHELL_PIPELINE, *ret, next);
	}
	return PLAIN;
}

static enum outcome read_list(struct simple *s, uint32_t *ret)
{
	if (read_pipeline(s, ret) == NOT_PLAIN)
		return NOT_PLAIN;
	while ((peek(s, 0) == '&' && peek(s, 1) == '&') ||
	       (peek(s, 0) == '|' && peek(s, 1) == '|')) {
		enum shell_kind kind = peek(s, 0) == '&' ? SHELL_AND : SHELL_OR;
		uint32_t next;

		s->at += 2;
		skip_blanks(s);
		if (read_pipeline(s, &next) == NOT_PLAIN)
			return NOT_PLAIN;
		*ret = join(s, kind, *ret, next);
	}
	return PLAIN;
}

bool shell_simple(struct shell_draft *draft, struct str text, struct arena *arena, uint32_t script)
{
	struct simple s = {.text = text, .arena = arena, .draft = draft};

	skip_blanks(&s);
	while (s.at < text.len) {
		uint32_t statement;

		if (read_list(&s, &statement) == NOT_PLAIN)
			return false;
		shell_draft_append(draft, script, statement);
		if (s.at == text.len)
			break;
		if (text.data[s.at] != ';' || (s.at + 1 < text.len && text.data[s.at + 1] == ';'))
			return false;
		s.at++;
		skip_blanks(&s);
	}
	return true;
}
