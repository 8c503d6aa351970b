/*
 * hadolint DL3022: COPY --from=NAME takes from an earlier stage; a name that none has is an image
 * from the registry, perhaps a stranger's. With a tag or digest an image is meant.
 */
#include "dockerfile/rules/paths.h"

static void check(struct lint *l, const struct instruction *i)
{
	const struct docker_flag *from = instruction_flag(i, "from");
	struct value v;

	if (!from || !from->value.len)
		return;
	v = value_of_word(l->arena, l->state, from->value, l->file->escape);
	if (!v.known || str_find_char(v.text, ':') >= 0)
		return;
	if (l->stage && graph_find_stage(l->graph, v.text, l->stage->index, true))
		return;
	/* its own name is DL3023 */
	if (l->stage && l->stage->name.len && str_eq_nocase(v.text, l->stage->name))
		return;
	lint_report(l, from->span,
		    "COPY --from should name an earlier stage, or an image with its "
		    "tag");
}

const struct rule rule_dl3022 = {
	.code = "DL3022",
	.title = "Copy from stages that are there",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_COPY),
	.instruction = check,
};
