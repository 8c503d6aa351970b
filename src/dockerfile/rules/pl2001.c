/*
 * curl -k and wget --no-check-certificate: whoever sits between the build and the server chooses
 * what ends up in the image.
 */
#include "dockerfile/rules/inner.h"
#include "dockerfile/rules/settings.h"

static const struct command_flag *find(const struct command_use *use, struct str name)
{
	const struct command_flag *flag;

	if (str_is(name, "curl")) {
		flag = command_flag(use, "insecure");
		return flag ? flag : command_flag(use, "proxy-insecure");
	}
	if (!str_is(name, "wget"))
		return NULL;
	flag = command_flag(use, "no-check-certificate");
	if (flag)
		return flag;
	flag = command_flag(use, "check-certificate");
	return flag && flag->has_value &&
			       (setting_is(SETTING_FALSE, flag->value) ||
				str_is(flag->value, "quiet"))
		       ? flag
		       : NULL;
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *outer)
{
	struct shell_command inner;
	const struct command_use *use = inner_use(l, t, outer, &inner);
	const struct shell_command *c = &inner;
	const struct command_flag *flag = use ? find(use, c->name) : NULL;
	struct finding *f;
	struct span word;

	if (!flag)
		return;
	word = shell_span(t, c->argv[flag->arg].node);
	f = lint_report(l, word, "%.*s switches the verification of certificates off",
			STR_ARG(flag->spelling));
	lint_fix(l, f, false, "the download fails where the server's certificate is not valid");
	/* "-fsSLk": take the letter out of the word; a word of its own goes with the blank before
	 * it */
	if ((str_eq(dockerfile_slice(l->file, word), flag->spelling) || flag->has_value) &&
	    flag->arg > 0 && word.start > 0 && l->file->text.data[word.start - 1] == ' ')
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
	.commands = (const char *const[]){INNER_FRONTS, "curl", "wget", NULL},
	.command = check,
};
