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

/* Blanks and line ends that are continued, as between two words. */
static bool is_separator(const struct lint *l, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!strchr(" \t\r\n", text.data[i]) && text.data[i] != l->file->escape)
			return false;
	}
	return true;
}

/* Takes out a word that is the option alone, with what stands between it and the word before. */
static void edit_word(struct lint *l, struct finding *f, struct span before, struct span word)
{
	struct str text = l->file->text;

	if (before.end <= word.start && is_separator(l, str_sub(text, before.end, word.start)))
		lint_edit(l, f, before.end, word.end, STR(""));
	else if (word.start > 0 && text.data[word.start - 1] == ' ')
		lint_edit(l, f, word.start - 1, word.end, STR(""));
}

/* "-fsSLk": takes the letter out of the word, as often as the flags say that it is there. */
static void edit_letter(struct lint *l, struct finding *f, const struct command_use *use,
			const struct command_flag *flag, struct span word)
{
	struct str text = dockerfile_slice(l->file, word);
	size_t at = 1;

	for (const struct command_flag *n = use->flags; n < use->flags + use->flag_count; n++) {
		ptrdiff_t found;

		if (n->arg != flag->arg || !str_eq(n->name, flag->name) || at > text.len)
			continue;
		found = str_find_char(str_from(text, at), flag->spelling.data[1]);
		if (found < 0)
			return;
		at += (size_t)found + 1;
		lint_edit(l, f, word.start + (uint32_t)at - 1, word.start + (uint32_t)at, STR(""));
	}
}

/* Everywhere in the command: once more would be found again. */
static void offer(struct lint *l, struct finding *f, const struct shell_tree *t,
		  const struct command_use *use, const struct command_flag *flag)
{
	const struct shell_arg *argv = use->command->argv;
	uint32_t done = 0;

	for (const struct command_flag *n = flag; n < use->flags + use->flag_count; n++) {
		struct span word = shell_span(t, argv[n->arg].node);

		if (!str_eq(n->name, flag->name) || n->arg == 0 || n->arg == done)
			continue;
		done = n->arg;
		if (n->has_value || str_eq(dockerfile_slice(l->file, word), n->spelling))
			edit_word(l, f, shell_span(t, argv[n->arg - 1].node), word);
		else if (n->spelling.len == 2 && !argv[n->arg].quoted)
			edit_letter(l, f, use, n, word);
	}
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *outer)
{
	struct shell_command inner;
	const struct command_use *use = inner_use(l, t, outer, &inner);
	const struct command_flag *flag = use ? find(use, inner.name) : NULL;
	struct finding *f;

	if (!flag)
		return;
	f = lint_report(l, shell_span(t, inner.argv[flag->arg].node),
			"%.*s switches the verification of certificates off",
			STR_ARG(flag->spelling));
	lint_fix(l, f, false, "the download fails where the server's certificate is not valid");
	offer(l, f, t, use, flag);
}

const struct rule rule_pl2001 = {
	.code = "PL2001",
	.title = "Let curl and wget verify certificates",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){INNER_FRONTS, "curl", "wget", NULL},
	.command = check,
};
