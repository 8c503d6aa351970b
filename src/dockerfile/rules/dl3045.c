/*
 * hadolint DL3045: a relative target of COPY goes where the base image's WORKDIR happens to be
 * unless a WORKDIR of this file stands before it. Stages hand theirs on; what ONBUILD copies may
 * rely on an ONBUILD WORKDIR. What a variable gives is judged where it is known.
 */
#include "dockerfile/rules/paths.h"

struct state {
	bool trigger_workdir; /* the stage has an ONBUILD WORKDIR */
};

static void start(struct lint *l, const struct stage *s)
{
	struct state *state = lint_state(l);

	(void)s;
	state->trigger_workdir = false;
}

/* "COPY --from=a / /" is what DL3067 is about. */
static bool takes_root(const struct instruction *i)
{
	for (uint32_t n = 0; n + 1 < i->word_count; n++) {
		if (str_is(bare_word(i->words[n].text), "/"))
			return true;
	}
	return false;
}

static void offer(struct lint *l, struct finding *f, const struct docker_word *to, struct str path)
{
	struct str full;

	if (to->json || path.len != to->text.len || str_find(path, STR("..")) >= 0)
		return;
	while (str_skip(&path, STR("./")))
		;
	if (str_is(path, "."))
		path = STR("");
	full = arena_printf(l->arena, "/%.*s", STR_ARG(path));
	if (!full.data)
		return;
	if (!path.len && instruction_flag(l->instruction, "from"))
		lint_fix(l, f, false, "a whole file system may be copied to /");
	else if (l->stage && l->stage->is_scratch)
		lint_fix(l, f, true, "scratch has no WORKDIR but /");
	else
		lint_fix(l, f, false, "the base image may have a WORKDIR of its own");
	if (path.len || !instruction_flag(l->instruction, "from") || !takes_root(l->instruction))
		lint_edit(l, f, to->span.start, to->span.end, full);
}

static void check(struct lint *l, const struct instruction *i)
{
	struct state *state = lint_state(l);
	const struct docker_word *to = destination(i);
	struct finding *f;
	struct str path;

	if (i->kind == INSTRUCTION_WORKDIR) {
		state->trigger_workdir = state->trigger_workdir || i->is_trigger;
		return;
	}
	if (!to || (i->is_trigger && state->trigger_workdir) || !is_adrift(l, to))
		return;
	path = bare_word(to->text);
	f = lint_report(l, to->span, "Use WORKDIR before a COPY to a relative target");
	if (path.data[0] != '$')
		offer(l, f, to, path);
}

const struct rule rule_dl3045 = {
	.code = "DL3045",
	.title = "Set WORKDIR before COPY to a relative target",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.state_size = sizeof(struct state),
	.instructions = INSTRUCTION_BIT(INSTRUCTION_COPY) | INSTRUCTION_BIT(INSTRUCTION_WORKDIR),
	.stage = start,
	.instruction = check,
};
