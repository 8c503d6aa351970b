/*
 * RUN chown -R behind the COPY of the same files: a layer cannot change a file of another one, so
 * all of them are in the image a second time. COPY --chown and --chmod cost nothing. Stages that
 * are not shipped do not matter.
 */
#include "dockerfile/rules/inner.h"
#include "dockerfile/rules/paths.h"

enum { COPIES_MAX = 32 }; /* a stage; more are not followed */

struct copy {
	const struct instruction *instruction;
	struct str target; /* absolute, no slash at its end */
	bool context;	   /* the whole build context, no single file */
};

struct state {
	struct copy copies[COPIES_MAX];
	uint32_t count;
	bool shipped;
};

static void start(struct lint *l, const struct stage *s)
{
	struct state *state = lint_state(l);

	state->count = 0;
	state->shipped = s->is_last || s->is_base;
}

/*
 * "./x/" in WORKDIR /a is "/a/x"; empty when it is not known. A relative WORKDIR at the bottom is
 * taken from the root on, where DL3000's repair would have it.
 */
static struct str absolute(struct lint *l, struct str path)
{
	struct str folder = l->state->workdir.set ? l->state->workdir.text : STR("/");

	while (str_starts(path, STR("./")))
		path = str_from(path, 2);
	if (str_is(path, "."))
		path = STR("");
	if (!str_starts(path, STR("/"))) {
		if (!folder.len || str_find_char(folder, '$') >= 0 || folder.len + path.len > 4096)
			return STR("");
		path = arena_printf(l->arena, "%s%.*s%s%.*s",
				    str_starts(folder, STR("/")) ? "" : "/", STR_ARG(folder),
				    str_ends(folder, STR("/")) ? "" : "/", STR_ARG(path));
	}
	while (path.len && path.data[path.len - 1] == '/')
		path = str_to(path, path.len - 1);
	return path.data ? path : STR("");
}

static bool is_context(const struct instruction *i)
{
	for (uint32_t n = 0; n + 1 < i->word_count; n++) {
		struct str source = bare_word(i->words[n].text);

		if (str_is(source, ".") || str_is(source, "./") || str_is(source, "/"))
			return true;
	}
	return false;
}

static void note(struct lint *l, const struct instruction *i)
{
	struct state *state = lint_state(l);
	const struct docker_word *to = destination(i);
	struct value target;

	if (i->kind == INSTRUCTION_RUN || i->is_trigger || !l->stage || !l->state || !to ||
	    state->count == COPIES_MAX)
		return;
	target = word_of(l, to);
	if (!target.known || !absolute(l, target.text).len)
		return;
	state->copies[state->count++] = (struct copy){i, absolute(l, target.text), is_context(i)};
}

static bool is_below(struct str path, struct str folder)
{
	return str_starts(path, folder) && (path.len == folder.len || path.data[folder.len] == '/');
}

/* The last copy whose files the path names, without the flag that would do the same. */
static const struct copy *find_copy(const struct state *state, struct str path, const char *flag)
{
	for (uint32_t n = state->count; n-- > 0;) {
		const struct copy *c = &state->copies[n];

		/* of a large folder with one small file in it nothing is said */
		if ((is_below(path, c->target) || (c->context && is_below(c->target, path))) &&
		    !instruction_flag(c->instruction, flag))
			return c;
	}
	return NULL;
}

static bool changes_folder(const struct shell_tree *t)
{
	for (uint32_t n = 0; n < t->command_count; n++) {
		if (str_is(t->commands[n].name, "cd") || str_is(t->commands[n].name, "pushd"))
			return true;
	}
	return false;
}

/* Of a command's paths the first that was copied. */
static const struct copy *copied(struct lint *l, const struct shell_tree *t,
				 const struct command_use *use, const char *flag)
{
	for (uint32_t n = 1; n < use->position_count; n++) {
		const struct shell_arg *a = &use->command->argv[use->positions[n].arg];
		struct value v = value_of_word(l->arena, l->state, a->text, l->file->escape);
		const struct copy *found;
		struct str path;

		if (!v.known || str_find_char(v.text, '`') >= 0 ||
		    str_find(v.text, STR("$(")) >= 0 ||
		    (!str_starts(v.text, STR("/")) && changes_folder(t)))
			continue;
		path = absolute(l, v.text);
		found = path.len ? find_copy(lint_state(l), path, flag) : NULL;
		if (found)
			return found;
	}
	return NULL;
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	const struct state *state = lint_state(l);
	struct dockerfile *file = (struct dockerfile *)(uintptr_t)l->file;
	struct shell_command inner;
	const struct command_use *use;
	const struct copy *copy;
	const char *flag;
	struct finding *f;

	if (!state->count || !state->shipped || !l->stage || !l->state ||
	    l->instruction->is_trigger)
		return;
	use = inner_use(l, t, c, &inner);
	if (!use || (!str_is(inner.name, "chown") && !str_is(inner.name, "chmod")) ||
	    !command_has(use, "recursive"))
		return;
	flag = str_is(inner.name, "chown") ? "chown" : "chmod";
	copy = copied(l, t, use, flag);
	if (!copy)
		return;
	f = lint_report(l, shell_span(t, c->node),
			"What line %u copied is in the image a second time with another %s",
			dockerfile_position(file, copy->instruction->span.start).line,
			strcmp(flag, "chown") == 0 ? "owner" : "mode");
	lint_fix(l, f, false, "set it in the %s: --%s=...",
		 copy->instruction->kind == INSTRUCTION_ADD ? "ADD" : "COPY", flag);
}

const struct rule rule_pl3005 = {
	.code = "PL3005",
	.title = "Set owner and mode where files are copied",
	.level = LEVEL_INFO,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_RUN) | INSTRUCTION_BIT(INSTRUCTION_COPY) |
			INSTRUCTION_BIT(INSTRUCTION_ADD),
	.commands = (const char *const[]){INNER_FRONTS, "chmod", "chown", NULL},
	.state_size = sizeof(struct state),
	.stage = start,
	.instruction = note,
	.command = check,
};
