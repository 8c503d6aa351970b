/*
 * Certificates are not verified, by other ways than the options of curl and wget (PL2001):
 * variables that a program reads, settings of git, npm, yarn, conda, composer and bundler, options
 * of pip, svn, go and conda, and lines for their configuration files.
 */
#include "dockerfile/rules/inner.h"
#include "dockerfile/rules/settings.h"

static const struct setting variables[] = {
	{"BUNDLE_SSL_VERIFY_MODE", SETTING_ZERO},
	{"GIT_SSL_NO_VERIFY", SETTING_ANY}, /* git asks only whether it is there */
	{"GOINSECURE", SETTING_FILLED},
	{"NODE_TLS_REJECT_UNAUTHORIZED", SETTING_ZERO},
	{"NPM_CONFIG_STRICT_SSL", SETTING_FALSE},
	{"PERL_LWP_SSL_VERIFY_HOSTNAME", SETTING_ZERO},
	{"PIP_TRUSTED_HOST", SETTING_FILLED},
	{"PYTHONHTTPSVERIFY", SETTING_ZERO},
	{"YARN_ENABLE_STRICT_SSL", SETTING_FALSE},
	{NULL, SETTING_ANY},
};

static const char advice[] = "install the certificate of the server or proxy instead "
			     "(update-ca-certificates, NODE_EXTRA_CA_CERTS, pip --cert)";

static void report(struct lint *l, struct span span, struct str what)
{
	struct finding *f = lint_report(
		l, span, "%.*s switches the verification of certificates off", STR_ARG(what));

	lint_fix(l, f, false, "%s", advice);
}

static void check_pairs(struct lint *l, const struct instruction *i)
{
	/* global ARGs are in no environment */
	for (uint32_t n = 0; l->stage && n < i->pair_count; n++) {
		const struct docker_pair *p = &i->pairs[n];
		const struct setting *s = setting_find(variables, p->name);
		struct value v;

		if (!s || !p->has_value)
			continue;
		v = value_of_word(l->arena, l->state, p->value, l->file->escape);
		if (v.known ? setting_is(s->value, v.text) : s->value == SETTING_ANY)
			report(l, p->span, p->name);
	}
}

/* A=b, A=b command, export A=b */
static void check_assignments(struct lint *l, const struct instruction *i,
			      const struct shell_tree *t)
{
	(void)i;
	for (uint32_t n = 0; n < t->count; n++) {
		const struct shell_node *node = &t->nodes[n];
		const struct setting *s =
			node->kind == SHELL_ASSIGNMENT ? setting_find(variables, node->text) : NULL;
		uint32_t value = s ? shell_child(t, n) : SHELL_NONE;

		if (s && setting_is(s->value, value ? shell_source(t, value) : STR("")))
			report(l, shell_span(t, n), node->text);
	}
}

static const struct tool {
	const char *name;
	const struct setting *settings; /* "key value" and "key=value" among the words */
	const char *const *options;	/* canonical names */
} tools[] = {
	{"bundle", (const struct setting[]){{"ssl_verify_mode", SETTING_ZERO}, {NULL, 0}}, NULL},
	{"composer",
	 (const struct setting[]){
		 {"disable-tls", SETTING_TRUE}, {"secure-http", SETTING_FALSE}, {NULL, 0}},
	 NULL},
	{"conda", (const struct setting[]){{"ssl_verify", SETTING_FALSE}, {NULL, 0}},
	 (const char *const[]){"insecure", "k", NULL}},
	{"git", (const struct setting[]){{"http.sslVerify", SETTING_FALSE}, {NULL, 0}}, NULL},
	{"go", NULL, (const char *const[]){"-insecure", "insecure", NULL}},
	{"npm", (const struct setting[]){{"strict-ssl", SETTING_FALSE}, {NULL, 0}},
	 (const char *const[]){"no-strict-ssl", NULL}},
	{"pip",
	 (const struct setting[]){{"global.trusted-host", SETTING_FILLED},
				  {"install.trusted-host", SETTING_FILLED},
				  {NULL, 0}},
	 (const char *const[]){"trusted-host", NULL}},
	{"pnpm", (const struct setting[]){{"strict-ssl", SETTING_FALSE}, {NULL, 0}},
	 (const char *const[]){"no-strict-ssl", NULL}},
	{"svn", NULL, (const char *const[]){"trust-server-cert", NULL}},
	{"yarn",
	 (const struct setting[]){
		 {"strict-ssl", SETTING_FALSE}, {"enableStrictSsl", SETTING_FALSE}, {NULL, 0}},
	 NULL},
};

/* By the first name of the command's row: "mamba" is conda, "pip3.11" and "python -m pip" are pip.
 */
static const struct tool *tool_of(const struct command_use *use)
{
	struct str names = str_of(use->schema->names), name;

	if (!str_next(&names, ' ', &name))
		return NULL;
	for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++) {
		if (str_is(name, tools[i].name))
			return &tools[i];
	}
	return NULL;
}

