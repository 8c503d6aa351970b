/*
 * hadolint DL3009: the package lists that `update` fetches stay in the layer unless the same RUN
 * removes them. Stages that nothing builds on are thrown away, lists and all. A mount at the lists
 * keeps them out; so do two at /var/lib/apt and /var/cache/apt.
 */
#include "dockerfile/rules/cleanup.h"
#include "dockerfile/rules/mounts.h"

enum { LOOK_AHEAD = 64 };

static bool is_apt(struct str name)
{
	return str_is(name, "apt-get") || str_is(name, "apt") || str_is(name, "aptitude");
}

static bool has_apt(const struct shell_tree *t, const char *word)
{
	for (uint32_t n = 0; n < t->command_count; n++) {
		if (is_apt(t->commands[n].name) && shell_arg_find(&t->commands[n], 1, word))
			return true;
	}
	return false;
}

/*
 * Removing the lists breaks a later RUN that installs without fetching them again: safe when this
 * RUN installs, and no later one does without.
 */
static bool is_safe(struct lint *l, const struct shell_tree *t)
{
	uint32_t end = l->stage ? l->stage->end : 0, at = l->instruction->index + 1;

	if (!l->stage || l->stage->is_base || l->instruction->is_trigger || end - at > LOOK_AHEAD ||
	    !has_apt(t, "install"))
		return false;
	for (; at < end; at++) {
		const struct instruction *i = l->file->instructions.items[at];
		const struct shell_tree *later =
			i->kind == INSTRUCTION_RUN ? lint_shell(l, i) : NULL;

		if (!later || i->form != FORM_SHELL)
			continue;
		if (later->status != SHELL_PARSED || later->has_error ||
		    (has_apt(later, "install") && !has_apt(later, "update")))
			return false;
	}
	return true;
}

static bool has_both_mounts(const struct instruction *i)
{
	return has_mount(i, "/var/lib/apt", false) && has_mount(i, "/var/cache/apt", false);
}

static const struct cleanup cleanup = {
	.commands = (const char *const[]){"apt-get", "apt", "aptitude", NULL},
	.subs = (const char *const[]){"update", NULL},
	.cleaners = (const char *const[]){"distclean", NULL},
	.folders = (const char *const[]){"/var/lib/apt/lists", NULL},
	.mounts = (const char *const[]){"/var/lib/apt/lists", NULL},
	.message = "Remove the package lists in the same RUN: rm -rf /var/lib/apt/lists/*",
	.repair = "rm -rf /var/lib/apt/lists/*",
	.is_safe = is_safe,
	.safe_reason = "nothing behind it installs from these lists",
	.unsafe_reason = "a later RUN that installs must fetch the lists again",
	.by_stage = true,
	.is_exempt = has_both_mounts,
};

const struct rule rule_dl3009 = {
	.code = "DL3009",
	.title = "Remove the package lists of apt",
	.level = LEVEL_INFO,
	.shell = cleanup_check,
	.data = &cleanup,
};
