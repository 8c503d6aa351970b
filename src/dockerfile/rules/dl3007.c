/*
 * hadolint DL3007: a tag "latest" moves; a digest beside it does not.
 */
#include "dockerfile/rule.h"

static void check(struct lint *l, const struct instruction *i)
{
	const struct stage *s = l->stage;

	(void)i;
	if (s->base < 0 && s->image.known && str_is(s->image_name.tag, "latest") &&
	    !s->image_name.digest.len)
		lint_report(l, s->image_span,
			    "Pin the version of the image: 'latest' is another image tomorrow");
}

const struct rule rule_dl3007 = {
	.code = "DL3007",
	.title = "Pin the base image to a version, not to latest",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM),
	.instruction = check,
};
