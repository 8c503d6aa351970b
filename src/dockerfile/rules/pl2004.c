/*
 * A download that goes straight into a shell or another interpreter: "curl x | sh",
 * sh -c "$(curl x)", bash <(curl x), eval "$(wget -O- x)". Nothing is looked at in between.
 */
#include "dockerfile/rules/inner.h"

enum { PIPE_BACK = 16 /* statements of a pipeline that are looked at, from its start */ };

static bool is_one_of(struct str name, const char *const *names)
{
	for (size_t i = 0; names[i]; i++) {
		if (str_is(name, names[i]))
			return true;
	}
	return false;
}

static const char *const shells[] = {"ash", "bash", "dash", "ksh", "sh", "zsh", NULL};
static const char *const languages[] = {"node",	   "perl",    "php",  "pypy3", "python",
					"python2", "python3", "ruby", NULL};

static bool is_stdout(struct str path)
{
	return str_is(path, "-") || str_is(path, "/dev/stdout");
}

/* curl and wget that write what they fetch to their output. */
static bool is_download(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	struct shell_command inner;
	const struct command_use *use = inner_use(l, t, c, &inner);
	const struct command_flag *flag;

	if (!use)
		return false;
	if (str_is(inner.name, "curl")) {
		flag = command_flag(use, "output");
		return !command_has(use, "remote-name") && !command_has(use, "head") &&
		       (!flag || is_stdout(flag->value));
	}
	flag = str_is(inner.name, "wget") ? command_flag(use, "output-document") : NULL;
	return flag && is_stdout(flag->value);
}

/* What the interpreter runs. */
enum source { SOURCE_FILE, SOURCE_INPUT, SOURCE_WORD };

static enum source source_of_shell(const struct shell_command *c)
{
	for (uint32_t n = 1; n < c->argc; n++) {
		struct str word = c->argv[n].text;

		if (str_is(word, "-"))
			return SOURCE_INPUT;
		if (str_is(word, "/dev/stdin"))
			return SOURCE_INPUT;
		if (str_is(word, "-o") || str_is(word, "-O")) {
			n++;
			continue;
		}
		if (!str_starts(word, STR("-")))
			return SOURCE_FILE;
		if (str_starts(word, STR("--")))
			continue;
		if (str_find_char(word, 'c') > 0)
			return SOURCE_WORD;
		if (str_find_char(word, 's') > 0)
			return SOURCE_INPUT;
	}
	return SOURCE_INPUT;
}

/* "python3 - --yes", "php -- --install-dir=x"; python -c, perl -e and the like run a word. */
static enum source source_of_language(const struct shell_command *c)
{
	for (uint32_t n = 1; n < c->argc; n++) {
		struct str word = c->argv[n].text;

		if (str_is(word, "-") || str_is(word, "--") || str_is(word, "/dev/stdin"))
			return SOURCE_INPUT;
		if (!str_starts(word, STR("-")))
			return SOURCE_FILE;
		if (!str_starts(word, STR("--")) &&
		    (str_find_char(word, 'c') > 0 || str_find_char(word, 'e') > 0 ||
		     str_find_char(word, 'm') > 0 || str_find_char(word, 'n') > 0 ||
		     str_find_char(word, 'p') > 0 || str_find_char(word, 'r') > 0))
			return SOURCE_WORD;
		/* it prints its version and reads nothing */
		if (str_is(word, "--version") || str_is(word, "-v") || str_is(word, "-V"))
			return SOURCE_WORD;
	}
	return SOURCE_INPUT;
}

static void report(struct lint *l, const struct shell_tree *t, uint32_t start, uint32_t end,
		   struct str name)
{
	struct finding *f = lint_report(
		l, shell_span_of(t, start, end),
		"'%.*s' runs what was downloaded, and nothing has looked at it", STR_ARG(name));

	lint_fix(l, f, false,
		 "download to a file, check it (sha256sum -c, gpg --verify), then run it");
}

static bool verifies(struct str name)
{
	static const char *const names[] = {"cosign",	"gpg",	   "gpg2",    "gpgv",
					    "minisign", "openssl", "signify", NULL};

	return is_one_of(name, names);
}

/* The command stands behind a download in its pipeline. */
static void check_pipeline(struct lint *l, const struct shell_tree *t,
			   const struct shell_command *c, struct str name)
{
	uint32_t pipeline = t->nodes[c->node].parent, n;
	uint32_t from = SHELL_NONE;

	if (t->nodes[pipeline].kind != SHELL_PIPELINE)
		return;
	n = shell_child(t, pipeline);
	for (int i = 0; i < PIPE_BACK && n && n != c->node; i++, n = t->nodes[n].next) {
		const struct shell_command *before =
			t->nodes[n].kind == SHELL_COMMAND ? shell_command_of(t, n) : NULL;

		if (!before)
			continue;
		if (verifies(before->name))
			from = SHELL_NONE;
		else if (is_download(l, t, before))
			from = n;
	}
	if (from && n == c->node)
		report(l, t, t->nodes[from].start, t->nodes[c->node].end, name);
}

/* A download among the first statement of $(...) or <(...). */
static bool fetches(struct lint *l, const struct shell_tree *t, uint32_t node)
{
	uint32_t n = shell_child(t, node);

	for (int depth = 0; depth < PIPE_BACK && n; depth++) {
		if (t->nodes[n].kind == SHELL_COMMAND) {
			const struct shell_command *c = shell_command_of(t, n);

			return c && is_download(l, t, c);
		}
		n = shell_child(t, n);
	}
	return false;
}

/* What the word begins with: $(...), "$(...)" or <(...). */
static void check_word(struct lint *l, const struct shell_tree *t, const struct shell_command *c,
		       uint32_t arg, struct str name)
{
	uint32_t part = shell_child(t, c->argv[arg].node);

	if (part && t->nodes[part].kind == SHELL_DOUBLE)
		part = shell_child(t, part);
	if (part &&
	    (t->nodes[part].kind == SHELL_SUBSTITUTION || t->nodes[part].kind == SHELL_PROCESS) &&
	    fetches(l, t, part))
		report(l, t, t->nodes[c->argv[0].node].start, t->nodes[c->argv[arg].node].end,
		       name);
}

/* The first word that is no option. */
static uint32_t first_word(const struct shell_command *c)
{
	uint32_t n = 1;

	while (n < c->argc && str_starts(c->argv[n].text, STR("-")))
		n++;
	return n;
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *outer)
{
	struct shell_command c;
	enum source source;
	uint32_t word;

	inner_use(l, t, outer, &c);
	word = first_word(&c);
	if (str_is(c.name, "eval") || str_is(c.name, "source") || str_is(c.name, ".")) {
		if (word < c.argc)
			check_word(l, t, &c, word, c.name);
		return;
	}
	if (is_one_of(c.name, shells))
		source = source_of_shell(&c);
	else if (is_one_of(c.name, languages))
		source = source_of_language(&c);
	else
		return;
	if (source == SOURCE_INPUT)
		check_pipeline(l, t, outer, c.name);
	else if (word < c.argc)
		check_word(l, t, &c, word, c.name);
}

const struct rule rule_pl2004 = {
	.code = "PL2004",
	.title = "Check what you download before you run it",
	.level = LEVEL_INFO,
	.commands = (const char *const[]){INNER_FRONTS, ".", "ash", "bash", "dash", "eval", "ksh",
					  "node", "perl", "php", "pypy3", "python", "python2",
					  "python3", "ruby", "sh", "source", "zsh", NULL},
	.command = check,
};
