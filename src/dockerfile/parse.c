/*
 * Dockerfile lines to instructions, as BuildKit's parser.Parse and directives.go read them; issues
 * instead of errors. One pass; every byte ends up in exactly one token.
 */
#include "dockerfile/parse.h"

#include <stdlib.h>

#define BOM_UTF8 STR("\xef\xbb\xbf")

size_t docker_space_len(struct str s, size_t at)
{
	unsigned char c = (unsigned char)s.data[at];

	if (c < 0x80)
		return c == ' ' || (c >= '\t' && c <= '\r');
	if (c == 0xc2 && at + 1 < s.len)
		return (uint8_t)s.data[at + 1] == 0x85 || (uint8_t)s.data[at + 1] == 0xa0 ? 2 : 0;
	if ((c == 0xe1 || c == 0xe2 || c == 0xe3) && at + 2 < s.len) {
		unsigned code = (c & 15u) << 12 | ((uint8_t)s.data[at + 1] & 63u) << 6 |
				((uint8_t)s.data[at + 2] & 63u);

		if (code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
		    code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000)
			return 3;
	}
	return 0;
}

static size_t skip_space(struct str s, size_t at)
{
	size_t n;

	while (at < s.len && (n = docker_space_len(s, at)) > 0)
		at += n;
	return at;
}

static size_t trim_space(struct str s, size_t start, size_t end)
{
	while (end > start) {
		size_t n = docker_space_len(s, end - 1) ? 1 : 0;

		if (!n && end - start >= 2 && docker_space_len(str_to(s, end), end - 2) == 2)
			n = 2;
		if (!n && end - start >= 3 && docker_space_len(str_to(s, end), end - 3) == 3)
			n = 3;
		if (!n)
			break;
		end -= n;
	}
	return end;
}

void docker_token_add(struct docker_parser *p, enum docker_token_kind kind, size_t start,
		      size_t end)
{
	struct docker_token *t;

	if (start >= end || p->failed)
		return;
	if (p->d->tokens.count && (kind == TOKEN_BLANK || kind == TOKEN_REST) &&
	    p->d->tokens.items[p->d->tokens.count - 1].kind == kind)
		return;
	t = vec_push(&p->d->tokens);
	if (!t) {
		p->failed = true;
		return;
	}
	*t = (struct docker_token){.start = (uint32_t)start, .kind = (uint8_t)kind};
}

void docker_issue_add(struct docker_parser *p, enum docker_issue_code code, struct span span,
		      struct str detail, const struct instruction *i)
{
	struct docker_issue *issue = p->failed ? NULL : vec_push(&p->d->issues);

	if (!issue) {
		p->failed = true;
		return;
	}
	*issue = (struct docker_issue){
		.code = code, .span = span, .detail = detail, .instruction = i};
}

bool docker_line_read(struct docker_parser *p, struct docker_line *ret_line)
{
	struct str text = p->d->text;
	const char *lf;
	size_t end;

	if (p->at >= text.len)
		return false;
	lf = memchr(text.data + p->at, '\n', text.len - p->at);
	end = lf ? (size_t)(lf - text.data) : text.len;
	*ret_line =
		(struct docker_line){.start = p->at, .end = end, .next = lf ? end + 1 : text.len};
	while (ret_line->end > ret_line->start && text.data[ret_line->end - 1] == '\r')
		ret_line->end--;
	p->at = ret_line->next;
	return true;
}

static struct span span_of(size_t start, size_t end)
{
	return (struct span){(uint32_t)start, (uint32_t)end};
}

static void add_comment(struct docker_parser *p, size_t start, size_t end, bool inside)
{
	struct docker_comment *c = vec_push(&p->d->comments);

	if (!c) {
		p->failed = true;
		return;
	}
	*c = (struct docker_comment){.span = span_of(start, end), .inside = inside};
}

/* A piece that goes on where the one before of the same kind ended is the same piece. */
static void add_piece(struct docker_parser *p, enum docker_token_kind kind, size_t start,
		      size_t end)
{
	struct docker_scratch *s = p->s;
	struct docker_piece *piece;

	if (start >= end || p->failed)
		return;
	piece = s->pieces.count ? &s->pieces.items[s->pieces.count - 1] : NULL;
	if (piece && piece->kind == kind && piece->end == start && kind != TOKEN_TEXT) {
		piece->end = (uint32_t)end;
		return;
	}
	piece = vec_push(&s->pieces);
	if (!piece) {
		p->failed = true;
		return;
	}
	*piece = (struct docker_piece){(uint32_t)start, (uint32_t)end, (uint8_t)kind};
}

