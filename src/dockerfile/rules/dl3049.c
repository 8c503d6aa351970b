/*
 * hadolint DL3049: every image has the labels of the schema. A stage that others build on or copy
 * from is no image to ship when they carry the label; a label is handed on to stages built on it.
 */
#include "dockerfile/rules/label.h"

static bool has_label(const struct stage *s, struct str name)
{
	return s->last && scope_find(s->last->labels, name);
}

/* By stage: a stage built on it, directly or not, sets the label itself. Bases come earlier. */
static void mark_bases(const struct lint *l, struct str name, uint8_t *covered)
{
	const struct graph *g = l->graph;

	for (size_t n = g->stage_count; n > 0; n--) {
		const struct stage *s = &g->stages[n - 1];

		if (s->base >= 0 && (covered[n - 1] || has_label(s, name)) &&
		    !has_label(&g->stages[s->base], name))
			covered[s->base] = 1;
	}
}

static void check_label(struct lint *l, struct str name)
{
	const struct graph *g = l->graph;
	uint8_t *covered = arena_alloc(l->arena, g->stage_count + 1);

	if (!covered)
		return;
	mark_bases(l, name, covered);
	for (size_t n = 0; n < g->stage_count; n++) {
		const struct stage *s = &g->stages[n];

		if (s->from && !s->is_copied && !covered[n] && !has_label(s, name))
			lint_report(l, s->from->line, "The label '%.*s' is missing", STR_ARG(name));
	}
}

static void check(struct lint *l)
{
	for (size_t i = 0; i < l->config->label_count; i++)
		check_label(l, l->config->labels[i].name);
}

const struct rule rule_dl3049 = {
	.code = "DL3049",
	.title = "Set the labels of the schema",
	.level = LEVEL_INFO,
	.end = check,
};
