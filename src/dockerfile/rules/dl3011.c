/*
 * hadolint DL3011: ports end at 65535.
 */
#include "dockerfile/rules/paths.h"

enum { PORT_MAX = 65535 };

/* "80", "80/tcp", "8000-9000": false when an end is no valid port; what is no number is not judged.
 */
static bool is_valid(struct str ports)
{
	ptrdiff_t slash = str_find_char(ports, '/');
	struct str end;

	if (slash >= 0)
		ports = str_to(ports, (size_t)slash);
	while (str_next(&ports, '-', &end)) {
		uint64_t port;
		size_t digits = 0;

		while (digits < end.len && end.data[digits] >= '0' && end.data[digits] <= '9')
			digits++;
		if (digits != end.len || !digits)
			continue;
		if (!str_parse_u64(end, &port) || port > PORT_MAX)
			return false;
	}
	return true;
}

static void check(struct lint *l, const struct instruction *i)
{
	for (uint32_t n = 0; n < i->word_count; n++) {
		if (!is_valid(word_of(l, &i->words[n]).text))
			lint_report(l, i->words[n].span, "Ports are numbers from 0 to 65535");
	}
}

const struct rule rule_dl3011 = {
	.code = "DL3011",
	.title = "Expose valid ports",
	.level = LEVEL_ERROR,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_EXPOSE),
	.instruction = check,
};
