/*
 * hadolint DL3066: a user by name means something only within the image: who starts it cannot tell
 * that it is not root. A variable may hold a number.
 */
#include "dockerfile/rules/paths.h"

static void check(struct lint *l, const struct instruction *i)
{
	struct str user = bare_word(i->rest.text);
	ptrdiff_t colon = str_find_char(user, ':');

	if (!i->word_count || str_find_char(user, '$') >= 0)
		return;
	if (colon >= 0)
		user = str_to(user, (size_t)colon);
	for (size_t n = 0; n < user.len; n++) {
		if (user.data[n] >= '0' && user.data[n] <= '9')
			continue;
		lint_report(l, i->words[0].span,
			    "Name the USER by number: outside of the image "
			    "its name says nothing");
		return;
	}
}

const struct rule rule_dl3066 = {
	.code = "DL3066",
	.title = "Name the USER by number",
	.level = LEVEL_INFO,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_USER),
	.instruction = check,
};
