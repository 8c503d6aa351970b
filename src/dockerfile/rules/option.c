#include "dockerfile/rules/option.h"

#include "dockerfile/rules/edits.h"

static bool is_wanted_in(const struct wanted_option *w, const struct command_use *use)
{
	for (size_t i = 0; w->subs && w->subs[i]; i++) {
		if (command_is(use, w->subs[i]))
			return true;
	}
	return !w->subs;
}

static bool has_any(const struct wanted_option *w, const struct command_use *use)
{
	for (size_t i = 0; w->options[i]; i++) {
		if (command_has(use, w->options[i]))
			return true;
	}
	return false;
}

/* The last word of the sub-command: "install" of "group install". */
static uint32_t last_sub_arg(const struct command_use *use)
{
	return use->sub_arg + (use->sub && strchr(use->sub->name, ' ') != NULL);
}

void option_check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	const struct wanted_option *w = l->rule->data;
	const struct command_use *use = lint_use(l, t, c);
	struct finding *f;
	uint32_t last;

	if (!use || !is_wanted_in(w, use) || has_any(w, use) ||
	    (w->is_exempt && w->is_exempt(l, use)))
		return;
	last = w->subs ? last_sub_arg(use) : use->first;
	f = lint_report(l, shell_args_span(t, c, 0, last), "%s", w->message);
	if (!w->insert)
		return;
	lint_fix(l, f, w->safe, "%s", w->reason);
	edit_behind_arg(l, f, t, c, last, w->insert);
}
