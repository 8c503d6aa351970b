#include "dockerfile/rules/copied_source.h"

#include "dockerfile/rules/mounts.h"
#include "dockerfile/rules/paths.h"

void copied_stage(struct lint *l, const struct stage *s)
{
	struct copied_state *state = lint_state(l);

	state->copy = NULL;
	state->reported = false;
	state->seen = s->base >= 0 && s->base < COPIED_STAGES ? state->stages[s->base] : 0;
	/* what a stage out of sight installed cannot be known: all of it */
	if (s->base >= COPIED_STAGES)
		state->seen = UINT64_MAX;
}

void copied_stage_end(struct lint *l, const struct stage *s)
{
	struct copied_state *state = lint_state(l);

	if (s->index < COPIED_STAGES)
		state->stages[s->index] = state->seen;
}

static bool is_context(struct str path)
{
	return str_is(path, ".") || str_is(path, "./") || str_is(path, "/") || str_is(path, "*") ||
	       str_is(path, "./*");
}

void copied_instruction(struct lint *l, const struct instruction *i)
{
	struct copied_state *state = lint_state(l);

	if (state->copy || i->kind == INSTRUCTION_RUN || instruction_flag(i, "from"))
		return;
	for (uint32_t n = 0; n + 1 < i->word_count; n++) {
		struct value v = word_of(l, &i->words[n]);

		if (!v.known || !is_context(v.text))
			continue;
		state->copy = i;
		state->source = i->words[n].span;
		return;
	}
}

static bool is_path(struct str word)
{
	return str_find_char(word, '/') >= 0 || str_starts(word, STR(".")) ||
	       str_ends(word, STR(".apk")) || str_ends(word, STR(".deb")) ||
	       str_ends(word, STR(".rpm"));
}

static bool is_when(const struct copied_kind *k, const struct command_use *use)
{
	const struct shell_arg *argv = use->command->argv;

	if (k->when == COPIED_ALWAYS)
		return true;
	if (k->when == COPIED_BARE)
		return use->position_count == 0;
	for (uint32_t n = 0; n < use->position_count; n++) {
		const struct shell_arg *a = &argv[use->positions[n].arg];

		/* "$(cat packages.txt)" reads the source */
		if (!a->literal || is_path(a->text))
			return false;
	}
	return use->position_count > 0;
}

/* Its row, or -1. */
static int kind_of(const struct copied_kind *table, const struct command_use *use)
{
	struct str names = str_of(use->schema->names), name;

	if (!str_next(&names, ' ', &name))
		return -1;
	for (int n = 0; table[n].tool; n++) {
		const struct copied_kind *k = &table[n];

		if (str_is(name, k->tool) && (!k->sub || command_is(use, k->sub)) &&
		    (!k->option || command_has(use, k->option)) && is_when(k, use))
			return n;
	}
	return -1;
}

/* npm install before the copy also stands for npm ci behind it. */
static uint64_t rows_of(const struct copied_kind *table, const char *tool)
{
	uint64_t rows = 0;

	for (int n = 0; table[n].tool; n++) {
		if (strcmp(table[n].tool, tool) == 0)
			rows |= UINT64_C(1) << n;
	}
	return rows;
}

static bool is_layer(const struct instruction *i)
{
	return i->kind == INSTRUCTION_RUN || i->kind == INSTRUCTION_COPY ||
	       i->kind == INSTRUCTION_ADD;
}

static void report(struct lint *l, const struct copied_state *state, const struct copied_kind *k,
		   struct str words)
{
	struct dockerfile *file = (struct dockerfile *)(uintptr_t)l->file;
	uint32_t line = dockerfile_position(file, l->instruction->span.start).line, first = 0;
	uint32_t count = 0;
	struct finding *f;

	for (uint32_t at = state->copy->index + 1; at < l->stage->end; at++) {
		const struct instruction *i = l->file->instructions.items[at];

		if (!is_layer(i))
			continue;
		if (!count)
			first = dockerfile_position(file, i->span.start).line;
		count++;
	}
	f = lint_report(l, state->source,
			"A change of any file repeats '%.*s' in line %u: %u instruction%s rebuilt "
			"from line %u on",
			STR_ARG(words), line, count, count == 1 ? " is" : "s are", first);
	if (k->files)
		lint_fix(l, f, false, "copy %s first, install, then copy the rest", k->files);
	else
		lint_fix(l, f, false, "move the install in front of the copy");
}

void copied_command(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	const struct copied_kind *table = l->rule->data;
	struct copied_state *state = lint_state(l);
	const struct command_use *use;
	uint32_t at = 0, last;
	struct str target;
	int row;

	if (!l->stage || state->reported || l->instruction->is_trigger)
		return;
	use = lint_use(l, t, c);
	row = use ? kind_of(table, use) : -1;
	if (row < 0)
		return;
	if (!state->copy) {
		state->seen |= rows_of(table, table[row].tool);
		return;
	}
	/* a cache mount keeps what was downloaded */
	if ((state->seen & (UINT64_C(1) << row)) || mount_next(l->instruction, &at, &target))
		return;
	last = use->sub_arg ? use->sub_arg + (use->sub && strchr(use->sub->name, ' ') != NULL)
			    : use->first;
	state->reported = true;
	report(l, state, &table[row],
	       dockerfile_slice(l->file, shell_args_span(t, c, use->first, last)));
}