/* Where the escape that continues [start, end) stands, or `end`. */
static size_t find_continuation(const struct dockerfile *d, size_t start, size_t end)
{
	const char *text = d->text.data;
	size_t at = end;

	while (at > start && (text[at - 1] == ' ' || text[at - 1] == '\t'))
		at--;
	if (at == start || text[at - 1] != d->escape)
		return end;
	at--;
	return at > start && text[at - 1] == d->escape ? end : at;
}

/* Adds one line of an instruction; true when the next line belongs to it too. */
static bool add_line(struct docker_parser *p, size_t start, const struct docker_line *line)
{
	size_t escape = find_continuation(p->d, start, line->end);

	add_piece(p, TOKEN_TEXT, start, escape);
	if (escape == line->end) {
		/* the escape cannot stand at the very end, so this is no continuation */
		add_piece(p, TOKEN_NEWLINE, line->end, line->next);
		return false;
	}
	add_piece(p, TOKEN_CONTINUATION, escape, line->next);
	return true;
}

/* Collects the pieces of one instruction; the first line starts at `start`. */
static void collect(struct docker_parser *p, struct docker_line line, size_t start, bool *ret_empty)
{
	struct str text = p->d->text;
	bool more;

	p->s->pieces.count = 0;
	*ret_empty = false;
	more = add_line(p, start, &line);
	while (more && !p->failed) {
		size_t first;

		if (p->s->pieces.count >= DOCKER_PIECES_MAX) {
			p->limited = true;
			return;
		}
		if (!docker_line_read(p, &line))
			return;
		first = skip_space(str_to(text, line.end), line.start);
		if (first == line.end) {
			*ret_empty = true;
			add_piece(p, TOKEN_BLANK, line.start, line.next);
		} else if (text.data[first] == '#') {
			add_piece(p, TOKEN_SPACE, line.start, first);
			add_piece(p, TOKEN_COMMENT, first, line.end);
			add_piece(p, TOKEN_NEWLINE, line.end, line.next);
			add_comment(p, first, line.end, true);
		} else {
			more = add_line(p, line.start, &line);
		}
	}
}

/* The text pieces as one text; a single piece is borrowed from the file. */
static struct joined join(struct docker_parser *p)
{
	const struct docker_scratch *s = p->s;
	struct joined j = {.text = STR("")};
	struct joint *joints;
	size_t count = 0, bytes = 0, at = 0;
	char *text = NULL;

	for (size_t i = 0; i < s->pieces.count; i++) {
		if (s->pieces.items[i].kind == TOKEN_TEXT) {
			count++;
			bytes += s->pieces.items[i].end - s->pieces.items[i].start;
		}
	}
	joints = arena_alloc_array(&p->d->arena, count ? count : 1, sizeof(*joints));
	if (count > 1)
		text = arena_bytes(&p->d->arena, bytes);
	if (!joints || (count > 1 && !text)) {
		p->failed = true;
		return j;
	}
	j.joints = joints;
	j.count = (uint32_t)(count ? count : 1);
	if (count == 0 && s->pieces.count)
		joints[0].file = s->pieces.items[0].start;
	count = 0;
	for (size_t i = 0; i < s->pieces.count; i++) {
		struct docker_piece piece = s->pieces.items[i];
		size_t len = piece.end - piece.start;

		if (piece.kind != TOKEN_TEXT)
			continue;
		joints[count++] = (struct joint){(uint32_t)at, piece.start};
		if (text)
			memcpy(text + at, p->d->text.data + piece.start, len);
		else
			j.text = str_make(p->d->text.data + piece.start, len);
		at += len;
	}
	if (text)
		j.text = str_make(text, bytes);
	return j;
}

/* Emits the pieces as tokens; text is cut at the bounds of keyword and arguments (joined offsets).
 */
static void emit(struct docker_parser *p, const size_t bounds[4])
{
	static const uint8_t kinds[] = {TOKEN_SPACE, TOKEN_KEYWORD, TOKEN_SPACE, TOKEN_TEXT,
					TOKEN_SPACE};
	const struct docker_scratch *s = p->s;
	size_t at = 0;
	unsigned part = 0;

	for (size_t i = 0; i < s->pieces.count; i++) {
		struct docker_piece piece = s->pieces.items[i];
		size_t from = piece.start;

		if (piece.kind != TOKEN_TEXT) {
			docker_token_add(p, piece.kind, piece.start, piece.end);
			continue;
		}
		while (from < piece.end) {
			size_t to = piece.end;

			if (part < 4 && bounds[part] - at <= piece.end - from)
				to = from + (bounds[part] - at);
			docker_token_add(p, kinds[part], from, to);
			at += to - from;
			if (part < 4 && at == bounds[part])
				part++;
			from = to;
		}
		while (part < 4 && at == bounds[part])
			part++;
	}
}

