/*
 * A password that stands in the Dockerfile: "echo root:x | chpasswd", "echo x | passwd --stdin",
 * "useradd -p". It is in the history of the image, and the same in every container. The message
 * never holds it.
 */
#include "dockerfile/rules/inner.h"

enum { PIPE_BACK = 16 };

static void report(struct lint *l, struct span span, struct str name)
{
	struct finding *f = lint_report(
		l, span, "A password for '%.*s' stands in the file, and in the image's history",
		STR_ARG(name));

	lint_fix(l, f, false,
		 "leave the account without password, or read it with RUN --mount=type=secret");
}

/* "root:secret"; of variables and substitutions what they hold is not in this text. */
static bool is_given(const struct shell_arg *a, bool with_login)
{
	struct str text = a->text;
	ptrdiff_t colon = str_find_char(text, ':');

	if (with_login) {
		if (colon <= 0)
			return false;
		text = str_from(text, (size_t)colon + 1);
	}
	return text.len > 0 && str_find_char(text, '$') < 0 && str_find_char(text, '`') < 0;
}

/* The words that echo or printf hands to the command: one that is a password, or 0. */
static uint32_t given_word(const struct shell_command *c, bool with_login)
{
	if (!str_is(c->name, "echo") && !str_is(c->name, "printf"))
		return 0;
	for (uint32_t n = 1; n < c->argc; n++) {
		if (!str_starts(c->argv[n].text, STR("-")) && is_given(&c->argv[n], with_login))
			return n;
	}
	return 0;
}

/* What stands left of it in the pipeline. */
static void check_pipeline(struct lint *l, const struct shell_tree *t,
			   const struct shell_command *c, struct str name, bool with_login)
{
	uint32_t pipeline = t->nodes[c->node].parent, n;

	if (t->nodes[pipeline].kind != SHELL_PIPELINE)
		return;
	n = shell_child(t, pipeline);
	for (int i = 0; i < PIPE_BACK && n && n != c->node; i++, n = t->nodes[n].next) {
		const struct shell_command *left =
			t->nodes[n].kind == SHELL_COMMAND ? shell_command_of(t, n) : NULL;
		uint32_t word = left ? given_word(left, with_login) : 0;

		if (!word)
			continue;
		report(l, shell_span(t, left->argv[word].node), name);
		return;
	}
}

/* chpasswd <<EOF, chpasswd <<< root:x */
static void check_redirects(struct lint *l, const struct shell_tree *t,
			    const struct shell_command *c, struct str name)
{
	for (uint32_t n = shell_child(t, c->node); n; n = t->nodes[n].next) {
		uint32_t from = t->nodes[n].kind == SHELL_REDIRECT ? shell_child(t, n) : SHELL_NONE;
		bool here = from && (t->nodes[from].kind == SHELL_HEREDOC ||
				     str_is(t->nodes[n].text, "<<<"));
		struct shell_arg text = {0};

		if (!here)
			continue;
		text.text = shell_source(t, from);
		if (is_given(&text, true))
			report(l, shell_span(t, from), name);
	}
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *outer)
{
	struct shell_command c;
	const struct command_use *use = inner_use(l, t, outer, &c);
	const struct command_flag *flag;

	if (!use)
		return;
	if (str_is(c.name, "chpasswd")) {
		check_pipeline(l, t, outer, c.name, true);
		check_redirects(l, t, outer, c.name);
	} else if (str_is(c.name, "passwd")) {
		check_pipeline(l, t, outer, c.name, false);
	} else if (str_is(c.name, "useradd") || str_is(c.name, "usermod")) {
		flag = command_flag(use, "password");
		/* "!" and "*" are no password; -p '' lets anybody in */
		if (flag && flag->has_value && str_find_char(flag->value, '$') != 0 &&
		    !str_starts(flag->value, STR("!")) && !str_starts(flag->value, STR("*")))
			report(l, shell_args_span(t, &c, flag->arg, flag->value_arg), c.name);
	}
}

const struct rule rule_pl2005 = {
	.code = "PL2005",
	.title = "Set no passwords in the image",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){INNER_FRONTS, "chpasswd", "passwd", "useradd", "usermod",
					  NULL},
	.command = check,
};
