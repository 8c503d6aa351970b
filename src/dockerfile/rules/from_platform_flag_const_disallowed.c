/*
 * BuildKit's FromPlatformFlagConstDisallowed: a constant --platform is wanted only where the
 * stage's name tells so (its system or its architecture is in it).
 */
#include "dockerfile/rules/spelling.h"

struct platform {
	struct str os;
	struct str architecture;
};

static struct str normal_architecture(struct str a)
{
	static const char *const same[][2] = {
		{"x86_64", "amd64"},  {"x86-64", "amd64"}, {"i386", "386"},
		{"aarch64", "arm64"}, {"armhf", "arm"},	   {"armel", "arm"},
	};

	for (size_t n = 0; n < sizeof(same) / sizeof(*same); n++) {
		if (str_is(a, same[n][0]))
			return str_of(same[n][1]);
	}
	return a;
}

static bool is_system(struct str s)
{
	static const char *const systems[] = {"linux",	"windows", "darwin", "freebsd", "openbsd",
					      "netbsd", "solaris", "plan9",  "android", "wasip1"};

	for (size_t n = 0; n < sizeof(systems) / sizeof(*systems); n++) {
		if (str_is(s, systems[n]))
			return true;
	}
	return false;
}

/* "linux/arm64/v8", "linux", "arm64" */
static bool platform_parse(struct str text, struct platform *ret)
{
	struct str first, second = STR_INIT(""), rest = text;

	if (!str_next(&rest, '/', &first) || !first.len)
		return false;
	if (rest.data && (!str_next(&rest, '/', &second) || !second.len))
		return false;
	*ret = (struct platform){.os = first, .architecture = normal_architecture(second)};
	if (second.len)
		return true;
	if (is_system(first))
		ret->architecture = STR("amd64");
	else
		*ret = (struct platform){.os = STR("linux"),
					 .architecture = normal_architecture(first)};
	return true;
}

static void check(struct lint *l, const struct instruction *i)
{
	const struct docker_flag *flag = l->stage->platform;
	struct str name, value;
	struct platform p;

	(void)i;
	if (!flag || str_find_char(flag->value, '$') >= 0)
		return;
	value = in_case(l->arena, flag->value, false);
	name = in_case(l->arena, l->stage->name, false);
	if (!value.data || !platform_parse(value, &p))
		return;
	if (name.len && (str_find(name, p.os) >= 0 || str_find(name, p.architecture) >= 0))
		return;
	lint_report(l, flag->span, "FROM should not fix the platform to '%.*s'",
		    STR_ARG(flag->value));
}

const struct rule rule_from_platform_flag_const_disallowed = {
	.code = "FromPlatformFlagConstDisallowed",
	.title = "Do not fix the platform of FROM",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM),
	.instruction = check,
};
