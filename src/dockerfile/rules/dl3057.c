/*
 * hadolint DL3057: an image says with HEALTHCHECK how to find out whether it works; NONE says that
 * there is no way. Stages that others build on or copy from are judged by these. Off unless asked
 * for.
 */
#include "dockerfile/rule.h"

struct state {
	uint8_t *healthy; /* by stage, inherited */
};

static void start(struct lint *l)
{
	struct state *s = lint_state(l);

	s->healthy = arena_alloc(l->arena, l->graph->stage_count + 1);
}

static void inherit(struct lint *l, const struct stage *stage)
{
	struct state *s = lint_state(l);

	if (s->healthy && stage->base >= 0)
		s->healthy[stage->index] = s->healthy[stage->base];
}

static void note(struct lint *l, const struct instruction *i)
{
	struct state *s = lint_state(l);

	(void)i;
	if (s->healthy && l->stage)
		s->healthy[l->stage->index] = 1;
}

static void report(struct lint *l)
{
	struct state *s = lint_state(l);

	for (size_t n = 0; s->healthy && n < l->graph->stage_count; n++) {
		const struct stage *stage = &l->graph->stages[n];

		if (stage->from && !s->healthy[n] && !stage->is_base && !stage->is_copied)
			lint_report(l, stage->from->line, "HEALTHCHECK is missing");
	}
}

const struct rule rule_dl3057 = {
	.code = "DL3057",
	.title = "Set a HEALTHCHECK",
	.level = LEVEL_IGNORE,
	.state_size = sizeof(struct state),
	.instructions = INSTRUCTION_BIT(INSTRUCTION_HEALTHCHECK),
	.file = start,
	.stage = inherit,
	.instruction = note,
	.end = report,
};
