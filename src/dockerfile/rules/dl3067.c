/*
 * hadolint DL3067: COPY --from=x / / takes everything, tools and caches of the build included; a
 * stage that builds on x would do the same without a copy.
 */
#include "dockerfile/rules/paths.h"

static void check(struct lint *l, const struct instruction *i)
{
	const struct docker_word *to = destination(i);

	if (!to || !instruction_flag(i, "from") || !str_is(bare_word(to->text), "/"))
		return;
	for (uint32_t n = 0; n + 1 < i->word_count; n++) {
		if (str_is(bare_word(i->words[n].text), "/")) {
			lint_report(l, i->words[n].span,
				    "Copy what is needed, not the whole file system of a stage");
			return;
		}
	}
}

const struct rule rule_dl3067 = {
	.code = "DL3067",
	.title = "Copy no whole file systems",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_COPY),
	.instruction = check,
};
