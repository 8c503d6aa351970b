/*
 * ShellCheck SC3037: what echo does with -n and -e is up to the shell; some print them. Dash and
 * ash are told by SHELL, and then it is known (SC3036).
 */
#include "dockerfile/rules/posix.h"

#include <string.h>

static bool is_flags(struct str text)
{
	if (text.len < 2 || text.data[0] != '-')
		return false;
	for (size_t i = 1; i < text.len; i++) {
		if (!strchr("eEsn", text.data[i]))
			return false;
	}
	return true;
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	if (c->argc < 2 || !c->argv[1].literal || !is_flags(c->argv[1].text) ||
	    posix_shell(l, t) != POSIX_SH)
		return;
	lint_fix(l,
		 lint_report(l, shell_span(t, c->argv[1].node),
			     "In POSIX sh, echo flags are undefined"),
		 false, "printf '%%s' or printf '%%b' does what -n and -e are meant to");
}

const struct rule rule_sc3037 = {
	.code = "SC3037",
	.title = "Give echo no flags under sh",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"echo", NULL},
	.command = check,
};