/* Keyword and arguments of a (joined) line. */
static void split(struct docker_parser *p, const struct joined *line, struct instruction *i,
		  size_t bounds[4])
{
	struct str t = line->text;
	size_t end, args_end;

	bounds[0] = skip_space(t, 0);
	end = trim_space(t, bounds[0], t.len);
	bounds[1] = bounds[0];
	while (bounds[1] < end && !docker_is_space(t.data[bounds[1]]))
		bounds[1]++;
	bounds[2] = skip_space(str_to(t, end), bounds[1]);
	args_end = end;
	bounds[3] = args_end;
	i->name = str_sub(t, bounds[0], bounds[1]);
	i->keyword = joined_span(line, bounds[0], bounds[1]);
	i->kind = instruction_kind_find(i->name);
	i->args = joined_sub(line, bounds[2], args_end);
	i->line = (struct span){i->keyword.start, joined_span(line, bounds[0], args_end).end};
	i->span = i->line;
	if (i->kind == INSTRUCTION_UNKNOWN)
		docker_issue_add(p, ISSUE_INSTRUCTION_UNKNOWN, i->keyword, i->name, i);
}

static struct instruction *new_instruction(struct docker_parser *p)
{
	struct instruction *i = ARENA_NEW(&p->d->arena, struct instruction);

	if (!i)
		p->failed = true;
	return i;
}

/* What ONBUILD wraps, to a fixed depth. */
static void parse_triggers(struct docker_parser *p, struct instruction *outer)
{
	struct instruction *i = outer;

	for (int depth = 0; depth < DOCKER_TRIGGERS_MAX; depth++) {
		struct instruction *inner;
		size_t bounds[4];

		if (i->kind != INSTRUCTION_ONBUILD)
			return;
		if (i->rest.text.len == 0) {
			docker_issue_add(p, ISSUE_ONBUILD_EMPTY, i->keyword, STR_NULL, i);
			return;
		}
		inner = new_instruction(p);
		if (!inner)
			return;
		inner->is_trigger = true;
		inner->index = outer->index;
		inner->comment_start = outer->comment_start;
		inner->comment_end = outer->comment_end;
		split(p, &i->rest, inner, bounds);
		docker_args_parse(p, inner);
		i->trigger = inner;
		i = inner;
	}
}

static void parse_instruction(struct docker_parser *p, struct docker_line line, size_t start,
			      uint32_t comment_start)
{
	struct dockerfile *d = p->d;
	uint32_t comment_end = (uint32_t)d->comments.count;
	struct instruction *i, **slot;
	struct joined joined;
	size_t bounds[4];
	bool empty;

	collect(p, line, start, &empty);
	joined = join(p);
	if (p->failed)
		return;
	if (skip_space(joined.text, 0) == joined.text.len) {
		/* nothing but continuations: BuildKit drops such a line */
		for (size_t n = 0; n < p->s->pieces.count; n++)
			docker_token_add(p, p->s->pieces.items[n].kind, p->s->pieces.items[n].start,
					 p->s->pieces.items[n].end);
		return;
	}
	i = new_instruction(p);
	slot = i ? vec_push(&d->instructions) : NULL;
	if (!slot) {
		p->failed = true;
		return;
	}
	*slot = i;
	i->index = (uint32_t)d->instructions.count - 1;
	i->comment_start = comment_start;
	i->comment_end = comment_end;
	i->empty_continuation = empty;
	split(p, &joined, i, bounds);
	emit(p, bounds);
	docker_args_parse(p, i);
	parse_triggers(p, i);
	if (empty)
		docker_issue_add(p, ISSUE_EMPTY_CONTINUATION, i->line, STR_NULL, i);
	docker_heredocs_read(p, &joined, i);
}

