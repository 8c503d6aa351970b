/*
 * The arguments of an instruction: flags (BuildKit's extractBuilderFlags), then lists, pairs, JSON
 * or plain text (line_parsers.go). All offsets are into joined texts; spans are mapped at once.
 */
#include "dockerfile/parse.h"

enum style {
	STYLE_WORDS,
	STYLE_LIST,
	STYLE_COMMAND,
	STYLE_PAIRS,
	STYLE_TEXT,
	STYLE_HEALTH,
	STYLE_TRIGGER
};

static const struct {
	enum style style;
	const char *flags;
} arguments[INSTRUCTION_KINDS] = {
#define INSTRUCTION(name, style, flags) [INSTRUCTION_##name] = {STYLE_##style, flags},
#include "dockerfile/instructions.def"
#undef INSTRUCTION
	[INSTRUCTION_UNKNOWN] = {STYLE_TEXT, NULL},
};

/* The part without quotes and escapes, in the arena only where it differs. */
static struct str unquote(struct docker_parser *p, struct str s)
{
	char *out;
	size_t at = 0;
	char quote = 0;

	if (str_find_char(s, '"') < 0 && str_find_char(s, '\'') < 0 && str_find_char(s, '\\') < 0)
		return s;
	out = arena_bytes(&p->d->arena, s.len);
	if (!out) {
		p->failed = true;
		return s;
	}
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (c == '\\') {
			if (++i < s.len)
				out[at++] = s.data[i];
		} else if (quote && c == quote) {
			quote = 0;
		} else if (!quote && (c == '"' || c == '\'')) {
			quote = c;
		} else {
			out[at++] = c;
		}
	}
	return str_make(out, at);
}

/* The end of a flag that starts at `at`: blanks end it outside of quotes. */
static size_t flag_end(struct str t, size_t at)
{
	char quote = 0;

	for (; at < t.len; at++) {
		char c = t.data[at];

		if (c == '\\')
			at++;
		else if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (docker_space_len(t, at))
			break;
	}
	return at < t.len ? at : t.len;
}

/* 0: unknown, 1: needs no value, 2: needs one */
static int find_flag(const char *known, struct str name)
{
	struct str rest = str_of(known), word;

	while (str_next(&rest, ' ', &word)) {
		bool value = word.len && word.data[word.len - 1] == '=';

		if (str_eq(value ? str_to(word, word.len - 1) : word, name))
			return value ? 2 : 1;
	}
	return 0;
}

static bool may_repeat(struct str name)
{
	return str_is(name, "mount") || str_is(name, "exclude") || str_is(name, "device");
}

static void check_flag(struct docker_parser *p, const struct instruction *i,
		       const struct docker_flag *flag)
{
	const char *known = arguments[i->kind].flags;
	struct str written = dockerfile_slice(p->d, flag->span);
	int found;

	if (!known)
		return;
	found = find_flag(known, flag->name);
	if (!found)
		docker_issue_add(p, ISSUE_FLAG_UNKNOWN, flag->span, written, i);
	else if (found == 2 && !flag->has_value)
		docker_issue_add(p, ISSUE_FLAG_NO_VALUE, flag->span, written, i);
	if (found && !may_repeat(flag->name)) {
		/* at most a dozen known names: the list of those seen stays short */
		for (size_t n = 0; n + 1 < p->s->flags.count && n < 64; n++) {
			if (str_eq(p->s->flags.items[n].name, flag->name)) {
				docker_issue_add(p, ISSUE_FLAG_DUPLICATE, flag->span, written, i);
				break;
			}
		}
	}
}

/* Counts a word, pair or flag; false beyond the limit, noted once. */
static bool count_part(struct docker_parser *p, const struct instruction *i)
{
	if (p->parts < DOCKERFILE_PARTS_MAX) {
		p->parts++;
		return true;
	}
	if (p->parts++ == DOCKERFILE_PARTS_MAX)
		docker_issue_add(p, ISSUE_PARTS_LIMIT, i->line, STR_NULL, i);
	return false;
}

