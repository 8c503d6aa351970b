#include "dockerfile/rules/remote_source.h"

/* BuildKit takes an address for a repository when its path ends in .git, with or without #REF. */
static bool is_repository(struct str text)
{
	ptrdiff_t mark = str_find_char(text, '#');

	if (mark >= 0)
		text = str_to(text, (size_t)mark);
	mark = str_find_char(text, '?');
	if (mark >= 0)
		text = str_to(text, (size_t)mark);
	return str_ends(text, STR(".git")) || str_ends(text, STR(".git/"));
}

enum remote_source remote_source_of(struct str text)
{
	if (str_starts(text, STR("git://")) || str_starts(text, STR("ssh://")) ||
	    str_starts(text, STR("git@")))
		return REMOTE_GIT;
	if (!str_starts(text, STR("http://")) && !str_starts(text, STR("https://")))
		return REMOTE_NONE;
	if (is_repository(text))
		return REMOTE_GIT;
	return str_starts(text, STR("http://")) ? REMOTE_HTTP : REMOTE_HTTPS;
}

bool remote_is_checked(const struct instruction *i)
{
	const struct docker_flag *flag = instruction_flag(i, "checksum");

	return flag && flag->value.len;
}
