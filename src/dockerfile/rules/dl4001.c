/*
 * hadolint DL4001: one of curl and wget is enough for a stage; two are two packages to install and
 * to keep up to date.
 */
#include "dockerfile/rule.h"

enum { CURL = 1, WGET = 2 };

struct state {
	unsigned seen; /* in the stage so far */
};

static void start(struct lint *l, const struct stage *s)
{
	struct state *state = lint_state(l);

	(void)s;
	state->seen = 0;
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	struct state *state = lint_state(l);
	const struct shell_command *second = NULL;

	(void)i;
	for (uint32_t n = 0; n < t->command_count; n++) {
		const struct shell_command *c = &t->commands[n];
		unsigned is = str_is(c->name, "curl") ? CURL : str_is(c->name, "wget") ? WGET : 0;

		state->seen |= is;
		if (is && !second && state->seen == (CURL | WGET))
			second = c;
	}
	if (second)
		lint_report(l, shell_args_span(t, second, 0, 0),
			    "One of curl and wget is enough for a stage");
}

const struct rule rule_dl4001 = {
	.code = "DL4001",
	.title = "Use either curl or wget",
	.level = LEVEL_WARNING,
	.state_size = sizeof(struct state),
	.stage = start,
	.shell = check,
};