static void add_flag(struct docker_parser *p, const struct instruction *i, size_t start, size_t end)
{
	struct str t = i->args.text;
	ptrdiff_t equals = str_find_char(str_sub(t, start, end), '=');
	size_t name_end = equals < 0 ? end : start + (size_t)equals;
	struct docker_flag *flag;

	if (!count_part(p, i))
		return;
	flag = vec_push(&p->s->flags);
	if (!flag) {
		p->failed = true;
		return;
	}
	flag->span = joined_span(&i->args, start, end);
	flag->name = unquote(p, str_sub(t, start + 2, name_end));
	flag->name_span = joined_span(&i->args, start + 2, name_end);
	flag->has_value = equals >= 0;
	if (flag->has_value) {
		flag->value = unquote(p, str_sub(t, name_end + 1, end));
		flag->value_span = name_end + 1 < end
					   ? joined_span(&i->args, name_end + 1, end)
					   : (struct span){flag->span.end, flag->span.end};
	} else {
		flag->value = STR("");
		flag->value_span = (struct span){flag->span.end, flag->span.end};
	}
	check_flag(p, i, flag);
}

static size_t skip_blanks(struct str t, size_t at)
{
	size_t n;

	while (at < t.len && (n = docker_space_len(t, at)) > 0)
		at += n;
	return at;
}

/* An owned copy in the arena of what the scratch list holds. */
static const void *keep(struct docker_parser *p, const void *items, size_t count, size_t size)
{
	void *copy;

	if (!count)
		return NULL;
	copy = arena_alloc_array(&p->d->arena, count, size);
	if (!copy) {
		p->failed = true;
		return NULL;
	}
	memcpy(copy, items, count * size);
	return copy;
}

static void parse_flags(struct docker_parser *p, struct instruction *i)
{
	struct str t = i->args.text;
	size_t at = skip_blanks(t, 0);

	p->s->flags.count = 0;
	while (!p->failed && at + 1 < t.len && t.data[at] == '-' && t.data[at + 1] == '-') {
		size_t end = flag_end(t, at);

		if (end == at + 2) {
			at = skip_blanks(t, end);
			break;
		}
		add_flag(p, i, at, end);
		at = skip_blanks(t, end);
	}
	i->rest = joined_sub(&i->args, at, t.len);
	i->flag_count = (uint32_t)p->s->flags.count;
	i->flags = keep(p, p->s->flags.items, p->s->flags.count, sizeof(*p->s->flags.items));
}

static void keep_words(struct docker_parser *p, struct instruction *i)
{
	i->word_count = (uint32_t)p->s->words.count;
	i->words = keep(p, p->s->words.items, p->s->words.count, sizeof(*p->s->words.items));
}

static struct docker_word *add_word(struct docker_parser *p, const struct instruction *i,
				    const struct joined *in, size_t start, size_t end)
{
	struct docker_word *w;

	if (!count_part(p, i))
		return NULL;
	w = vec_push(&p->s->words);
	if (!w) {
		p->failed = true;
		return NULL;
	}
	w->text = str_sub(in->text, start, end);
	w->span = joined_span(in, start, end);
	return w;
}

/*
 * Quotes as Docker's shell.Lex sees them: false when one is not closed. A quote within ${...}
 * counts like any other.
 */
static bool quotes_close(struct str s, char escape)
{
	char quote = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (c == escape && quote != '\'')
			i++;
		else if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
	}
	return !quote;
}

static void check_quotes(struct docker_parser *p, const struct instruction *i, struct str s,
			 struct span span)
{
	if (!quotes_close(s, p->d->escape))
		docker_issue_add(p, ISSUE_QUOTE_OPEN, span, STR_NULL, i);
}

