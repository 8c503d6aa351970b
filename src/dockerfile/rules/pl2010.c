/*
 * "user ALL=(ALL) NOPASSWD: ALL" written into sudoers: that user is root, and so is whoever gets
 * into one of its processes. A rule for named commands is not reported, nor one for root itself.
 */
#include "dockerfile/rules/written.h"

enum { LINES_MAX = 4096 };

/* "NOPASSWD: ALL", with other tags between. */
static bool frees_all(struct str line)
{
	ptrdiff_t at = str_find(line, STR("NOPASSWD"));
	struct str rest, item;

	if (at < 0)
		return false;
	rest = str_from(line, (size_t)at + strlen("NOPASSWD"));
	if (!str_starts(str_trim(rest), STR(":")))
		return false;
	at = str_find_char(rest, ':');
	rest = str_from(rest, (size_t)at + 1);
	while (str_next(&rest, ',', &item)) {
		ptrdiff_t tag;

		while ((tag = str_find_char(item, ':')) >= 0)
			item = str_from(item, (size_t)tag + 1);
		item = str_trim(item);
		if (str_starts(item, STR("ALL")) &&
		    (item.len == 3 || !((item.data[3] | 32) >= 'a' && (item.data[3] | 32) <= 'z')))
			return true;
	}
	return false;
}

static bool is_open(struct str line)
{
	line = str_trim(line);
	if (!line.len || line.data[0] == '#' || str_starts(line, STR("root ")) ||
	    str_starts(line, STR("root\t")))
		return false;
	return frees_all(line) ||
	       (str_starts(line, STR("Defaults")) && str_find(line, STR("!authenticate")) >= 0);
}

/* To the next delimiter that is not escaped; false when there is none. */
static bool next_part(struct str *rest, char delimiter, struct str *ret)
{
	for (size_t at = 0; at < rest->len; at++) {
		if (rest->data[at] == '\\') {
			at++;
		} else if (rest->data[at] == delimiter) {
			*ret = str_to(*rest, at);
			*rest = str_from(*rest, at + 1);
			return true;
		}
	}
	return false;
}

/* What sed puts in: the second part of each s/.../.../ in "s/a/b/;s/c/d/". */
static bool next_replacement(struct str *script, struct str *ret)
{
	ptrdiff_t end;
	struct str from;
	char delimiter;

	*script = str_trim(*script);
	if (script->len < 4 || script->data[0] != 's')
		return false;
	delimiter = script->data[1];
	*script = str_from(*script, 2);
	if (!next_part(script, delimiter, &from) || !next_part(script, delimiter, ret))
		return false;
	end = str_find_char(*script, ';');
	*script = end < 0 ? STR("") : str_from(*script, (size_t)end + 1);
	return true;
}

static bool opens(const struct written *w)
{
	struct str text = w->text, line;

	for (int n = 0; n < LINES_MAX; n++) {
		if (w->kind == WRITTEN_SED ? !next_replacement(&text, &line)
					   : !str_next_line(&text, &line))
			return false;
		if (is_open(line))
			return true;
	}
	return false;
}

static void see(struct lint *l, const struct written *w)
{
	struct finding *f;

	if (!opens(w))
		return;
	f = lint_report(
		l, w->span,
		"Whoever gets into a process of this user is root: sudo asks for no password");
	lint_fix(l, f, false,
		 "run what needs root in the build; else name the commands that sudo allows");
}

static void check_shell(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	(void)i;
	written_each(l, t, see);
}

static void check(struct lint *l, const struct instruction *i)
{
	written_each_heredoc(l, i, see);
}

const struct rule rule_pl2010 = {
	.code = "PL2010",
	.title = "Let no user become root without a password",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_RUN) | INSTRUCTION_BIT(INSTRUCTION_COPY) |
			INSTRUCTION_BIT(INSTRUCTION_ADD),
	.instruction = check,
	.shell = check_shell,
};
