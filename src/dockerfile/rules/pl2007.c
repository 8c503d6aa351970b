/*
 * chmod and install that make a program run as its owner (setuid), or let everybody write: a way up
 * for whoever gets into the container. The sticky bit (1777) makes a shared folder harmless.
 */
#include "dockerfile/rules/inner.h"

enum { RIGHTS_SETUID = 04000, RIGHTS_STICKY = 01000, RIGHTS_OTHERS_WRITE = 00002 };

/* "4755", "u=rwxs,o+w": of symbolic modes what they add. False: it is no mode. */
static bool read_symbolic(struct str mode, uint32_t *ret)
{
	struct str part;

	while (str_next(&mode, ',', &part)) {
		bool users = false, others = false, named = false, adds = false;

		for (size_t n = 0; n < part.len; n++) {
			char c = part.data[n];

			if (c == '+' || c == '=' || c == '-') {
				adds = c != '-';
				named = true;
			} else if (!named && memchr("ugoa", c, 4)) {
				users = users || c == 'u' || c == 'a';
				others = others || c == 'o' || c == 'a';
				if (c == 'g')
					continue;
			} else if (!named || !memchr("rwxXstugo", c, 9)) {
				return false;
			} else if (adds && c == 's' && (users || part.data[0] == '+')) {
				*ret |= RIGHTS_SETUID;
			} else if (adds && c == 't') {
				*ret |= RIGHTS_STICKY;
			} else if (adds && c == 'w' && others) {
				/* "+w" without a name heeds the umask */
				*ret |= RIGHTS_OTHERS_WRITE;
			}
		}
	}
	return true;
}

static bool read_mode(struct str mode, uint32_t *ret)
{
	uint32_t value = 0;

	*ret = 0;
	if (!mode.len || mode.len > 32)
		return false;
	for (size_t n = 0; n < mode.len; n++) {
		if (mode.data[n] < '0' || mode.data[n] > '7')
			return read_symbolic(mode, ret);
		value = value << 3 | (uint32_t)(mode.data[n] - '0');
		if (value > 07777)
			return false;
	}
	*ret = value;
	return true;
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	struct shell_command inner;
	const struct command_use *use = inner_use(l, t, c, &inner);
	const struct command_flag *flag;
	struct str mode = STR("");
	uint32_t arg = 0, rights;

	if (!use)
		return;
	if (str_is(inner.name, "chmod")) {
		if (!command_has(use, "reference") && use->position_count &&
		    str_is(use->positions[0].role, "mode")) {
			arg = use->positions[0].arg;
			mode = inner.argv[arg].text;
		}
	} else if (str_is(inner.name, "install")) {
		flag = command_flag(use, "mode");
		if (flag && flag->has_value) {
			arg = flag->value_arg;
			mode = flag->value;
		}
	}
	if (!arg || !read_mode(mode, &rights))
		return;
	if (rights & RIGHTS_SETUID)
		lint_report(l, shell_span(t, inner.argv[arg].node),
			    "Mode %.*s lets a program run as its owner, whoever starts it",
			    STR_ARG(mode));
	else if ((rights & RIGHTS_OTHERS_WRITE) && !(rights & RIGHTS_STICKY))
		lint_report(l, shell_span(t, inner.argv[arg].node),
			    "Mode %.*s lets everybody write; give the files to the user that needs "
			    "them",
			    STR_ARG(mode));
}

const struct rule rule_pl2007 = {
	.code = "PL2007",
	.title = "Set no setuid bit and let not everybody write",
	.level = LEVEL_INFO,
	.commands = (const char *const[]){INNER_FRONTS, "chmod", "install", NULL},
	.command = check,
};
