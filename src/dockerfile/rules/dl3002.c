/*
 * hadolint DL3002: what the image starts runs as the last USER. A stage that only serves as the
 * base of others is judged by them, when they change the user.
 */
#include "dockerfile/rule.h"

static bool is_root(struct str user)
{
	return str_is(user, "root") || str_is(user, "0") || str_starts(user, STR("root:")) ||
	       str_starts(user, STR("0:"));
}

struct state {
	uint8_t *left; /* by stage: some stage that builds on it does not leave root behind */
	const struct instruction **root; /* by stage: its last USER, when that is root */
};

static void start(struct lint *l)
{
	struct state *s = lint_state(l);

	s->left = arena_alloc(l->arena, l->graph->stage_count + 1);
	s->root = arena_alloc_array(l->arena, l->graph->stage_count + 1, sizeof(*s->root));
}

static void look(struct lint *l, const struct stage *stage)
{
	struct state *s = lint_state(l);
	const struct build_state *last = stage->last;
	bool own = last && last->user_where && last->user_where->index >= stage->start &&
		   last->user_where->index < stage->end;
	bool root = last && last->user.set && is_root(last->user.text);

	if (!s->left || !s->root)
		return;
	if (own && root && stage->from)
		s->root[stage->index] = last->user_where;
	if (stage->base >= 0 && (!own || root))
		s->left[stage->base] = 1;
}

static void report(struct lint *l)
{
	struct state *s = lint_state(l);

	for (size_t n = 0; s->left && s->root && n < l->graph->stage_count; n++) {
		const struct stage *stage = &l->graph->stages[n];
		struct finding *f;

		if (!s->root[n] || (stage->is_base && !stage->is_last && !s->left[n]))
			continue;
		f = lint_report(l, s->root[n]->line,
				"What the image starts runs as root: set another USER at the end");
		lint_fix(l, f, false, "a user must be chosen that can do what the image is for");
	}
}

const struct rule rule_dl3002 = {
	.code = "DL3002",
	.title = "Leave another user than root behind",
	.level = LEVEL_WARNING,
	.state_size = sizeof(struct state),
	.file = start,
	.stage_end = look,
	.end = report,
};
