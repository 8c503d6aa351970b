/*
 * Heredocs of RUN, COPY and ADD (also behind ONBUILD): BuildKit's heredocsFromLine and
 * ParseHeredoc. The marker is a word of its own, "<<EOF" or "3<<-'EOF'"; "cat<<EOF" and "<< EOF"
 * are none.
 */
#include "dockerfile/parse.h"

/* The next word of a line, quotes and ${...} kept together; *ret_open when a quote has no end. */
static bool next_word(struct str t, size_t *at, size_t *ret_start, size_t *ret_end, bool *ret_open)
{
	size_t i = *at, n, braces = 0;
	char quote = 0;

	while (i < t.len && (n = docker_space_len(t, i)) > 0)
		i += n;
	if (i >= t.len)
		return false;
	*ret_start = i;
	for (; i < t.len; i++) {
		char c = t.data[i];

		if (c == '\\' && quote != '\'')
			i++;
		else if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '$' && i + 1 < t.len && t.data[i + 1] == '{')
			braces++;
		else if (c == '}' && braces)
			braces--;
		else if (!braces && docker_space_len(t, i))
			break;
	}
	*ret_end = *at = i < t.len ? i : t.len;
	*ret_open = quote != 0;
	return true;
}

/* The name without quotes and escapes; *ret_quoted says whether there were any. */
static struct str plain_name(struct docker_parser *p, struct str s, bool *ret_quoted)
{
	char *out, quote = 0;
	size_t at = 0;

	*ret_quoted = false;
	if (str_find_char(s, '"') < 0 && str_find_char(s, '\'') < 0 && str_find_char(s, '\\') < 0)
		return s;
	*ret_quoted = true;
	out = arena_bytes(&p->d->arena, s.len);
	if (!out) {
		p->failed = true;
		return s;
	}
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (c == '\\' && quote != '\'' && i + 1 < s.len)
			out[at++] = s.data[++i];
		else if (quote && c == quote)
			quote = 0;
		else if (!quote && (c == '"' || c == '\''))
			quote = c;
		else
			out[at++] = c;
	}
	return str_make(out, at);
}

/* The word is a marker: digits, <<, an optional -, and a name without '<'. */
static bool parse_marker(struct docker_parser *p, struct str word, struct docker_heredoc *ret)
{
	size_t at = 0;
	bool quoted;

	while (at < word.len && word.data[at] >= '0' && word.data[at] <= '9')
		at++;
	if (at + 2 >= word.len || word.data[at] != '<' || word.data[at + 1] != '<')
		return false;
	at += 2;
	ret->chomp = word.data[at] == '-';
	at += ret->chomp;
	word = str_from(word, at);
	if (word.len == 0 || str_find_char(word, '<') >= 0)
		return false;
	ret->name = plain_name(p, word, &quoted);
	ret->expand = !quoted;
	return ret->name.len > 0;
}

static void find_markers(struct docker_parser *p, const struct joined *line)
{
	size_t at = 0, start, end;
	bool open;

	p->s->heredocs.count = 0;
	while (!p->failed && next_word(line->text, &at, &start, &end, &open)) {
		struct docker_heredoc heredoc = {0}, *slot;

		if (open) {
			/* BuildKit's lexer gives up on the whole line */
			p->s->heredocs.count = 0;
			return;
		}
		if (!parse_marker(p, str_sub(line->text, start, end), &heredoc))
			continue;
		heredoc.marker = joined_span(line, start, end);
		slot = vec_push(&p->s->heredocs);
		if (!slot)
			p->failed = true;
		else
			*slot = heredoc;
	}
}

static bool is_terminator(const struct docker_parser *p, const struct docker_line *line,
			  const struct docker_heredoc *heredoc)
{
	size_t start = line->start;

	while (heredoc->chomp && start < line->end && p->d->text.data[start] == '\t')
		start++;
	return str_eq(str_sub(p->d->text, start, line->end), heredoc->name);
}

/* An upper-case instruction and a blank: where a heredoc without an end most likely should end. */
static bool starts_instruction(const struct docker_parser *p, const struct docker_line *line)
{
	struct str t = str_sub(p->d->text, line->start, line->end);
	size_t at = 0;

	while (at < t.len && t.data[at] >= 'A' && t.data[at] <= 'Z')
		at++;
	return at && at < t.len && docker_is_space(t.data[at]) &&
	       instruction_kind_find(str_to(t, at)) != INSTRUCTION_UNKNOWN;
}

static void read_body(struct docker_parser *p, struct docker_heredoc *heredoc)
{
	size_t start = p->at, resume = 0;
	struct docker_line line;

	heredoc->terminator = (struct span){0, 0};
	while (docker_line_read(p, &line)) {
		if (is_terminator(p, &line, heredoc)) {
			heredoc->closed = true;
			heredoc->body = (struct span){(uint32_t)start, (uint32_t)line.start};
			heredoc->terminator =
				(struct span){(uint32_t)line.start, (uint32_t)line.end};
			docker_token_add(p, TOKEN_HEREDOC, start, line.start);
			docker_token_add(p, TOKEN_HEREDOC_END, line.start, line.end);
			docker_token_add(p, TOKEN_NEWLINE, line.end, line.next);
			return;
		}
		if (!resume && starts_instruction(p, &line))
			resume = line.start;
	}
	/* Each such name costs one look at the whole rest, so only a few are tried. */
	if (!resume || ++p->open_heredocs > DOCKER_OPEN_HEREDOCS_MAX)
		resume = p->at;
	p->at = resume;
	heredoc->body = (struct span){(uint32_t)start, (uint32_t)resume};
	docker_token_add(p, TOKEN_HEREDOC, start, resume);
}

void docker_heredocs_read(struct docker_parser *p, const struct joined *line, struct instruction *i)
{
	struct instruction *inner = i;
	struct docker_heredoc *kept;

	while (inner->trigger)
		inner = (struct instruction *)(uintptr_t)inner->trigger;
	if (inner->kind != INSTRUCTION_RUN && inner->kind != INSTRUCTION_COPY &&
	    inner->kind != INSTRUCTION_ADD)
		return;
	if (inner->form == FORM_JSON || str_find(line->text, STR("<<")) < 0)
		return;
	find_markers(p, line);
	if (p->failed || !p->s->heredocs.count)
		return;
	kept = arena_alloc_array(&p->d->arena, p->s->heredocs.count, sizeof(*kept));
	if (!kept) {
		p->failed = true;
		return;
	}
	for (size_t n = 0; n < p->s->heredocs.count && !p->failed; n++) {
		kept[n] = p->s->heredocs.items[n];
		read_body(p, &kept[n]);
		if (!kept[n].closed)
			docker_issue_add(p, ISSUE_HEREDOC_OPEN, kept[n].marker, kept[n].name,
					 inner);
	}
	inner->heredocs = kept;
	inner->heredoc_count = (uint32_t)p->s->heredocs.count;
	i->span.end = kept[inner->heredoc_count - 1].closed
			      ? kept[inner->heredoc_count - 1].terminator.end
			      : kept[inner->heredoc_count - 1].body.end;
	inner->span.end = i->span.end;
	for (struct instruction *n = i; n != inner; n = (struct instruction *)(uintptr_t)n->trigger)
		n->span.end = i->span.end;
}
