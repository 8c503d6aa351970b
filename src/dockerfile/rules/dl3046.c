/*
 * hadolint DL3046: useradd writes a record for every number below the user's into /var/log/lastlog:
 * with a number of six digits or more that is a sparse file of gigabytes, which layers do not keep
 * sparse.
 */
#include "dockerfile/rules/edits.h"
#include "dockerfile/rules/words.h"

enum { DIGITS_MAX = 5 };

static bool is_long(struct str number)
{
	for (size_t i = 0; i < number.len; i++) {
		if (number.data[i] < '0' || number.data[i] > '9')
			return false;
	}
	return number.len > DIGITS_MAX;
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	const struct command_use *use = lint_use(l, t, c);
	const struct command_flag *uid = use ? command_flag(use, "uid") : NULL;
	struct finding *f;
	struct str number;
	bool split;

	if (!uid || !uid->has_value || command_has(use, "no-log-init"))
		return;
	number = uid->value;
	/* a word of its own may hold variables */
	if (uid->value_arg != uid->arg &&
	    !word_value(l, lint_state(l), t, &c->argv[uid->value_arg], &number, &split))
		return;
	if (!is_long(number))
		return;
	f = lint_report(
		l, shell_args_span(t, c, uid->arg, uid->value_arg),
		"useradd with a long user number needs -l, or the layer gets a huge log file");
	lint_fix(l, f, true, "only the record of the last login is left out");
	edit_behind_arg(l, f, t, c, use->first, " -l");
}

const struct rule rule_dl3046 = {
	.code = "DL3046",
	.title = "Use -l with useradd and a long user number",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"useradd", NULL},
	.state_size = sizeof(struct word_cache),
	.command = check,
};
