/*
 * hadolint DL3010: an archive that COPY brings and a RUN unpacks is in the image twice; ADD unpacks
 * it on the way.
 */
#include "dockerfile/rules/archive.h"
#include "dockerfile/rules/paths.h"

enum { ARCHIVES_MAX = 64 }; /* a stage; more are not followed */

struct archive {
	struct str name; /* in the image */
	struct span span;
};

struct state {
	struct archive archives[ARCHIVES_MAX];
	unsigned count;
};

static void start(struct lint *l, const struct stage *s)
{
	struct state *state = lint_state(l);

	(void)s;
	state->count = 0;
}

static void note(struct state *s, struct str name, struct span span)
{
	if (name.len && s->count < ARCHIVES_MAX)
		s->archives[s->count++] = (struct archive){name, span};
}

/* Under which name the archives are found: the target's when it is one, else their own. */
static void copied(struct lint *l, const struct instruction *i)
{
	const struct docker_word *to = destination(i);
	struct str target;

	if (i->kind != INSTRUCTION_COPY || !to || instruction_flag(i, "from"))
		return;
	target = base_name(bare_word(to->text));
	for (uint32_t n = 0; n + 1 < i->word_count; n++) {
		struct str source = base_name(bare_word(i->words[n].text));

		if (is_archive_name(target))
			note(lint_state(l), target, i->words[n].span);
		else if (is_archive_name(source))
			note(lint_state(l), source, i->words[n].span);
	}
}

/* *ret_file: the archive where an option of tar names it. */
static bool unpacks(struct lint *l, const struct shell_tree *t, const struct shell_command *c,
		    struct str *ret_file)
{
	static const char *const tools[] = {"unzip", "gunzip",	   "bunzip2", "unlzma", "unxz",
					    "zcat",  "uncompress", "gzcat",   "zgz",	"bzcat",
					    "xzcat", "unzstd",	   "zstdcat", NULL};
	const struct command_flag *file;
	const struct command_use *use;

	*ret_file = STR("");
	for (size_t i = 0; tools[i]; i++) {
		if (str_is(c->name, tools[i]))
			return true;
	}
	if (!str_is(c->name, "tar") && !str_is(c->name, "bsdtar"))
		return false;
	use = lint_use(l, t, c);
	if (!use || !command_has(use, "extract"))
		return false;
	file = command_flag(use, "file");
	if (file)
		*ret_file = file->value;
	return true;
}

static void find_archive(struct lint *l, struct str name)
{
	struct state *s = lint_state(l);

	for (unsigned k = 0; name.len && k < s->count; k++) {
		if (!str_eq(s->archives[k].name, name))
			continue;
		lint_report(l, s->archives[k].span,
			    "Use ADD for an archive that is unpacked in the image");
		s->archives[k--] = s->archives[--s->count];
	}
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	const struct state *s = lint_state(l);
	struct str file;

	(void)i;
	for (uint32_t n = 0; s->count && n < t->command_count; n++) {
		const struct shell_command *c = &t->commands[n];

		if (!unpacks(l, t, c, &file))
			continue;
		find_archive(l, base_name(file));
		for (uint32_t arg = 1; arg < c->argc; arg++) {
			find_archive(l, base_name(c->argv[arg].text));
			/* "\\" of a Windows path is no escape */
			find_archive(l, base_name(shell_source(t, c->argv[arg].node)));
		}
	}
}

const struct rule rule_dl3010 = {
	.code = "DL3010",
	.title = "Use ADD to unpack archives",
	.level = LEVEL_INFO,
	.state_size = sizeof(struct state),
	.instructions = INSTRUCTION_BIT(INSTRUCTION_COPY) | INSTRUCTION_BIT(INSTRUCTION_RUN),
	.stage = start,
	.instruction = copied,
	.shell = check,
};
