/*
 * Secrets by what they look like: keys and tokens with a known shape, private keys, passwords in
 * URLs. SecretsUsedInArgOrEnv and DL3064 judge the name of an ARG or ENV and report that name; this
 * one reports the value, wherever it stands, so no place is reported twice. The message never holds
 * it.
 */
#include "dockerfile/rule.h"

enum letters { LETTERS_UPPER, LETTERS_ALNUM, LETTERS_TOKEN /* also _ and - */ };

static const struct shape {
	const char *start;
	uint32_t least; /* bytes behind it */
	uint32_t most;
	enum letters letters;
	const char *what;
} shapes[] = {
	{"AKIA", 16, 16, LETTERS_UPPER, "An access key of AWS"},
	{"ASIA", 16, 16, LETTERS_UPPER, "An access key of AWS"},
	{"AIza", 35, 35, LETTERS_TOKEN, "An API key of Google"},
	{"ghp_", 36, 255, LETTERS_ALNUM, "A token of GitHub"},
	{"gho_", 36, 255, LETTERS_ALNUM, "A token of GitHub"},
	{"ghs_", 36, 255, LETTERS_ALNUM, "A token of GitHub"},
	{"ghu_", 36, 255, LETTERS_ALNUM, "A token of GitHub"},
	{"github_pat_", 22, 255, LETTERS_TOKEN, "A token of GitHub"},
	{"glpat-", 20, 255, LETTERS_TOKEN, "A token of GitLab"},
	{"npm_", 36, 36, LETTERS_ALNUM, "A token of npm"},
	{"sk_live_", 20, 255, LETTERS_ALNUM, "A key of Stripe"},
	{"xoxb-", 20, 255, LETTERS_TOKEN, "A token of Slack"},
	{"xoxp-", 20, 255, LETTERS_TOKEN, "A token of Slack"},
};

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_letter(enum letters letters, char c)
{
	switch (letters) {
	case LETTERS_UPPER:
		return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
	case LETTERS_ALNUM:
		return is_alnum(c);
	case LETTERS_TOKEN:
		return is_alnum(c) || c == '_' || c == '-';
	}
	return false;
}

/* Length of the secret that the text begins with, or 0. */
static size_t match_shape(struct str text, const struct shape **ret_shape)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		const struct shape *s = &shapes[i];
		size_t start = strlen(s->start), end = start;

		if (!str_starts(text, str_of(s->start)))
			continue;
		while (end < text.len && end - start <= s->most &&
		       is_letter(s->letters, text.data[end]))
			end++;
		/* AKIAIOSFODNN7EXAMPLE stands in manuals */
		if (end - start < s->least || end - start > s->most ||
		    str_ends(str_to(text, end), STR("EXAMPLE")))
			return 0;
		*ret_shape = s;
		return end;
	}
	return 0;
}

/* Behind "://": "user:password@" with a password that is written out. Its place, or false. */
static bool match_url(struct str text, size_t at, size_t *ret_start, size_t *ret_end)
{
	size_t colon = 0, end = 0;

	for (size_t n = at; n < text.len && n - at < 512; n++) {
		char c = text.data[n];

		if (c <= ' ' || memchr("/\"'<>\\$`{}()", c, 12))
			break;
		if (c == ':' && !colon)
			colon = n;
		else if (c == '@')
			end = n;
	}
	if (!colon || colon == at || end <= colon + 1)
		return false;
	*ret_start = colon + 1;
	*ret_end = end;
	return true;
}

static void report(struct lint *l, struct span span, const char *what)
{
	struct finding *f = lint_report(
		l, span, "%s stands in the file; it stays readable in the image and its history",
		what);

	lint_fix(l, f, false,
		 "make it invalid, and hand the new one over with RUN "
		 "--mount=type=secret");
}

static void check_text(struct lint *l, const struct joined *text)
{
	static const char key[] = " PRIVATE KEY-----";
	struct str s = text->text;

	for (size_t at = 0; at < s.len; at++) {
		char c = s.data[at];
		size_t start = at, end = 0;
		const char *what = NULL;
		const struct shape *shape;

		if (c == ':' && str_starts(str_from(s, at), STR("://"))) {
			if (match_url(s, at + 3, &start, &end))
				what = "A password in a URL";
		} else if (c == '-' && str_starts(str_from(s, at), STR("-----BEGIN "))) {
			struct str head = str_sub(s, at, at + 64 < s.len ? at + 64 : s.len);
			ptrdiff_t found = str_find(head, str_of(key));

			end = found < 0 ? 0 : at + (size_t)found + sizeof(key) - 1;
			what = end ? "A private key" : NULL;
		} else if (c && memchr("Agnsx", c, 5) &&
			   (at == 0 || (!is_alnum(s.data[at - 1]) && s.data[at - 1] != '_'))) {
			end = at + match_shape(str_from(s, at), &shape);
			what = end > at ? shape->what : NULL;
		}
		if (!what)
			continue;
		report(l, joined_span(text, start, end), what);
		at = end - 1;
	}
}

static void check(struct lint *l, const struct instruction *i)
{
	check_text(l, &i->rest);
	for (uint32_t n = 0; n < i->heredoc_count; n++) {
		struct span body = i->heredocs[n].body;
		struct joint joint = {.at = 0, .file = body.start};
		struct joined text = {
			.text = dockerfile_slice(l->file, body), .count = 1, .joints = &joint};

		check_text(l, &text);
	}
}

const struct rule rule_pl2006 = {
	.code = "PL2006",
	.title = "Write no secrets into the file",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_RUN) | INSTRUCTION_BIT(INSTRUCTION_ENV) |
			INSTRUCTION_BIT(INSTRUCTION_ARG) | INSTRUCTION_BIT(INSTRUCTION_LABEL) |
			INSTRUCTION_BIT(INSTRUCTION_COPY) | INSTRUCTION_BIT(INSTRUCTION_ADD) |
			INSTRUCTION_BIT(INSTRUCTION_CMD) | INSTRUCTION_BIT(INSTRUCTION_ENTRYPOINT),
	.instruction = check,
};
