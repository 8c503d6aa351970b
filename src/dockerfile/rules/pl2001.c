/*
 * curl -k and wget --no-check-certificate: whoever sits between the build and the server chooses
 * what ends up in the image.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	const struct command_use *use = lint_use(l, t, c);
	const struct command_flag *flag;
	struct finding *f;
	struct span word;

	if (!use)
		return;
	flag = command_flag(use, str_is(c->name, "curl") ? "insecure" : "no-check-certificate");
	if (!flag)
		return;
	word = shell_span(t, c->argv[flag->arg].node);
	f = lint_report(l, word, "%.*s switches the verification of certificates off",
			STR_ARG(flag->spelling));
	lint_fix(l, f, false, "the download fails where the server's certificate is not valid");
	/* "-fsSLk": take the letter out of the word; a word of its own goes with the blank before
	 * it */
	if (str_eq(dockerfile_slice(l->file, word), flag->spelling) && flag->arg > 0 &&
	    word.start > 0 && l->file->text.data[word.start - 1] == ' ')
		lint_edit(l, f, word.start - 1, word.end, STR(""));
	else if (flag->spelling.len == 2 && !c->argv[flag->arg].quoted) {
		ptrdiff_t at =
			str_find_char(dockerfile_slice(l->file, word), flag->spelling.data[1]);

		if (at > 0)
			lint_edit(l, f, word.start + (uint32_t)at, word.start + (uint32_t)at + 1,
				  STR(""));
	}
}

const struct rule rule_pl2001 = {
	.code = "PL2001",
	.title = "Let curl and wget verify certificates",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"curl", "wget", NULL},
	.command = check,
};
