/*
 * hadolint DL3009: the package lists that `update` fetches stay in the layer unless the same RUN
 * removes them. Stages that nothing builds on are thrown away, lists and all. A mount at the lists
 * keeps them out; so do two at /var/lib/apt and /var/cache/apt. Where apt was told to keep the
 * packages that it downloads, these must not stay either.
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

static const struct cleanup lists = {
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

/* The lists are in a mount, and apt keeps its packages: these are left. */
static const struct cleanup packages = {
	.commands = (const char *const[]){"apt-get", "apt", "aptitude", NULL},
	.subs = (const char *const[]){"update", NULL},
	.cleaners = (const char *const[]){"clean", "distclean", NULL},
	.folders = (const char *const[]){"/var/cache/apt", NULL},
	.mounts = (const char *const[]){"/var/cache/apt", NULL},
	.message = "apt keeps packages here: mount /var/cache/apt as well, or use apt-get clean",
	.repair = "apt-get clean",
	.safe_reason = "only what was downloaded goes",
	.unsafe_reason = "it runs where the command may not have run, or may not be there",
	.by_stage = true,
};

/*
 * The distributions' images have apt throw away what it downloaded (docker-clean). By stage: that
 * is switched off.
 */
struct state {
	uint8_t *keeps;
};

static void start(struct lint *l)
{
	struct state *s = lint_state(l);

	s->keeps = arena_alloc(l->arena, l->graph->stage_count + 1);
}

static void inherit(struct lint *l, const struct stage *stage)
{
	struct state *s = lint_state(l);

	if (s->keeps && stage->base >= 0)
		s->keeps[stage->index] = s->keeps[stage->base];
}

static bool switches_off(const struct shell_tree *t)
{
	ptrdiff_t keep = str_find(t->body.text, STR("Keep-Downloaded-Packages"));

	if (keep >= 0 && str_find(str_from(t->body.text, (size_t)keep), STR("true")) >= 0)
		return true;
	if (str_find(t->body.text, STR("apt.conf.d/docker-clean")) < 0)
		return false;
	for (uint32_t n = 0; n < t->command_count; n++) {
		const struct shell_command *c = &t->commands[n];

		for (uint32_t arg = 1; str_is(c->name, "rm") && arg < c->argc; arg++) {
			if (str_ends(c->argv[arg].text, STR("/docker-clean")))
				return true;
		}
	}
	return false;
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	struct state *s = lint_state(l);
	uint8_t *keeps = s->keeps ? &s->keeps[l->stage ? l->stage->index : 0] : NULL;

	if (keeps && switches_off(t))
		*keeps = 1;
	cleanup_check_by(l,
			 keeps && *keeps && has_mount(i, "/var/lib/apt/lists", false) ? &packages
										      : &lists,
			 i, t);
}

const struct rule rule_dl3009 = {
	.code = "DL3009",
	.title = "Remove the package lists of apt",
	.level = LEVEL_INFO,
	.state_size = sizeof(struct state),
	.file = start,
	.stage = inherit,
	.shell = check,
};
