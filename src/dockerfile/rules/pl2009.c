/*
 * ADD https://... without --checksum: what the server gives today gets in, and nobody sees a
 * change. Over http it is PL2008. A repository is pinned by its commit.
 */
#include "dockerfile/rules/paths.h"
#include "dockerfile/rules/remote_source.h"

static void check(struct lint *l, const struct instruction *i)
{
	if (remote_is_checked(i))
		return;
	for (uint32_t n = 0; n + 1 < i->word_count; n++) {
		struct value v = word_of(l, &i->words[n]);
		struct finding *f;

		if (remote_source_of(v.text) != REMOTE_HTTPS)
			continue;
		f = lint_report(l, i->words[n].span,
				"Say what must come: ADD --checksum=sha256:..., else whatever the "
				"server has gets in");
		lint_fix(l, f, false, "needs the checksum of the file that you looked at");
	}
}

const struct rule rule_pl2009 = {
	.code = "PL2009",
	.title = "Give ADD the checksum of what it fetches",
	.level = LEVEL_INFO,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_ADD),
	.instruction = check,
};
