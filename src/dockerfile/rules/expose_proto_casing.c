/*
 * BuildKit's ExposeProtoCasing: 80/TCP is 80/tcp. Anything but tcp, udp and sctp is an error
 * elsewhere.
 */
#include "dockerfile/rules/paths.h"
#include "dockerfile/rules/spelling.h"

static bool is_protocol(struct str s)
{
	return str_eq_nocase(s, STR("tcp")) || str_eq_nocase(s, STR("udp")) ||
	       str_eq_nocase(s, STR("sctp"));
}

static struct str protocol(struct str port)
{
	ptrdiff_t slash = str_find_last_char(port, '/');

	return slash < 0 ? STR("") : str_from(port, (size_t)slash + 1);
}

static void check(struct lint *l, const struct instruction *i)
{
	for (uint32_t n = 0; n < i->word_count; n++) {
		const struct docker_word *w = &i->words[n];
		struct value v = word_of(l, w);
		struct str name = protocol(v.text), text;
		struct finding *f;

		if (!v.known || !is_protocol(name) || is_lower_case(name))
			continue;
		f = lint_report(l, w->span, "The protocol of port '%.*s' should be lower case",
				STR_ARG(v.text));
		text = in_case(l->arena, w->text, false);
		if (!text.data || !str_eq(v.text, w->text) ||
		    !str_eq(dockerfile_slice(l->file, w->span), w->text))
			continue;
		lint_fix(l, f, true, "the image lists the port in lower case anyway");
		lint_edit(l, f, w->span.start, w->span.end, text);
	}
}

const struct rule rule_expose_proto_casing = {
	.code = "ExposeProtoCasing",
	.title = "Write the protocol of a port in lower case",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_EXPOSE),
	.instruction = check,
};
