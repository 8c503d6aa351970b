#include "dockerfile/rules/cleanup.h"

#include "dockerfile/rules/edits.h"
#include "dockerfile/rules/mounts.h"

static bool is_in(struct str name, const char *const *list)
{
	for (; *list; list++) {
		if (str_is(name, *list))
			return true;
	}
	return false;
}

/*
 * Does this word of rm take the folder away? The folder itself, all in it, or something above;
 * what a pattern or braces may match counts as matched: "/var/lib/{apt,dpkg}", "/var/cache/yum/"
 * "*".
 */
static bool takes_folder(struct str path, struct str folder)
{
	size_t plain = 0;

	while (plain < path.len && !strchr("*?[{", path.data[plain]))
		plain++;
	if (plain == 0 || path.data[0] != '/')
		return false;
	if (plain < path.len) {
		struct str before = str_to(path, plain);

		return str_starts(folder, before) ||
		       (str_starts(before, folder) && before.len == folder.len + 1);
	}
	while (path.len > 1 && path.data[path.len - 1] == '/')
		path.len--;
	return path.len > 1 && is_below(folder, path);
}

static bool removes(const struct command_use *use, const char *const *folders)
{
	for (uint32_t n = 0; n < use->position_count; n++) {
		struct str path = use->command->argv[use->positions[n].arg].text;

		for (size_t i = 0; folders[i]; i++) {
			if (takes_folder(path, str_of(folders[i])))
				return true;
		}
	}
	return false;
}

enum { ALL_COMMANDS = ~0u, NOTHING = 0 };

static unsigned bit_of(struct str name, const char *const *list)
{
	for (unsigned i = 0; list[i]; i++) {
		if (str_is(name, list[i]))
			return 1u << i;
	}
	return 0;
}

/* The commands, as bits, whose traces this one removes. */
static unsigned cleaned_by(struct lint *l, const struct cleanup *k, const struct shell_tree *t,
			   const struct shell_command *c)
{
	bool remover = str_is(c->name, "rm") || str_is(c->name, "find");
	unsigned bit = bit_of(c->name, k->commands);
	const struct command_use *use;

	if (!remover && !bit)
		return NOTHING;
	use = lint_use(l, t, c);
	if (!use || !use->sub)
		return NOTHING;
	if (bit)
		return is_in(str_of(use->sub->name), k->cleaners) ? bit : NOTHING;
	if (str_is(c->name, "find") && !command_has(use, "delete"))
		return NOTHING;
	return removes(use, k->folders) ? ALL_COMMANDS : NOTHING;
}

static unsigned cleaned(struct lint *l, const struct cleanup *k, const struct shell_tree *t,
			const struct shell_command *c)
{
	const struct command_use *use;
	struct shell_command inner;

	if (!str_is(c->name, "sudo"))
		return cleaned_by(l, k, t, c);
	use = lint_use(l, t, c);
	return use && command_inner(use, &inner) ? cleaned_by(l, k, t, &inner) : NOTHING;
}

static bool leaves(struct lint *l, const struct cleanup *k, const struct shell_tree *t,
		   const struct shell_command *c)
{
	const struct command_use *use = lint_use(l, t, c);

	return use && use->sub && is_in(str_of(use->sub->name), k->subs);
}

/* The last command that leaves something which nothing behind it takes away. */
static const struct shell_command *find_leaver(struct lint *l, const struct cleanup *k,
					       const struct shell_tree *t)
{
	unsigned done = 0;

	for (uint32_t n = t->command_count; n > 0; n--) {
		const struct shell_command *c = &t->commands[n - 1];
		unsigned bit = bit_of(c->name, k->commands);

		if (bit && !(done & bit) && leaves(l, k, t, c))
			return c;
		done |= cleaned(l, k, t, c);
	}
	return NULL;
}

static bool is_exempt(const struct lint *l, const struct cleanup *k, const struct instruction *i)
{
	/* what ONBUILD starts stays in another image */
	if (k->by_stage && !i->is_trigger && l->stage && !l->stage->is_last && !l->stage->is_base)
		return true;
	for (size_t n = 0; k->mounts[n]; n++) {
		if (k->mounts[n][0] == '/' ? has_mount(i, k->mounts[n], false)
					   : has_mount_with(i, k->mounts[n]))
			return true;
	}
	return k->is_exempt && k->is_exempt(i);
}

/* It is run whenever the script gets that far: in no branch, loop, pipe or function. */
static bool is_unconditional(const struct shell_tree *t, const struct shell_command *c)
{
	uint32_t parent = t->nodes[c->node].parent;

	if (t->nodes[parent].kind == SHELL_AND)
		parent = t->nodes[parent].parent;
	return parent == 0;
}

void cleanup_check_by(struct lint *l, const struct cleanup *k, const struct instruction *i,
		      const struct shell_tree *t)
{
	const struct shell_command *c = find_leaver(l, k, t);
	const struct command_use *use;
	struct str repair;
	struct finding *f;
	uint32_t offset;
	bool safe;

	if (!c || is_exempt(l, k, i))
		return;
	use = lint_use(l, t, c);
	f = lint_report(l, shell_args_span(t, c, 0, use ? use->sub_arg : 0), "%s", k->message);
	if (!script_end(i, t, &offset))
		return;
	/* the repair may be the very command that a branch asks for */
	safe = k->is_safe ? k->is_safe(l, t) : is_unconditional(t, c);
	lint_fix(l, f, safe, "%s", safe ? k->safe_reason : k->unsafe_reason);
	repair = k->repair ? str_of(k->repair)
			   : arena_printf(l->arena, "%.*s clean all", STR_ARG(c->name));
	if (repair.data)
		edit_append(l, f, i, offset, repair);
}

void cleanup_check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	cleanup_check_by(l, l->rule->data, i, t);
}