/* "# name = value" of the top block; false ends the block for directives. */
static bool parse_directive(struct docker_parser *p, size_t hash, size_t end)
{
	struct dockerfile *d = p->d;
	struct str text = d->text;
	size_t name = skip_space(str_to(text, end), hash + 1), name_end = name, value;
	struct docker_directive *directive;
	char word[8];

	while (name_end < end && ((text.data[name_end] | 32) >= 'a') &&
	       ((text.data[name_end] | 32) <= 'z'))
		name_end++;
	if (name_end == name)
		return false;
	while (name_end < end && text.data[name_end] >= '0' && text.data[name_end] <= '9')
		name_end++;
	value = skip_space(str_to(text, end), name_end);
	if (value == end || text.data[value] != '=')
		return false;
	value = skip_space(str_to(text, end), value + 1);
	end = trim_space(text, value, end);
	if (value >= end)
		return false;
	if (name_end - name >= sizeof(word))
		return true;
	for (size_t i = 0; i < name_end - name; i++)
		word[i] = (char)(text.data[name + i] | 32);
	word[name_end - name] = '\0';
	if (strcmp(word, "syntax") != 0 && strcmp(word, "escape") != 0 &&
	    strcmp(word, "check") != 0)
		return true;
	for (size_t i = 0; i < d->directives.count; i++) {
		if (str_is(d->directives.items[i].name, word)) {
			docker_issue_add(p, ISSUE_DIRECTIVE_DUPLICATE, span_of(hash, end),
					 d->directives.items[i].name, NULL);
			return true;
		}
	}
	directive = vec_push(&d->directives);
	if (!directive) {
		p->failed = true;
		return false;
	}
	*directive = (struct docker_directive){
		.span = span_of(hash, end),
		.name = *word == 's'   ? STR("syntax")
			: *word == 'e' ? STR("escape")
				       : STR("check"),
		.value = str_sub(text, value, end),
		.value_span = span_of(value, end),
	};
	if (*word != 'e')
		return true;
	if (str_is(directive->value, "\\") || str_is(directive->value, "`"))
		d->escape = directive->value.data[0];
	else
		docker_issue_add(p, ISSUE_ESCAPE_VALUE, directive->value_span, directive->value,
				 NULL);
	return true;
}

static void parse_lines(struct docker_parser *p)
{
	struct dockerfile *d = p->d;
	bool directives = true;
	uint32_t comment_start = 0;
	struct docker_line line;

	if (str_starts(d->text, BOM_UTF8)) {
		docker_token_add(p, TOKEN_BOM, 0, 3);
		p->at = 3;
	}
	while (!p->failed && !p->limited && docker_line_read(p, &line)) {
		size_t first = skip_space(str_to(d->text, line.end), line.start);

		if (d->tokens.count > DOCKERFILE_TOKENS_MAX ||
		    d->instructions.count >= DOCKERFILE_INSTRUCTIONS_MAX) {
			p->at = line.start;
			p->limited = true;
		} else if (first == line.end) {
			directives = false;
			comment_start = (uint32_t)d->comments.count;
			docker_token_add(p, TOKEN_BLANK, line.start, line.next);
		} else if (d->text.data[first] == '#') {
			size_t known = d->directives.count;

			directives = directives && parse_directive(p, first, line.end);
			docker_token_add(p, TOKEN_SPACE, line.start, first);
			docker_token_add(
				p, d->directives.count > known ? TOKEN_DIRECTIVE : TOKEN_COMMENT,
				first, line.end);
			docker_token_add(p, TOKEN_NEWLINE, line.end, line.next);
			if (d->directives.count == known)
				add_comment(p, first, line.end, false);
			else
				comment_start = (uint32_t)d->comments.count;
		} else {
			directives = false;
			docker_token_add(p, TOKEN_SPACE, line.start, first);
			parse_instruction(p, line, first, comment_start);
			comment_start = (uint32_t)d->comments.count;
		}
	}
}

/* UTF-16 with a byte order mark as UTF-8; unpaired surrogates become U+FFFD. */
static struct str transcode(struct docker_parser *p, struct str text)
{
	bool big = (uint8_t)text.data[0] == 0xfe;
	char *out = arena_bytes(&p->d->arena, text.len / 2 * 3 + 3);
	size_t at = 0;

