/*
 * BuildKit's CopyIgnoredFile: a source of COPY or ADD that .dockerignore leaves out. As there, a
 * file with exceptions ("!x") is not judged.
 */
#include "dockerfile/rules/paths.h"

enum { PATH_LENGTH = 4096 };

struct ignore_pattern {
	struct str text; /* without "./", slashes around it and repeated slashes */
	const struct ignore_pattern *next;
};

struct state {
	const struct ignore_pattern *patterns;
};

/* filepath.Clean without "..": those keep their parts. */
static struct str clean(struct arena *arena, struct str path)
{
	bool absolute = path.len && path.data[0] == '/';
	struct str out = arena_str(arena, path), part;
	char *to = (char *)(uintptr_t)out.data;
	size_t len = 0;

	if (!to)
		return STR_NULL;
	while (str_next(&path, '/', &part)) {
		if (!part.len || str_is(part, "."))
			continue;
		if (len || absolute)
			to[len++] = '/';
		memcpy(to + len, part.data, part.len);
		len += part.len;
	}
	return len ? str_to(out, len) : absolute ? STR("/") : STR(".");
}

static void read_patterns(struct lint *l)
{
	struct state *state = lint_state(l);
	struct str rest = l->ignore_file, line;

	if (!rest.data)
		return;
	str_skip(&rest, STR("\xef\xbb\xbf"));
	while (str_next_line(&rest, &line)) {
		struct ignore_pattern *p;

		if (line.len && line.data[0] == '#')
			continue;
		line = str_trim(line);
		if (!line.len)
			continue;
		if (line.data[0] == '!') {
			state->patterns = NULL;
			return;
		}
		p = arena_alloc(l->arena, sizeof(*p));
		if (!p)
			return;
		line = clean(l->arena, line);
		if (line.len > 1)
			str_skip(&line, STR("/"));
		*p = (struct ignore_pattern){.text = line, .next = state->patterns};
		if (line.data)
			state->patterns = p;
	}
}

/* [a-z], [^a-z]; *at is behind the '['. False: it is not closed. */
static bool class_has(struct str p, size_t *at, char c, bool *ret_has)
{
	bool invert = *at < p.len && p.data[*at] == '^', has = false;
	size_t i = *at + invert;

	for (size_t first = i; i < p.len; i++) {
		char low = p.data[i], high;

		if (low == ']' && i > first)
			break;
		if (low == '\\' && i + 1 < p.len)
			low = p.data[++i];
		high = low;
		if (i + 2 < p.len && p.data[i + 1] == '-' && p.data[i + 2] != ']') {
			high = p.data[i + 2];
			i += 2;
		}
		has = has || (c >= low && c <= high);
	}
	if (i >= p.len)
		return false;
	*at = i + 1;
	*ret_has = has != invert;
	return true;
}

/* Which positions of the path a pattern read so far may have come to. */
struct places {
	bool at[PATH_LENGTH + 1];
};

static void read_stars(struct places *at, struct str path, bool deep, bool whole_parts)
{
	bool on = false;

	for (size_t i = 0; i <= path.len; i++) {
		if (!deep && i && path.data[i - 1] == '/')
			on = false;
		on = on || at->at[i];
		if (whole_parts)
			at->at[i] = at->at[i] || (on && i && path.data[i - 1] == '/');
		else
			at->at[i] = on;
	}
}

/* One character: from the back, so that each position moves once. */
static bool read_one(struct places *at, struct str path, struct str p, size_t *n)
{
	size_t next = *n + 1;
	char c = p.data[*n];
	bool literal = c != '?' && c != '[';

	if (c == '\\' && next < p.len)
		c = p.data[next++];
	if (!literal && c == '[') {
		size_t probe = next;
		bool has;

		if (!class_has(p, &probe, 'x', &has))
			return false;
	}
	for (size_t i = path.len; i > 0; i--) {
		bool fits = path.data[i - 1] == c;
		size_t end = next;

		if (!literal && c == '?')
			fits = path.data[i - 1] != '/';
		else if (!literal)
			class_has(p, &end, path.data[i - 1], &fits);
		at->at[i] = at->at[i - 1] && fits;
		*n = end;
	}
	at->at[0] = false;
	if (!path.len)
		*n = next;
	return true;
}

/* The path, or a folder above it. */
static bool matches(struct str p, struct str path)
{
	struct places at = {.at = {true}};
	size_t n = 0;

	while (n < p.len) {
		size_t stars = n;

		while (stars < p.len && p.data[stars] == '*')
			stars++;
		if (stars == n) {
			if (!read_one(&at, path, p, &n))
				return false;
			continue;
		}
		if (stars - n > 1 && stars < p.len && p.data[stars] == '/') {
			read_stars(&at, path, true, true);
			stars++;
		} else {
			read_stars(&at, path, stars - n > 1, false);
		}
		n = stars;
	}
	for (size_t i = 1; i <= path.len; i++) {
		if (at.at[i] && (i == path.len || path.data[i] == '/'))
			return true;
	}
	return false;
}

/* "." is the whole context: only what leaves everything out leaves it out. */
static bool is_everything(struct str p)
{
	for (size_t n = 0; n < p.len; n++) {
		if (p.data[n] != '*' && p.data[n] != '/')
			return false;
	}
	return true;
}

static bool is_ignored(struct lint *l, struct str path)
{
	const struct state *state = lint_state(l);

	for (const struct ignore_pattern *p = state->patterns; p; p = p->next) {
		l->state->work->left -= (int64_t)(p->text.len * (path.len + 1) / 16 + 1);
		if (l->state->work->left <= 0)
			return false;
		if (str_is(path, ".") ? is_everything(p->text) : matches(p->text, path))
			return true;
	}
	return false;
}

static bool is_remote(struct str source)
{
	return str_find(source, STR("://")) >= 0 || str_starts(source, STR("git@"));
}

static void check(struct lint *l, const struct instruction *i)
{
	const struct state *state = lint_state(l);

	if (!state->patterns || !l->stage || instruction_flag(i, "from"))
		return;
	for (uint32_t n = 0; n + 1 < i->word_count; n++) {
		const struct docker_word *w = &i->words[n];
		struct value v = word_of(l, w);
		struct str path;

		if (!v.known || !v.text.len || str_starts(w->text, STR("<<")) ||
		    (i->kind == INSTRUCTION_ADD && is_remote(v.text)))
			continue;
		path = clean(l->arena, v.text);
		if (path.len > PATH_LENGTH)
			lint_report(
				l, w->span,
				"This path of %zu bytes is longer than any on Linux and was not "
				"compared with .dockerignore",
				path.len);
		else if (path.len && is_ignored(l, path))
			lint_report(l, w->span, "%s takes '%.*s', which .dockerignore leaves out",
				    instruction_kind_name(i->kind), STR_ARG(path));
	}
}

const struct rule rule_copy_ignored_file = {
	.code = "CopyIgnoredFile",
	.title = "Copy nothing that .dockerignore leaves out",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_COPY) | INSTRUCTION_BIT(INSTRUCTION_ADD),
	.state_size = sizeof(struct state),
	.file = read_patterns,
	.instruction = check,
};
