/*
 * hadolint DL4006: the status of a pipe is that of its last command, so a download that fails in
 * front of tar goes unnoticed. Only bash, zsh and ash (busybox) know pipefail; SHELL sets it for
 * all that follows, "set -o pipefail" in a RUN does for that one.
 */
#include "dockerfile/rules/spelling.h"

#include "base/buf.h"

struct state {
	bool offered; /* the repair, in this stage */
};

static void start(struct lint *l, const struct stage *s)
{
	struct state *state = lint_state(l);

	(void)s;
	state->offered = false;
}

static bool knows_pipefail(struct str program)
{
	return str_is(program, "bash") || str_is(program, "zsh") || str_is(program, "ash");
}

/* SHELL ["/bin/bash", "-o", "pipefail", "-c"], "-eo" as well. */
static bool is_set_by_shell(const struct shell_setting *shell)
{
	const struct instruction *i = shell->where;
	bool option = false, pipefail = false;

	if (!i || !knows_pipefail(shell->program))
		return false;
	for (uint32_t n = 1; n < i->word_count; n++) {
		struct str word = i->words[n].text;

		option = option || (word.len > 1 && word.data[0] == '-' && word.data[1] != '-' &&
				    str_find_char(word, 'o') > 0);
		pipefail = pipefail || str_is(word, "pipefail");
		/* one word with all of it */
		if (str_find(word, STR("pipefail")) >= 0 && str_find_char(word, ' ') >= 0)
			option = pipefail = true;
	}
	return option && pipefail;
}

static bool is_set_by_script(const struct shell_tree *t, uint32_t before)
{
	for (uint32_t n = 0; n < t->command_count && t->commands[n].node < before; n++) {
		if (str_is(t->commands[n].name, "set") &&
		    shell_arg_find(&t->commands[n], 1, "pipefail"))
			return true;
	}
	return false;
}

static uint32_t find_pipe(const struct shell_tree *t)
{
	for (uint32_t n = 0; n < t->count; n++) {
		if (t->nodes[n].kind == SHELL_PIPELINE)
			return n;
	}
	return SHELL_NONE;
}

static void offer(struct lint *l, struct finding *f, const struct instruction *i)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	struct state *state = lint_state(l);
	uint32_t at = i->span.start;

	lint_fix(l, f, false,
		 "the image must have bash, and a command that stops reading early fails its pipe");
	if (state->offered || i->is_trigger)
		return;
	state->offered = true;
	buf_add_cstr(&b, is_mostly_lower(l) ? "shell" : "SHELL");
	buf_add_cstr(&b, " [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]");
	/* comments above stay with the RUN: they may be pragmas */
	if (i->comment_start < i->comment_end)
		at = l->file->comments.items[i->comment_start].span.start;
	if (at > 1 && l->file->text.data[at - 2] == '\r')
		buf_add_char(&b, '\r');
	buf_add_char(&b, '\n');
	if (buf_failed(&b))
		lint_fail(l);
	else
		lint_edit(l, f, at, at, buf_str(&b));
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	struct span span;
	uint32_t pipe;

	if (is_set_by_shell(&l->state->shell))
		return;
	pipe = find_pipe(t);
	if (!pipe || is_set_by_script(t, pipe))
		return;
	span = shell_span(t, pipe);
	offer(l,
	      lint_report(l, span,
			  "Set pipefail with SHELL before a RUN with a pipe, or its failures go "
			  "unnoticed"),
	      i);
}

const struct rule rule_dl4006 = {
	.code = "DL4006",
	.title = "Set pipefail before a RUN with a pipe",
	.level = LEVEL_WARNING,
	.state_size = sizeof(struct state),
	.stage = start,
	.shell = check,
};
