/*
 * BuildKit's InvalidDefaultArgInFrom: the image's name as it is when nobody gives a --build-arg.
 * What is not set is empty then. Names without variables are none of this rule's business.
 */
#include "dockerfile/rules/paths.h"

#include "dockerfile/scope.h"

struct state {
	const struct scope *defaults;
	struct value_work work;
};

static void define(struct lint *l, struct state *state, struct str name, struct value value)
{
	struct variable *v = arena_alloc(l->arena, sizeof(*v));
	const struct scope *s;

	if (!v)
		return;
	*v = (struct variable){.name = name, .kind = VARIABLE_ARG, .value = value};
	s = scope_put(l->arena, state->defaults, v);
	if (s)
		state->defaults = s;
}

static struct value known(struct str text, bool set)
{
	return (struct value){.text = text, .known = true, .set = set};
}

/* What a word uses and nothing sets is empty. */
static struct value default_of(struct lint *l, struct state *state, struct str word)
{
	struct variable_use u = variable_uses(word, l->file->escape);
	struct build_state s = {.work = &state->work};

	while (variable_use_next(&u)) {
		if (!scope_find(state->defaults, u.name))
			define(l, state, u.name, known(STR(""), false));
	}
	s.variables = state->defaults;
	return value_of_word(l->arena, &s, word, l->file->escape);
}

static void read_defaults(struct lint *l)
{
	static const char *const machine[][2] = {
		{"BUILDARCH", "amd64"},
		{"BUILDOS", "linux"},
		{"BUILDPLATFORM", "linux/amd64"},
		{"BUILDVARIANT", ""},
		{"TARGETARCH", "amd64"},
		{"TARGETOS", "linux"},
		{"TARGETPLATFORM", "linux/amd64"},
		{"TARGETVARIANT", ""},
		{"TARGETSTAGE", "default"},
	};
	struct state *state = lint_state(l);

	state->work.left = VALUE_WORK;
	for (size_t n = 0; n < sizeof(machine) / sizeof(*machine); n++)
		define(l, state, str_of(machine[n][0]), known(str_of(machine[n][1]), true));
	for (size_t n = 0; n < l->file->instructions.count; n++) {
		const struct instruction *i = l->file->instructions.items[n];

		if (i->kind == INSTRUCTION_FROM)
			return;
		for (uint32_t p = 0; i->kind == INSTRUCTION_ARG && p < i->pair_count; p++) {
			if (i->pairs[p].has_value)
				define(l, state, i->pairs[p].name,
				       default_of(l, state, i->pairs[p].value));
		}
	}
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Components of lower-case words with '.', '_', '__' or dashes in between. */
static bool is_path(struct str path)
{
	struct str part;

	if (!path.len)
		return false;
	while (str_next(&path, '/', &part)) {
		if (!part.len || !is_word(part.data[0]) || !is_word(part.data[part.len - 1]))
			return false;
		for (size_t n = 0; n < part.len; n++) {
			char c = part.data[n], before = n ? part.data[n - 1] : 'a';

			if (is_word(c) || (c == '-' && (is_word(before) || before == '-')))
				continue;
			if (c == '.' && is_word(before))
				continue;
			if (c != '_' || !(is_word(before) ||
					  (before == '_' && n > 1 && is_word(part.data[n - 2]))))
				return false;
		}
	}
	return true;
}

static bool is_tag(struct str tag)
{
	for (size_t n = 0; n < tag.len; n++) {
		char c = tag.data[n];

		if (!is_word(c | 32) && !is_word(c) && c != '_' &&
		    (n == 0 || (c != '.' && c != '-')))
			return false;
	}
	return tag.len > 0 && tag.len <= 128;
}

static bool is_digest(struct str digest)
{
	ptrdiff_t colon = str_find_char(digest, ':');
	struct str hex = str_from(digest, (size_t)colon + 1);

	for (size_t n = 0; n < hex.len; n++) {
		if (!is_word(hex.data[n] | 32) || (hex.data[n] | 32) > 'f')
			return false;
	}
	return colon > 0 && hex.len >= 32;
}

static bool is_host(struct str host)
{
	for (size_t n = 0; n < host.len; n++) {
		char c = host.data[n];

		if (!is_word(c | 32) && c != '.' && c != '-' && c != ':' && c != '[' && c != ']')
			return false;
	}
	return host.len > 0;
}

static bool is_image(struct str image)
{
	ptrdiff_t at = str_find_char(image, '@'), slash, colon;

	if (at >= 0) {
		if (!is_digest(str_from(image, (size_t)at + 1)))
			return false;
		image = str_to(image, (size_t)at);
	}
	slash = str_find_last_char(image, '/');
	colon = str_find_last_char(image, ':');
	if (colon > slash) {
		if (!is_tag(str_from(image, (size_t)colon + 1)))
			return false;
		image = str_to(image, (size_t)colon);
	}
	slash = str_find_char(image, '/');
	if (slash > 0) {
		struct str first = str_to(image, (size_t)slash);

		/* what has a dot, a port or capitals is a host */
		if (str_is(first, "localhost") || !is_path(first) || str_find_char(first, '.') >= 0)
			return is_host(first) && is_path(str_from(image, (size_t)slash + 1));
	}
	return is_path(image);
}

static void check(struct lint *l, const struct instruction *i)
{
	struct state *state = lint_state(l);
	struct value v;

	if (!i->word_count || str_find_char(i->words[0].text, '$') < 0)
		return;
	v = default_of(l, state, i->words[0].text);
	if (v.known && !is_image(v.text))
		lint_report(l, i->words[0].span,
			    "With the defaults of its arguments '%.*s' is no image name: '%.*s'",
			    STR_ARG(i->words[0].text), STR_ARG(v.text));
}

const struct rule rule_invalid_default_arg_in_from = {
	.code = "InvalidDefaultArgInFrom",
	.title = "Give the arguments of FROM defaults that make an image name",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM),
	.state_size = sizeof(struct state),
	.file = read_defaults,
	.instruction = check,
};
