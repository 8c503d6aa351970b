/*
 * hadolint DL3015: apt-get installs recommended packages too unless told not to.
 */
#include "dockerfile/rules/option.h"

static bool is_false(struct str value)
{
	return str_is(value, "0") || str_eq_nocase(value, STR("false")) ||
	       str_eq_nocase(value, STR("no")) || str_eq_nocase(value, STR("off"));
}

/* -o APT::Install-Recommends=false */
static bool is_configured(const struct lint *l, const struct command_use *use)
{
	(void)l;
	for (uint32_t n = 0; n < use->flag_count; n++) {
		struct str value = use->flags[n].value;
		ptrdiff_t equals;

		if (!str_is(use->flags[n].name, "option") || !use->flags[n].has_value)
			continue;
		equals = str_find_char(value, '=');
		if (equals > 0 &&
		    str_eq_nocase(str_to(value, (size_t)equals), STR("APT::Install-Recommends")) &&
		    is_false(str_from(value, (size_t)equals + 1)))
			return true;
	}
	return false;
}

static const struct wanted_option option = {
	.subs = (const char *const[]){"install", NULL},
	.options = (const char *const[]){"no-install-recommends", NULL},
	.is_exempt = is_configured,
	.message = "Use --no-install-recommends to leave out packages that nothing depends on",
	.insert = " --no-install-recommends",
	.reason = "a recommended package may be needed; then it must be named",
};

const struct rule rule_dl3015 = {
	.code = "DL3015",
	.title = "Use --no-install-recommends with apt-get install",
	.level = LEVEL_INFO,
	.commands = (const char *const[]){"apt-get", NULL},
	.command = option_check,
	.data = &option,
};
