/*
 * hadolint DL3059: of RUNs in a row each makes a layer; one RUN would do. RUNs of several commands
 * were joined on purpose and stay apart on purpose; so do those with other flags.
 */
#include "dockerfile/rules/edits.h"

#include "base/buf.h"

struct state {
	const struct instruction *before; /* a RUN of one command right before, or NULL */
};

static bool has_one_command(struct lint *l, const struct instruction *i)
{
	const struct shell_tree *t;

	if (i->form == FORM_JSON)
		return true;
	t = lint_shell(l, i);
	return t->status == SHELL_PARSED && t->command_count <= 1;
}

static bool has_same_flags(const struct instruction *a, const struct instruction *b)
{
	if (a->flag_count != b->flag_count)
		return false;
	for (uint32_t n = 0; n < a->flag_count; n++) {
		if (!str_eq(a->flags[n].name, b->flags[n].name) ||
		    !str_eq(a->flags[n].value, b->flags[n].value))
			return false;
	}
	return true;
}

/* Nothing stands between but the keyword: no comment, which may be a pragma. */
static bool is_bare(struct lint *l, uint32_t start, uint32_t end)
{
	struct str between = str_trim(str_sub(l->file->text, start, end));

	str_skip(&between, STR(";"));
	return str_eq_nocase(str_trim(between), STR("RUN"));
}

/* "a || b": what is joined to it by && would be part of the choice. */
static bool has_choice(const struct shell_tree *t)
{
	for (uint32_t n = shell_child(t, 0); n; n = t->nodes[n].next) {
		if (t->nodes[n].kind == SHELL_OR)
			return true;
	}
	return false;
}

/* "RUN # text" has no command to join, and a comment would end what is put in front of it. */
static bool starts_with_command(const struct shell_tree *t)
{
	uint32_t first = shell_child(t, 0);

	return first && !str_trim(str_to(t->body.text, t->nodes[first].start)).len;
}

static void offer(struct lint *l, struct finding *f, const struct instruction *before,
		  const struct instruction *i)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	uint32_t start, end;
	bool crlf;

	lint_fix(l, f, false, "a change in one of the commands then runs all of them again");
	if (i->form != FORM_SHELL || i->flag_count || i->heredoc_count ||
	    lint_shell(l, i)->has_error || !starts_with_command(lint_shell(l, i)) ||
	    before->form != FORM_SHELL || !script_end(before, lint_shell(l, before), &start) ||
	    has_choice(lint_shell(l, before)) || has_choice(lint_shell(l, i)))
		return;
	end = joined_offset(&i->command, 0);
	if (!is_bare(l, start, end))
		return;
	crlf = str_find_char(str_sub(l->file->text, start, end), '\r') >= 0;
	buf_printf(&b, " %c%s\n    && ", l->file->escape, crlf ? "\r" : "");
	if (buf_failed(&b))
		lint_fail(l);
	else
		lint_edit(l, f, start, end, buf_str(&b));
}

static void check(struct lint *l, const struct instruction *i)
{
	struct state *s = lint_state(l);
	const struct instruction *before = s->before;

	s->before = i->kind == INSTRUCTION_RUN && has_one_command(l, i) ? i : NULL;
	if (before && s->before && has_same_flags(before, i))
		offer(l, lint_report(l, i->keyword, "Join consecutive RUN instructions into one"),
		      before, i);
}

const struct rule rule_dl3059 = {
	.code = "DL3059",
	.title = "Join consecutive RUN instructions",
	.level = LEVEL_INFO,
	.state_size = sizeof(struct state),
	.instruction = check,
};
