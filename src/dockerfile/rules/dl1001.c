/*
 * hadolint DL1001: ignore comments hide what the next reader should see. Off unless asked for.
 */
#include "dockerfile/pragma.h"

static void check(struct lint *l)
{
	const struct dockerfile *d = l->file;

	for (size_t n = 0; n < d->comments.count; n++) {
		struct pragma p;

		if (d->comments.items[n].inside ||
		    !pragma_read(dockerfile_slice(d, d->comments.items[n].span), l->config, &p))
			continue;
		if (p.kind == PRAGMA_IGNORE && !p.bad.data)
			lint_report(l, d->comments.items[n].span,
				    "Do not use ignore comments; settle it in the configuration");
	}
}

const struct rule rule_dl1001 = {
	.code = "DL1001",
	.title = "Do without ignore comments",
	.level = LEVEL_IGNORE,
	.file = check,
};
