/*
 * BuildKit's ExposeInvalidFormat: an address or a host port in EXPOSE does nothing; publishing is
 * up to `docker run`.
 */
#include "dockerfile/rules/paths.h"

static void check(struct lint *l, const struct instruction *i)
{
	for (uint32_t n = 0; n < i->word_count; n++) {
		const struct docker_word *w = &i->words[n];
		struct value v = word_of(l, w);
		ptrdiff_t colon = str_find_last_char(v.text, ':');
		struct finding *f;

		/* ":80" names neither */
		if (!v.known || colon <= 0)
			continue;
		f = lint_report(l, w->span, "EXPOSE takes no address and no host port: '%.*s'",
				STR_ARG(v.text));
		if (!str_eq(dockerfile_slice(l->file, w->span), v.text) ||
		    (size_t)colon + 1 == v.text.len)
			continue;
		lint_fix(l, f, true, "only the port behind the last colon is kept in the image");
		lint_edit(l, f, w->span.start, w->span.start + (uint32_t)colon + 1, STR(""));
	}
}

const struct rule rule_expose_invalid_format = {
	.code = "ExposeInvalidFormat",
	.title = "Write a port without address and host port in EXPOSE",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_EXPOSE),
	.instruction = check,
};
