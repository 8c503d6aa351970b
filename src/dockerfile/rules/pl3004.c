/*
 * ARG GIT_COMMIT, ARG BUILD_DATE, ... in front of an install: a build argument is part of the
 * environment of every RUN behind it, used or not, so that a value that is another one with each
 * build repeats them all. Declared behind the install it repeats only what needs it.
 */
#include "base/buf.h"
#include "dockerfile/rule.h"

enum { ARGS_MAX = 16 }; /* a stage; more are not followed */

struct state {
	const struct docker_pair *args[ARGS_MAX]; /* that nothing has used yet */
	uint32_t count;
};

/* Parts of names, between underscores, of what each build sets anew. */
static bool is_changing(struct str name)
{
	static const char *const whole[] = {
		"BUILD_DATE", "BUILD_ID",	 "BUILD_NUMBER",  "BUILD_NUM",	    "BUILD_SHA",
		"BUILD_TIME", "BUILD_TIMESTAMP", "BUILDDATE",	  "COMMIT_HASH",    "COMMIT_ID",
		"COMMIT_SHA", "GIT_COMMIT",	 "GIT_HASH",	  "GIT_REV",	    "GIT_REVISION",
		"GIT_SHA",    "GITHUB_SHA",	 "CI_COMMIT_SHA", "REVISION",	    "SOURCE_COMMIT",
		"VCS_REF",    "VCS_REVISION",	 "BUILD_COMMIT",  "BUILD_REVISION", "BUILD_VCS_REF",
	};

	for (size_t n = 0; n < sizeof(whole) / sizeof(*whole); n++) {
		if (str_eq_nocase(name, str_of(whole[n])))
			return true;
	}
	return false;
}

static void start(struct lint *l, const struct stage *s)
{
	struct state *state = lint_state(l);

	(void)s;
	state->count = 0;
}

static bool is_word_char(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* The name stands in the text, whoever reads it there. */
static bool names(struct str text, struct str name)
{
	ptrdiff_t at;

	while ((at = str_find(text, name)) >= 0) {
		size_t end = (size_t)at + name.len;

		if ((at == 0 || !is_word_char(text.data[at - 1])) &&
		    (end == text.len || !is_word_char(text.data[end])))
			return true;
		text = str_from(text, end);
	}
	return false;
}

static void forget(struct state *state, uint32_t n)
{
	state->args[n] = state->args[--state->count];
}

static void check(struct lint *l, const struct instruction *i)
{
	struct state *state = lint_state(l);

	if (!l->stage || i->is_trigger)
		return;
	if (i->kind == INSTRUCTION_ARG) {
		for (uint32_t n = 0; n < i->pair_count && state->count < ARGS_MAX; n++) {
			if (is_changing(i->pairs[n].name))
				state->args[state->count++] = &i->pairs[n];
		}
		return;
	}
	/* a label is data of the image, no step of the build */
	if (i->kind == INSTRUCTION_LABEL)
		return;
	for (uint32_t n = state->count; n-- > 0;) {
		if (names(dockerfile_slice(l->file, i->span), state->args[n]->name))
			forget(state, n);
	}
}

static bool is_install(const struct command_use *use)
{
	static const struct {
		const char *tool, *sub;
	} installs[] = {
		{"apk", "add"},		 {"apt", "install"},	 {"apt-get", "install"},
		{"bundle", "install"},	 {"cargo", "build"},	 {"cargo", "fetch"},
		{"composer", "install"}, {"conda", "install"},	 {"dnf", "install"},
		{"gem", "install"},	 {"go", "mod download"}, {"microdnf", "install"},
		{"npm", "ci"},		 {"npm", "i"},		 {"npm", "install"},
		{"pip", "install"},	 {"pipenv", "install"},	 {"pnpm", "install"},
		{"poetry", "install"},	 {"uv", "sync"},	 {"yarn", "install"},
		{"yum", "install"},	 {"zypper", "install"},
	};
	struct str list = str_of(use->schema->names), name;

	if (!str_next(&list, ' ', &name))
		return false;
	for (size_t n = 0; n < sizeof(installs) / sizeof(*installs); n++) {
		if (str_is(name, installs[n].tool) && command_is(use, installs[n].sub))
			return true;
	}
	return false;
}

static void command(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	struct dockerfile *file = (struct dockerfile *)(uintptr_t)l->file;
	struct state *state = lint_state(l);
	const struct command_use *use;
	struct str words;

	if (!state->count || !l->stage || l->instruction->is_trigger)
		return;
	use = lint_use(l, t, c);
	if (!use || !is_install(use))
		return;
	words = dockerfile_slice(
		l->file,
		shell_args_span(t, c, use->first,
				use->sub_arg ? use->sub_arg + (strchr(use->sub->name, ' ') != NULL)
					     : use->first));
	for (uint32_t n = 0; n < state->count; n++) {
		const struct docker_pair *p = state->args[n];
		struct finding *f = lint_report(
			l, p->name_span, "Each new value of %.*s repeats '%.*s' in line %u",
			STR_ARG(p->name), STR_ARG(words),
			dockerfile_position(file, l->instruction->span.start).line);

		lint_fix(l, f, false, "declare it right before the instruction that needs it");
	}
	state->count = 0;
}

const struct rule rule_pl3004 = {
	.code = "PL3004",
	.title = "Declare arguments that change with each build behind the installs",
	.level = LEVEL_INFO,
	.state_size = sizeof(struct state),
	.stage = start,
	.instruction = check,
	.command = command,
};
