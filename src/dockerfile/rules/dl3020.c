/*
 * hadolint DL3020: ADD fetches addresses and unpacks archives; for files and folders COPY says what
 * is meant. ADD looks into the file: it unpacks an archive under any name, so the repair is safe
 * only where the name says what is inside.
 */
#include "dockerfile/rules/archive.h"
#include "dockerfile/rules/paths.h"
#include "dockerfile/rules/spelling.h"

static bool is_address(struct str source)
{
	static const char *const starts[] = {"http://", "https://", "git://", "ssh://", "git@"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		if (str_starts(source, str_of(starts[i])))
			return true;
	}
	return false;
}

/* A folder, a heredoc, or a file of a kind that is no archive. */
static bool is_plain(struct str source)
{
	static const char *const ends[] = {
		"/",	 ".",	  ".sh",      ".py",	     ".js",   ".ts",  ".json", ".conf",
		".cfg",	 ".ini",  ".txt",     ".yml",	     ".yaml", ".xml", ".toml", ".sql",
		".md",	 ".html", ".css",     ".lock",	     ".rb",   ".php", ".pl",   ".go",
		".java", ".jar",  ".war",     ".list",	     ".repo", ".key", ".pem",  ".crt",
		".asc",	 ".gpg",  ".env",     ".properties", ".mod",  ".sum", ".conf", ".deb",
		".rpm",	 ".zip",  ".service",
	};

	if (str_starts(source, STR("<<")))
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		if (str_ends(source, str_of(ends[i])))
			return true;
	}
	return false;
}

enum kind { JUDGED_NOT, PLAIN, UNCLEAR, FOR_ADD };

static enum kind kind_of(struct lint *l, const struct docker_word *w)
{
	struct value v = word_of(l, w);

	if (is_address(v.text) || is_archive_name(v.text))
		return FOR_ADD;
	if (!v.known && v.text.len && v.text.data[0] == '$')
		return JUDGED_NOT;
	return is_plain(v.text) && str_find_char(v.text, '*') < 0 ? PLAIN : UNCLEAR;
}

/* COPY knows the flag too. */
static bool copy_can(const struct instruction *i)
{
	for (uint32_t n = 0; n < i->flag_count; n++) {
		struct str name = i->flags[n].name;

		if (!str_is(name, "chown") && !str_is(name, "chmod") && !str_is(name, "link") &&
		    !str_is(name, "exclude"))
			return false;
	}
	return true;
}

static void check(struct lint *l, const struct instruction *i)
{
	const struct docker_word *first = NULL, *to;
	bool all = true, plain = true;
	struct finding *f;

	for (uint32_t n = 0; n + 1 < i->word_count; n++) {
		enum kind kind = kind_of(l, &i->words[n]);

		if (kind == FOR_ADD || kind == JUDGED_NOT) {
			all = false;
			continue;
		}
		plain = plain && kind == PLAIN;
		if (!first)
			first = &i->words[n];
	}
	if (!first)
		return;
	f = lint_report(l, i->keyword, "COPY is what files and folders need; ADD may unpack them");
	if (!all || !copy_can(i))
		return;
	to = destination(i);
	if (is_adrift(l, to)) {
		lint_fix(l, f, false,
			 "COPY to a relative target wants a WORKDIR before it: set it first");
		return;
	}
	if (plain)
		lint_fix(l, f, true, "nothing is fetched or unpacked here");
	else
		lint_fix(l, f, false, "ADD unpacks a source that is an archive, whatever its name");
	lint_edit(l, f, i->keyword.start, i->keyword.end,
		  in_case_of(l->arena, STR("COPY"), i->name));
	if (i->word_count > 2 && lacks_slash(l, to))
		edit_slash(l, f, to);
}

const struct rule rule_dl3020 = {
	.code = "DL3020",
	.title = "Use COPY for files and folders",
	.level = LEVEL_ERROR,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_ADD),
	.instruction = check,
};
