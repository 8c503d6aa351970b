/*
 * A pragma that names something no rule can be called: as in hadolint the whole pragma does nothing
 * then, which its author should know.
 */
#include "dockerfile/pragma.h"

static void check(struct lint *l)
{
	const struct dockerfile *d = l->file;

	for (size_t n = 0; n < d->comments.count; n++) {
		struct str comment = dockerfile_slice(d, d->comments.items[n].span);
		uint32_t start = d->comments.items[n].span.start;
		struct pragma p;

		if (!pragma_read(comment, l->config, &p) || !p.bad.data)
			continue;
		start += (uint32_t)(p.bad.data - comment.data);
		lint_report(l, (struct span){start, start + (uint32_t)p.bad.len},
			    "No rule is called '%.*s', so this comment silences nothing",
			    (int)(p.bad.len > 80 ? 80 : p.bad.len), p.bad.data);
	}
}

const struct rule rule_pl1006 = {
	.code = "PL1006",
	.title = "Name rules by their codes in ignore comments",
	.level = LEVEL_WARNING,
	.file = check,
};