	if (!out) {
		p->failed = true;
		return STR_NULL;
	}
	for (size_t i = 2; i + 1 < text.len; i += 2) {
		uint32_t c =
			(uint32_t)(uint8_t)text.data[i + !big] << 8 | (uint8_t)text.data[i + big];

		if (c >= 0xd800 && c < 0xdc00 && i + 3 < text.len) {
			uint32_t low = (uint32_t)(uint8_t)text.data[i + 2 + !big] << 8 |
				       (uint8_t)text.data[i + 2 + big];

			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				i += 2;
			}
		}
		if (c >= 0xd800 && c < 0xe000)
			c = 0xfffd;
		if (c < 0x80) {
			out[at++] = (char)c;
		} else if (c < 0x800) {
			out[at++] = (char)(0xc0 | c >> 6);
			out[at++] = (char)(0x80 | (c & 63));
		} else if (c < 0x10000) {
			out[at++] = (char)(0xe0 | c >> 12);
			out[at++] = (char)(0x80 | (c >> 6 & 63));
			out[at++] = (char)(0x80 | (c & 63));
		} else {
			out[at++] = (char)(0xf0 | c >> 18);
			out[at++] = (char)(0x80 | (c >> 12 & 63));
			out[at++] = (char)(0x80 | (c >> 6 & 63));
			out[at++] = (char)(0x80 | (c & 63));
		}
	}
	return str_make(out, at);
}

/* What is odd about the bytes as such. */
static void check_bytes(struct docker_parser *p, struct str text)
{
	struct str t = p->d->text;
	ptrdiff_t nul = str_find_char(t, '\0');

	if (p->d->transcoded) {
		docker_issue_add(p, ISSUE_FILE_UTF16, span_of(0, 0),
				 (uint8_t)text.data[0] == 0xfe ? STR("big endian")
							       : STR("little endian"),
				 NULL);
		return;
	}
	if (nul >= 0)
		docker_issue_add(p, ISSUE_FILE_NUL, span_of((size_t)nul, (size_t)nul + 1), STR_NULL,
				 NULL);
	if (!str_is_utf8(t)) {
		size_t at = 0, n;

		while (at < t.len && (n = str_utf8_len(str_from(t, at))) > 0)
			at += n;
		docker_issue_add(p, ISSUE_FILE_INVALID_UTF8, span_of(at, at + (at < t.len)),
				 STR_NULL, NULL);
	}
}

int dockerfile_parse(struct dockerfile *d, struct str text, struct err *e)
{
	struct docker_parser p = {.d = d};

	arena_done(&d->arena);
	d->tokens.count = d->instructions.count = d->comments.count = 0;
	d->issues.count = d->directives.count = d->checkpoint_count = 0;
	d->escape = '\\';
	d->transcoded = false;
	d->text = STR("");
	if (text.len > DOCKERFILE_BYTES_MAX)
		return err_set(e, ERR_LIMIT, "the Dockerfile has %zu bytes, more than %d", text.len,
			       DOCKERFILE_BYTES_MAX);
	if (!d->scratch)
		d->scratch = mem_zero(1, sizeof(*d->scratch));
	if (!d->scratch)
		return ERR_NOMEM(e);
	p.s = d->scratch;
	d->transcoded = str_starts(text, STR("\xff\xfe")) || str_starts(text, STR("\xfe\xff"));
	d->text = d->transcoded ? transcode(&p, text) : text.data ? text : STR("");
	if (!p.failed)
		check_bytes(&p, text);
	if (!p.failed)
		parse_lines(&p);
	if (p.limited) {
		docker_issue_add(&p, ISSUE_FILE_LIMIT, span_of(p.at, p.at),
				 p.d->instructions.count >= DOCKERFILE_INSTRUCTIONS_MAX
					 ? STR("1,000,000 instructions")
					 : STR("16,000,000 tokens"),
				 NULL);
		docker_token_add(&p, TOKEN_REST, p.at, d->text.len);
	}
	return p.failed ? ERR_NOMEM(e) : 0;
}

void dockerfile_init(struct dockerfile *d, struct budget *budget)
{
	*d = (struct dockerfile){.escape = '\\', .text = STR("")};
	arena_init(&d->arena, budget, 0);
}

void dockerfile_done(struct dockerfile *d)
{
	if (d->scratch) {
		vec_done(&d->scratch->pieces);
		vec_done(&d->scratch->flags);
		vec_done(&d->scratch->words);
		vec_done(&d->scratch->pairs);
		vec_done(&d->scratch->heredocs);
		mem_free(d->scratch);
	}
	vec_done(&d->tokens);
	vec_done(&d->instructions);
	vec_done(&d->comments);
	vec_done(&d->issues);
	vec_done(&d->directives);
	mem_free(d->checkpoints);
	arena_done(&d->arena);
	*d = (struct dockerfile){.text = STR("")};
}