static void parse_words(struct docker_parser *p, struct instruction *i)
{
	size_t at = 0, start, end;

	while (!p->failed && docker_word_next(i->rest.text, &at, &start, &end)) {
		const struct docker_word *w = add_word(p, i, &i->rest, start, end);

		if (w)
			check_quotes(p, i, w->text, w->span);
	}
	keep_words(p, i);
}

static int hex4(struct str t, size_t at)
{
	int value = 0;

	if (at + 4 > t.len)
		return -1;
	for (size_t i = at; i < at + 4; i++) {
		char c = t.data[i];
		int digit = c >= '0' && c <= '9'		 ? c - '0'
			    : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
								 : -1;

		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

static size_t put_utf8(char *out, unsigned c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

/* Decodes a JSON string body without its quotes; it was checked before. */
static struct str json_decode(struct docker_parser *p, struct str s)
{
	char *out;
	size_t at = 0;

	if (str_find_char(s, '\\') < 0)
		return s;
	out = arena_bytes(&p->d->arena, s.len);
	if (!out) {
		p->failed = true;
		return s;
	}
	for (size_t i = 0; i < s.len; i++) {
		static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
		const char *known;
		unsigned c;

		if (s.data[i] != '\\') {
			out[at++] = s.data[i];
			continue;
		}
		i++;
		if (s.data[i] != 'u') {
			known = strchr(from, s.data[i]);
			out[at++] = known ? to[known - from] : s.data[i];
			continue;
		}
		c = (unsigned)hex4(s, i + 1);
		i += 4;
		if (c >= 0xd800 && c < 0xdc00 && i + 6 < s.len && s.data[i + 1] == '\\' &&
		    s.data[i + 2] == 'u') {
			int low = hex4(s, i + 3);

			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + ((unsigned)low - 0xdc00);
				i += 6;
			}
		}
		at += put_utf8(out + at, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
	}
	return str_make(out, at);
}

/* The closing quote of the JSON string whose body starts at `at`, or t.len. */
static size_t json_string_end(struct str t, size_t at)
{
	for (; at < t.len; at++) {
		unsigned char c = (unsigned char)t.data[at];

		if (c == '"')
			return at;
		if (c < 0x20)
			break;
		if (c != '\\')
			continue;
		if (++at >= t.len || !strchr("\"\\/bfnrtu", t.data[at]) || !t.data[at])
			break;
		if (t.data[at] == 'u' && hex4(t, at + 1) < 0)
			break;
	}
	return t.len;
}

static size_t json_blanks(struct str t, size_t at)
{
	while (at < t.len && (t.data[at] == ' ' || t.data[at] == '\t' || t.data[at] == '\r' ||
			      t.data[at] == '\n'))
		at++;
	return at;
}

/* A number, true, false or null: enough to tell "not strings" from "not JSON". */
static size_t json_scalar_end(struct str t, size_t at)
{
	while (at < t.len && (t.data[at] == '-' || t.data[at] == '+' || t.data[at] == '.' ||
			      (t.data[at] >= '0' && t.data[at] <= '9') ||
			      ((t.data[at] | 32) >= 'a' && (t.data[at] | 32) <= 'z')))
		at++;
	return at;
}

/* True when `in` is a JSON list of strings; its elements become words. */
static bool parse_json(struct docker_parser *p, struct instruction *i, const struct joined *in)
{
	struct str t = in->text;
	size_t at = json_blanks(t, 1), scalars = 0;

	p->s->words.count = 0;
	if (at < t.len && t.data[at] == ']') {
		at++;
		goto end;
	}
	for (;;) {
		size_t start = at;

		if (at >= t.len)
			return false;
		if (t.data[at] == '"') {
			size_t close = json_string_end(t, at + 1);
			struct docker_word *w;

			if (close == t.len)
				return false;
			w = add_word(p, i, in, start, close + 1);
			if (!w)
				return false;
			w->text = json_decode(p, str_sub(t, start + 1, close));
			w->json = true;
			at = close + 1;
		} else {
			at = json_scalar_end(t, at);
			if (at == start)
				return false;
			scalars++;
		}
		at = json_blanks(t, at);
		if (at >= t.len || (t.data[at] != ',' && t.data[at] != ']'))
			return false;
		if (t.data[at++] == ']')
			break;
		at = json_blanks(t, at);
	}
end:
	if (json_blanks(t, at) != t.len)
		return false;
	if (scalars) {
		docker_issue_add(p, ISSUE_JSON_NOT_STRINGS, joined_span(in, 0, t.len), STR_NULL, i);
		return false;
	}
	return true;
}

/* Starts with [ and a quote and ends in ]: meant as JSON. */
static bool looks_like_json(struct str t)
{
	size_t at = json_blanks(t, 1);

	return t.data[t.len - 1] == ']' && at < t.len && (t.data[at] == '"' || t.data[at] == '\'');
}

static bool try_json(struct docker_parser *p, struct instruction *i, const struct joined *in)
{
	size_t issues = p->d->issues.count;

	if (in->text.len == 0 || in->text.data[0] != '[')
		return false;
	if (parse_json(p, i, in)) {
		i->form = FORM_JSON;
		keep_words(p, i);
		return true;
	}
	p->s->words.count = 0;
	if (looks_like_json(in->text) && p->d->issues.count == issues)
		docker_issue_add(p, ISSUE_JSON_INVALID, joined_span(in, 0, in->text.len), STR_NULL,
				 i);
	return false;
}

static void parse_command(struct docker_parser *p, struct instruction *i, struct joined in)
{
	if (try_json(p, i, &in))
		return;
	i->form = FORM_SHELL;
	i->command = in;
}

static void parse_health(struct docker_parser *p, struct instruction *i)
{
	size_t at = 0, start, end;
	struct str type;

	if (!docker_word_next(i->rest.text, &at, &start, &end))
		return;
	type = str_sub(i->rest.text, start, end);
	if (str_eq_nocase(type, STR("NONE"))) {
		i->health_none = true;
	} else if (str_eq_nocase(type, STR("CMD"))) {
		struct joined command =
			joined_sub(&i->rest, skip_blanks(i->rest.text, end), i->rest.text.len);

		if (command.text.len == 0)
			docker_issue_add(p, ISSUE_INSTRUCTION_EMPTY, i->line,
					 STR("HEALTHCHECK CMD"), i);
		else
			parse_command(p, i, command);
	} else {
		docker_issue_add(p, ISSUE_HEALTH_TYPE, joined_span(&i->rest, start, end), type, i);
	}
}

/* The end of a word of ENV, LABEL or ARG: blanks end it outside of quotes (parseWords). */
static size_t pair_end(struct str t, size_t at, char escape)
{
	char quote = 0;

	for (; at < t.len; at++) {
		char c = t.data[at];

		if (c == escape && quote != '\'')
			at++;
		else if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (docker_space_len(t, at))
			break;
	}
	return at < t.len ? at : t.len;
}

static void add_pair(struct docker_parser *p, struct instruction *i, size_t start, size_t name_end,
		     size_t value, size_t end)
{
	const struct joined *in = &i->rest;
	struct docker_pair *pair;

	if (!count_part(p, i))
		return;
	pair = vec_push(&p->s->pairs);
	if (!pair) {
		p->failed = true;
		return;
	}
	pair->span = joined_span(in, start, end);
	pair->name = str_sub(in->text, start, name_end);
	pair->name_span = joined_span(in, start, name_end);
	pair->has_value = value <= end;
	pair->legacy = value != name_end + 1;
	pair->value = pair->has_value ? str_sub(in->text, value, end) : STR("");
	/* an empty value may stand before a continuation: its place is behind the '=' all the same
	 */
	pair->value_span = pair->value.len ? joined_span(in, value, end)
					   : (struct span){pair->span.end, pair->span.end};
	if (name_end == start)
		docker_issue_add(p, ISSUE_PAIR_NO_NAME, pair->span, STR_NULL, i);
	check_quotes(p, i, str_sub(in->text, start, end), pair->span);
}

/* "ENV name value with blanks" */
static void parse_legacy_pair(struct docker_parser *p, struct instruction *i)
{
	struct str t = i->rest.text;
	size_t at = 0, start, end, value;

	if (!docker_word_next(t, &at, &start, &end))
		return;
	value = skip_blanks(t, end);
	if (value >= t.len) {
		docker_issue_add(p, ISSUE_PAIR_NO_VALUE, i->line, str_sub(t, start, end), i);
		return;
	}
	add_pair(p, i, start, end, value, t.len);
	if (p->s->pairs.count)
		p->s->pairs.items[p->s->pairs.count - 1].legacy = true;
}

static void parse_pairs(struct docker_parser *p, struct instruction *i)
{
	struct str t = i->rest.text;
	bool arg = i->kind == INSTRUCTION_ARG;

	for (size_t at = 0; !p->failed && (at = skip_blanks(t, at)) < t.len;) {
		size_t end = pair_end(t, at, p->d->escape);
		ptrdiff_t equals = str_find_char(str_sub(t, at, end), '=');

		if (equals >= 0) {
			add_pair(p, i, at, at + (size_t)equals, at + (size_t)equals + 1, end);
		} else if (arg) {
			add_pair(p, i, at, end, end + 1, end);
		} else if (p->s->pairs.count == 0) {
			parse_legacy_pair(p, i);
			break;
		} else {
			docker_issue_add(p, ISSUE_PAIR_NO_VALUE, joined_span(&i->rest, at, end),
					 str_sub(t, at, end), i);
		}
		at = end;
	}
	i->pair_count = (uint32_t)p->s->pairs.count;
	i->pairs = keep(p, p->s->pairs.items, p->s->pairs.count, sizeof(*p->s->pairs.items));
}

static void parse_text(struct docker_parser *p, struct instruction *i)
{
	if (!add_word(p, i, &i->rest, 0, i->rest.text.len))
		return;
	if (i->kind != INSTRUCTION_MAINTAINER && i->kind != INSTRUCTION_UNKNOWN)
		check_quotes(p, i, i->rest.text, p->s->words.items[0].span);
	keep_words(p, i);
}

static void check_from(struct docker_parser *p, const struct instruction *i)
{
	if (i->word_count == 1 ||
	    (i->word_count == 3 && str_eq_nocase(i->words[1].text, STR("AS"))))
		return;
	docker_issue_add(p, ISSUE_FROM_FORM, i->line, STR_NULL, i);
}

void docker_args_parse(struct docker_parser *p, struct instruction *i)
{
	enum style style = arguments[i->kind].style;

	p->s->words.count = p->s->pairs.count = p->s->flags.count = 0;
	i->rest = i->args;
	if (style != STYLE_TRIGGER && i->kind != INSTRUCTION_UNKNOWN)
		parse_flags(p, i);
	if (p->failed)
		return;
	if (i->rest.text.len == 0) {
		if (style != STYLE_TRIGGER && i->kind != INSTRUCTION_UNKNOWN)
			docker_issue_add(p, ISSUE_INSTRUCTION_EMPTY, i->keyword,
					 str_of(instruction_kind_name(i->kind)), i);
		return;
	}
	switch (style) {
	case STYLE_WORDS:
		parse_words(p, i);
		break;
	case STYLE_LIST:
		if (!try_json(p, i, &i->rest))
			parse_words(p, i);
		break;
	case STYLE_COMMAND:
		parse_command(p, i, i->rest);
		break;
	case STYLE_PAIRS:
		parse_pairs(p, i);
		break;
	case STYLE_TEXT:
		parse_text(p, i);
		break;
	case STYLE_HEALTH:
		parse_health(p, i);
		break;
	case STYLE_TRIGGER:
		break;
	}
	if (i->kind == INSTRUCTION_FROM)
		check_from(p, i);
}
