/*
 * hadolint DL3006: without tag or digest the image is the one called latest today. Earlier stages
 * and scratch have no tag; a name that depends on what is not known is not judged.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct instruction *i)
{
	const struct stage *s = l->stage;

	(void)i;
	if (s->base >= 0 || s->is_scratch || !s->image.known || !s->image.text.len ||
	    s->image_name.tag.len || s->image_name.digest.len)
		return;
	lint_report(l, s->image_span, "Say which version of the image: name:tag, or a digest");
}

const struct rule rule_dl3006 = {
	.code = "DL3006",
	.title = "Tag the version of the base image",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM),
	.instruction = check,
};
