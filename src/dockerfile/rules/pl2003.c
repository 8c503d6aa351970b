/*
 * Packages whose signature nobody looks at: options of the package managers, settings they are
 * given, and lines written into their source lists.
 */
#include "dockerfile/rules/inner.h"
#include "dockerfile/rules/settings.h"
#include "dockerfile/rules/written.h"

static void report(struct lint *l, struct span span, struct str what)
{
	struct finding *f = lint_report(
		l, span, "%.*s installs packages whose signature is not checked", STR_ARG(what));

	lint_fix(l, f, false, "install the key of the repository instead");
}

static const struct setting settings[] = {
	{"APT::Get::AllowUnauthenticated", SETTING_TRUE},
	{"Acquire::AllowInsecureRepositories", SETTING_TRUE},
	{"Acquire::AllowDowngradeToInsecureRepositories", SETTING_TRUE},
	{"gpgcheck", SETTING_FALSE},
	{"localpkg_gpgcheck", SETTING_FALSE},
	{"pkg_gpgcheck", SETTING_FALSE},
	{NULL, SETTING_ANY},
};

/* "gpgcheck=0", "base.gpgcheck=0", "*.gpgcheck=0" */
static bool is_off(struct str value)
{
	ptrdiff_t equals = str_find_char(value, '='), dot;
	const struct setting *s;
	struct str name;

	if (equals < 0)
		return false;
	name = str_trim(str_to(value, (size_t)equals));
	dot = str_find_last_char(name, '.');
	s = setting_find(settings, str_from(name, (size_t)(dot + 1)));
	return s && setting_is(s->value, str_trim(str_from(value, (size_t)equals + 1)));
}

static const struct tool {
	const char *name; /* the first of its row */
	const char *const *options;
	const char *assigning; /* the option with a setting in it */
} tools[] = {
	{"apk", (const char *const[]){"allow-untrusted", NULL}, NULL},
	{"apt",
	 (const char *const[]){"allow-unauthenticated", "force-yes", "allow-insecure-repositories",
			       NULL},
	 "option"},
	{"apt-get",
	 (const char *const[]){"allow-unauthenticated", "force-yes", "allow-insecure-repositories",
			       NULL},
	 "option"},
	{"aptitude", (const char *const[]){"allow-untrusted", NULL}, "o"},
	{"dnf", (const char *const[]){"nogpgcheck", "no-gpgchecks", NULL}, "setopt"},
	{"microdnf", (const char *const[]){"nogpgcheck", "no-gpgchecks", NULL}, "setopt"},
	{"rpm", (const char *const[]){"nosignature", "nodigest", NULL}, NULL},
	{"yum", (const char *const[]){"nogpgcheck", NULL}, "setopt"},
	{"yum-config-manager", (const char *const[]){"nogpgcheck", NULL}, "setopt"},
	{"zypper",
	 (const char *const[]){"no-gpg-checks", "allow-unsigned-rpm", "no-gpgcheck", NULL}, NULL},
};

static const struct tool *tool_of(const struct command_use *use)
{
	struct str names = str_of(use->schema->names), name;

	if (!str_next(&names, ' ', &name))
		return NULL;
	for (size_t n = 0; n < sizeof(tools) / sizeof(*tools); n++) {
		if (str_is(name, tools[n].name))
			return &tools[n];
	}
	return NULL;
}

static bool is_listed(const struct tool *tool, struct str name)
{
	for (size_t i = 0; tool->options[i]; i++) {
		if (str_is(name, tool->options[i]))
			return true;
	}
	return false;
}

/* rpm that installs nothing reads a file's header, or the database. */
static bool installs(const struct tool *tool, const struct command_use *use)
{
	return strcmp(tool->name, "rpm") != 0 || command_has(use, "install") ||
	       command_has(use, "upgrade") || command_has(use, "freshen");
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	struct shell_command inner;
	const struct command_use *use = inner_use(l, t, c, &inner);
	const struct tool *tool = use ? tool_of(use) : NULL;

	if (!tool || !installs(tool, use))
		return;
	for (uint32_t n = 0; n < use->flag_count; n++) {
		const struct command_flag *flag = &use->flags[n];
		bool assigns = tool->assigning && str_is(flag->name, tool->assigning);

		if (assigns ? is_off(flag->value)
			    : is_listed(tool, flag->name) &&
				      !(flag->has_value && setting_is(SETTING_FALSE, flag->value)))
			report(l, shell_args_span(t, &inner, flag->arg, flag->value_arg),
			       assigns ? flag->value : flag->spelling);
	}
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

/* The text from `from` on as a word of its own, or -1. */
static ptrdiff_t find_word(struct str text, size_t from, struct str word)
{
	while (from < text.len) {
		ptrdiff_t at = str_find(str_from(text, from), word);
		size_t start, end;

		if (at < 0)
			return -1;
		start = from + (size_t)at;
		end = start + word.len;
		if ((start == 0 || !is_name_byte(text.data[start - 1])) &&
		    (end == text.len || !is_name_byte(text.data[end])))
			return (ptrdiff_t)start;
		from = end;
	}
	return -1;
}

static const struct text {
	const char *off;
	const char *on; /* sed: what comes behind it is what is written */
} texts[] = {
	{"trusted=yes", "trusted=no"},	 {"Trusted: yes", "Trusted: no"},
	{"gpgcheck=0", "gpgcheck=1"},	 {"gpgcheck = 0", "gpgcheck = 1"},
	{"gpgcheck=no", "gpgcheck=yes"},
};

/* sed deletes the line, or the text is what it looks for. */
static bool is_replaced(const struct written *w, ptrdiff_t at, const struct text *x)
{
	struct str behind = str_from(w->text, (size_t)at + strlen(x->off));
	const char *marks = "/|#,:@!";

	if (w->kind != WRITTEN_SED)
		return false;
	if (find_word(behind, 0, str_of(x->on)) >= 0)
		return true;
	/* s/looked for/put in/: two marks stand in front of what is put in */
	for (; *marks; marks++) {
		size_t count = 0;

		for (ptrdiff_t n = 0; n < at; n++)
			count += w->text.data[n] == *marks;
		if (count >= 2)
			return false;
	}
	return true;
}

static void see(struct lint *l, const struct written *w)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct str off = str_of(texts[i].off);
		ptrdiff_t at = find_word(w->text, 0, off);

		if (at < 0 || is_replaced(w, at, &texts[i]))
			continue;
		/* one finding a text: it is repaired as a whole */
		report(l, w->span, off);
		return;
	}
}

static void check_script(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	(void)i;
	written_each(l, t, see);
}

static void check_files(struct lint *l, const struct instruction *i)
{
	written_each_heredoc(l, i, see);
}

const struct rule rule_pl2003 = {
	.code = "PL2003",
	.title = "Install only packages whose signature is checked",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_RUN) | INSTRUCTION_BIT(INSTRUCTION_COPY) |
			INSTRUCTION_BIT(INSTRUCTION_ADD),
	.commands = (const char *const[]){INNER_FRONTS, "apk", "apt", "apt-get", "aptitude", "dnf",
					  "dnf5", "microdnf", "rpm", "yum", "yum-config-manager",
					  "zypper", "zypp", NULL},
	.instruction = check_files,
	.shell = check_script,
	.command = check,
};