/* git's "http.https://host/.sslVerify" is for one server. */
static bool is_git_of_one(const struct shell_command *c, uint32_t at, uint32_t *ret_last)
{
	struct str word = c->argv[at].text, value;
	ptrdiff_t equals = str_find_last_char(word, '=');
	struct str key = equals < 0 ? word : str_to(word, (size_t)equals);
	struct str end = STR(".sslverify");

	if (!str_starts(key, STR("http.")) || key.len < end.len ||
	    !str_eq_nocase(str_from(key, key.len - end.len), end))
		return false;
	*ret_last = equals < 0 ? at + 1 : at;
	if (equals < 0 && at + 1 >= c->argc)
		return false;
	value = equals < 0 ? c->argv[at + 1].text : str_from(word, (size_t)equals + 1);
	return setting_is(SETTING_FALSE, value);
}

/* "--strict-ssl false" too: of an option the dashes are left out. */
static void check_words(struct lint *l, const struct shell_tree *t, const struct shell_command *c,
			const struct tool *tool)
{
	bool is_git = str_is(str_of(tool->name), "git");

	for (uint32_t n = 1; tool->settings && n < c->argc; n++) {
		bool two = n + 1 < c->argc;
		struct shell_arg args[2] = {c->argv[n], c->argv[two ? n + 1 : n]};
		struct shell_command pair = {.argc = two ? 2 : 1, .argv = args};
		uint32_t last;

		while (str_skip(&args[0].text, STR("-")))
			;
		if (setting_in_words(tool->settings, &pair, 0, &last) ||
		    (is_git && is_git_of_one(&pair, 0, &last)))
			report(l, shell_args_span(t, c, n, n + last), args[0].text);
	}
}

static void check_variables(struct lint *l, const struct shell_tree *t,
			    const struct shell_command *c)
{
	for (uint32_t n = 1; n < c->argc; n++) {
		struct str word = c->argv[n].text;
		ptrdiff_t equals = str_find_char(word, '=');
		uint32_t last;

		if (equals > 0 && setting_in_words(variables, c, n, &last))
			report(l, shell_span(t, c->argv[n].node), str_to(word, (size_t)equals));
	}
}

/* "echo strict-ssl=false >> ~/.npmrc": text without blanks, quotes, = and :, in small letters. */
static const struct line {
	const char *file;
	const char *text;
} lines[] = {
	{"/.condarc", "ssl_verifyfalse"},
	{"/.curlrc", "insecure"},
	{"/.curlrc", "-k"},
	{"/.gitconfig", "sslverifyfalse"},
	{"/gitconfig", "sslverifyfalse"},
	{"/.npmrc", "strict-sslfalse"},
	{"/.wgetrc", "check_certificateoff"},
	{"/wgetrc", "check_certificateoff"},
	{"/.yarnrc", "strict-sslfalse"},
	{"/.yarnrc.yml", "enablestrictsslfalse"},
	{"/pip.conf", "trusted-host"},
};

enum { LINE_MAX_BYTES = 512 };

static struct str squeeze(struct str text, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < text.len && len < LINE_MAX_BYTES; i++) {
		char c = text.data[i];

		if (memchr(" \t=:\"'", c, 6))
			continue;
		out[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return str_make(out, len);
}

static bool is_file(struct str path, struct str file)
{
	return str_ends(path, file) || str_eq(path, str_from(file, 1));
}

static void check_line(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	char room[LINE_MAX_BYTES];
	struct str path = STR("");

	for (uint32_t n = shell_child(t, c->node); n; n = t->nodes[n].next) {
		uint32_t word = t->nodes[n].kind == SHELL_REDIRECT ? shell_child(t, n) : SHELL_NONE;

		if (word && str_find_char(t->nodes[n].text, '>') >= 0)
			path = setting_unquote(shell_source(t, word));
	}
	for (uint32_t n = 1; path.len && n < c->argc; n++) {
		struct str text = squeeze(c->argv[n].text, room);

		for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
			if (!is_file(path, str_of(lines[i].file)) ||
			    str_find(text, str_of(lines[i].text)) < 0)
				continue;
			report(l, shell_span(t, c->argv[n].node), STR("This line"));
			break;
		}
	}
}

static void check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	struct shell_command inner;
	const struct command_use *use;
	const struct tool *tool;

	if (str_is(c->name, "echo") || str_is(c->name, "printf")) {
		check_line(l, t, c);
		return;
	}
	if (str_is(c->name, "env") || str_is(c->name, "sudo"))
		check_variables(l, t, c);
	use = inner_use(l, t, c, &inner);
	tool = use ? tool_of(use) : NULL;
	if (!tool)
		return;
	for (size_t i = 0; tool->options && tool->options[i]; i++) {
		const struct command_flag *flag = command_flag(use, tool->options[i]);

		if (flag)
			report(l, shell_args_span(t, &inner, flag->arg, flag->value_arg),
			       flag->spelling);
	}
	check_words(l, t, &inner, tool);
}

const struct rule rule_pl2002 = {
	.code = "PL2002",
	.title = "Let all programs verify certificates",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_RUN) | INSTRUCTION_BIT(INSTRUCTION_ENV) |
			INSTRUCTION_BIT(INSTRUCTION_ARG),
	.commands =
		(const char *const[]){INNER_FRONTS, "bundle", "bundler", "composer", "conda",
				      "echo",	    "git",    "go",	 "mamba",    "micromamba",
				      "npm",	    "pip",    "pip2",	 "pip3",     "pnpm",
				      "printf",	    "pypy3",  "python",	 "python2",  "python3",
				      "svn",	    "yarn",   "yarnpkg", NULL},
	.instruction = check_pairs,
	.shell = check_assignments,
	.command = check,
};
