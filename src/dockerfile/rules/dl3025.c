/*
 * hadolint DL3025: in shell form the program is a child of a shell that takes the signals and does
 * not hand them on, so stopping the container kills it. The repair is offered where the text is one
 * command without anything that only a shell can do.
 */
#include "dockerfile/rule.h"

#include "base/buf.h"

/* What only exists within a shell. */
static bool is_builtin(struct str name)
{
	static const char *const names[] = {".",     ":",    "source", "exec",	"cd",	"export",
					    "set",   "eval", "ulimit", "umask", "trap", "wait",
					    "unset", "exit", "read",   "alias", NULL};

	for (size_t i = 0; names[i]; i++) {
		if (str_is(name, names[i]))
			return true;
	}
	return false;
}

/* Globs and ~ are the shell's as well. */
static bool is_plain(const struct shell_tree *t, const struct shell_arg *a)
{
	struct str source = shell_source(t, a->node);

	if (!a->literal || t->nodes[a->node].kind != SHELL_WORD)
		return false;
	if (a->quoted)
		return true;
	for (size_t i = 0; i < source.len; i++) {
		if (source.data[i] && strchr("*?[]{}~", source.data[i]))
			return false;
	}
	return true;
}

static bool is_one_command(const struct shell_tree *t)
{
	const struct shell_command *c = t->commands;
	uint32_t first = t->status == SHELL_PARSED ? shell_child(t, 0) : SHELL_NONE;

	if (!first || t->has_error || t->nodes[first].next || t->command_count != 1 ||
	    c->node != first || (t->nodes[first].flags & SHELL_BACKGROUND) ||
	    is_builtin(c->argv[0].text))
		return false;
	for (uint32_t n = shell_child(t, first); n; n = t->nodes[n].next) {
		if (t->nodes[n].kind != SHELL_WORD)
			return false;
	}
	for (uint32_t n = 0; n < c->argc; n++) {
		if (!is_plain(t, &c->argv[n]))
			return false;
	}
	/* a comment behind it */
	return str_trim(str_from(t->body.text, t->nodes[first].end)).len == 0;
}

static void add_json(struct buf *b, struct str s)
{
	buf_add_char(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c == '"' || c == '\\')
			buf_add_char(b, '\\');
		if (c < 0x20)
			buf_printf(b, "\\u%04x", c);
		else
			buf_add_char(b, (char)c);
	}
	buf_add_char(b, '"');
}

static void offer(struct lint *l, struct finding *f, struct span span, const struct shell_tree *t)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	const struct shell_command *c = t->commands;

	buf_add_char(&b, '[');
	for (uint32_t n = 0; n < c->argc; n++) {
		buf_add_cstr(&b, n ? ", " : "");
		add_json(&b, c->argv[n].text);
	}
	buf_add_char(&b, ']');
	if (buf_failed(&b))
		lint_fail(l);
	if (buf_failed(&b) || !str_is_utf8(buf_str(&b)))
		return;
	lint_fix(l, f, false,
		 "the program is started without a shell, and ENTRYPOINT and CMD are "
		 "joined then");
	lint_edit(l, f, span.start, span.end, buf_str(&b));
}

static void check(struct lint *l, const struct instruction *i)
{
	const struct shell_tree *t;
	struct finding *f;
	struct span span;

	if (i->form != FORM_SHELL || i->health_none)
		return;
	span = joined_span(&i->command, 0, i->command.text.len);
	f = lint_report(l, span, "Write the arguments of %s as a JSON list",
			instruction_kind_name(i->kind));
	if (i->is_trigger || i->heredoc_count)
		return;
	t = lint_shell(l, i);
	if (is_one_command(t))
		offer(l, f, span, t);
}

const struct rule rule_dl3025 = {
	.code = "DL3025",
	.title = "Write CMD and ENTRYPOINT as JSON lists",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_CMD) | INSTRUCTION_BIT(INSTRUCTION_ENTRYPOINT) |
			INSTRUCTION_BIT(INSTRUCTION_HEALTHCHECK),
	.instruction = check,
};
