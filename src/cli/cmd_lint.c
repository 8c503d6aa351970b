/*
 * lint: options into a request, nothing more. hadolint's own flags are accepted.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cli/common.h"
#include "cli/version.h"
#include "dockerfile/association_lint.h"
#include "dockerfile/lint_run.h"
#include "dockerfile/shellcheck.h"
#include "scan/lint.h"

enum { CONFIG_MAX = 4 << 20, RULES_MAX = 64 << 20 };

static const char *const fix_choices[] = {"safe", "unsafe", NULL};

static const struct option options[] = {
	{.name = "build-arg",
	 .kind = OPTION_LIST,
	 .value = "NAME=VALUE",
	 .trust = TRUST_SCOPE,
	 .help = "value of an ARG, as for docker build"},
	{.name = "config",
	 .letter = 'c',
	 .kind = OPTION_TEXT,
	 .value = "FILE",
	 .trust = TRUST_GATE,
	 .help = "hadolint's configuration file (default: where hadolint looks for it)"},
	{.name = "diff",
	 .kind = OPTION_FLAG,
	 .help = "show what --fix would change; no file is written"},
	{.name = "disable-ignore-pragma",
	 .kind = OPTION_FLAG,
	 .trust = TRUST_GATE,
	 .help = "comments in the files silence nothing"},
	{.name = "error",
	 .kind = OPTION_LIST,
	 .value = "CODE",
	 .trust = TRUST_GATE,
	 .help = "level of a rule: error"},
	{.name = "exit-code",
	 .kind = OPTION_NUMBER,
	 .value = "N",
	 .trust = TRUST_GATE,
	 .help = "exit code when something was found (default 2; hadolint has 1)"},
	{.name = "failure-threshold",
	 .letter = 't',
	 .kind = OPTION_TEXT,
	 .value = "LEVEL",
	 .trust = TRUST_GATE,
	 .help = "the weakest level that counts: error, warning, info (default), style, none"},
	{.name = "file-path-in-report",
	 .kind = OPTION_TEXT,
	 .value = "PATH",
	 .help = "what the file is called in the report"},
	{.name = "fix",
	 .kind = OPTION_OPTIONAL,
	 .value = "safe|unsafe",
	 .choices = fix_choices,
	 .help = "repair the files; unsafe: also what needs a look afterwards"},
	{.name = "format",
	 .letter = 'f',
	 .kind = OPTION_LIST,
	 .value = "FORMAT",
	 .help = "table (default), json, sarif, checkstyle, gitlab, gnu, junit, github"},
	{.name = "ignore",
	 .kind = OPTION_LIST,
	 .value = "CODE",
	 .trust = TRUST_GATE,
	 .help = "a rule that does not run"},
	{.name = "image",
	 .kind = OPTION_TEXT,
	 .value = "SOURCE",
	 .trust = TRUST_SCOPE,
	 .help = "an image that was built from FILE: say what findings waste in its layers"},
	{.name = "info",
	 .kind = OPTION_LIST,
	 .value = "CODE",
	 .trust = TRUST_GATE,
	 .help = "level of a rule: info"},
	{.name = "no-color", .kind = OPTION_FLAG, .help = "the same as --color never"},
	{.name = "no-config", .kind = OPTION_FLAG, .help = "no configuration file"},
	{.name = "no-fail",
	 .kind = OPTION_FLAG,
	 .trust = TRUST_GATE,
	 .help = "exit code 0 whatever was found"},
	{.name = "only",
	 .kind = OPTION_LIST,
	 .value = "CODE",
	 .trust = TRUST_GATE,
	 .help = "run these rules alone"},
	{.name = "output",
	 .letter = 'o',
	 .kind = OPTION_LIST,
	 .value = "[FORMAT=]FILE",
	 .help = "write to FILE, repeatable; without FORMAT in the form of --format"},
	{.name = "platform",
	 .kind = OPTION_TEXT,
	 .value = "OS/ARCH",
	 .trust = TRUST_SCOPE,
	 .help = "which image of an index --image names (default: linux on this machine's "
		 "architecture)"},
	{.name = "require-label",
	 .kind = OPTION_LIST,
	 .value = "NAME:KIND",
	 .trust = TRUST_GATE,
	 .help = "a label that must be there: text, url, spdx, hash, rfc3339, semver, email"},
	{.name = "rules",
	 .kind = OPTION_LIST,
	 .value = "FILE",
	 .trust = TRUST_GATE,
	 .help = "tree-association rules of your own beside the built-in ones (see mine)"},
	{.name = "shellcheck",
	 .kind = OPTION_OPTIONAL,
	 .value = "auto|off|PATH",
	 .trust = TRUST_CONFINEMENT,
	 .help = "run ShellCheck for what has no rule here; auto: when it is installed"},
	{.name = "strict-labels",
	 .kind = OPTION_FLAG,
	 .trust = TRUST_GATE,
	 .help = "no labels but the required ones"},
	{.name = "style",
	 .kind = OPTION_LIST,
	 .value = "CODE",
	 .trust = TRUST_GATE,
	 .help = "level of a rule: style"},
	{.name = "trusted-registry",
	 .kind = OPTION_LIST,
	 .value = "NAME",
	 .trust = TRUST_GATE,
	 .help = "images may come from here only; * at an end"},
	{.name = "warning",
	 .kind = OPTION_LIST,
	 .value = "CODE",
	 .trust = TRUST_GATE,
	 .help = "level of a rule: warning"},
	{0},
};

/* --- settings: file, then environment, then command line --- */

static int read_config(const struct invocation *in, struct lint_settings *s, struct err *e)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const char *given = invocation_text(in, "config");

	if (!given) {
		if (invocation_flag(in, "no-config") || !lint_config_path(getenv, &path))
			return 0;
		given = path.data;
	}
	if (file_read(given, CONFIG_MAX, &text, e) < 0) {
		e->code = ERR_USAGE;
		return -1;
	}
	return lint_settings_read(s, buf_str(&text), given, e);
}

static int set_option(const struct invocation *in, struct lint_settings *s, const char *name,
		      struct err *e)
{
	const char *item;

	for (size_t i = 0; (item = invocation_item(in, name, i)); i++) {
		if (lint_settings_add(s, name, str_of(item), e) < 0)
			return err_wrap(e, "option '--%s'", name);
	}
	return 0;
}

static int set_settings(const struct invocation *in, struct lint_settings *s, struct err *e)
{
	static const char *const lists[] = {"build-arg", "error",	  "ignore",
					    "info",	 "only",	  "style",
					    "warning",	 "require-label", "trusted-registry"};
	const char *threshold = invocation_text(in, "failure-threshold");

	if (read_config(in, s, e) < 0 || lint_settings_environment(s, getenv, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (set_option(in, s, lists[i], e) < 0)
			return -1;
	}
	if (threshold && lint_settings_add(s, "failure-threshold", str_of(threshold), e) < 0)
		return err_wrap(e, "option '--failure-threshold'");
	s->config.strict_labels |= invocation_flag(in, "strict-labels");
	s->config.disable_ignore_pragma |= invocation_flag(in, "disable-ignore-pragma");
	s->no_fail |= invocation_flag(in, "no-fail");
	s->no_color |= invocation_flag(in, "no-color");
	lint_settings_finish(s);
	return 0;
}

/* --- outputs --- */

static const struct lint_format *find_format(const char *where, struct str name, struct err *e)
{
	const struct lint_format *f = lint_format_find(name);
	CLEANUP(buf_done) struct buf known = BUF_INIT;

	if (f)
		return f;
	for (size_t i = 0; lint_formats[i]; i++)
		buf_printf(&known, "%s%s", i ? ", " : "", lint_formats[i]->name);
	err_set(e, ERR_USAGE, "%s: '%.*s' is not one of %.*s", where, STR_ARG(name),
		STR_ARG(buf_str(&known)));
	return NULL;
}

/* The last --format, else what the configuration says, else a table. */
static const struct lint_format *standard_format(const struct invocation *in,
						 const struct lint_settings *s, struct err *e)
{
	const char *given = NULL, *item;

	for (size_t i = 0; (item = invocation_item(in, "format", i)); i++)
		given = item;
	if (given)
		return find_format("option '--format'", str_of(given), e);
	if (s->format.len)
		return find_format("the configured format", s->format, e);
	return lint_format_find(STR("table"));
}

static void set_console(const struct invocation *in, const struct lint_settings *s,
			struct lint_output *o)
{
	bool console = strcmp(o->path, "-") == 0;

	o->options = (struct lint_format_options){
		.color = console && !s->no_color && common_color(in, STDOUT_FILENO),
		.width = console ? common_width(STDOUT_FILENO) : 0,
		.version = PLIMSOLL_VERSION,
		.config = &s->config,
	};
}

static int set_outputs(const struct invocation *in, const struct lint_settings *s,
		       struct lint_request *r, struct err *e)
{
	const struct lint_format *standard = standard_format(in, s, e);
	const char *item;

	if (!standard)
		return -1;
	for (size_t i = 0; (item = invocation_item(in, "output", i)); i++) {
		const char *equals = strchr(item, '=');
		const struct lint_format *named =
			equals ? lint_format_find(str_make(item, (size_t)(equals - item))) : NULL;

		if (r->output_count == LINT_OUTPUTS)
			return err_set(e, ERR_USAGE, "option '--output': more than %d files",
				       LINT_OUTPUTS);
		r->outputs[r->output_count++] = (struct lint_output){
			named ? named : standard, named ? equals + 1 : item, {0}};
		if (!r->outputs[r->output_count - 1].path[0])
			return err_set(e, ERR_USAGE, "option '--output': '%s' names no file", item);
	}
	/* a diff, or the repaired standard input, has standard output for itself */
	if (!r->output_count && !r->diff &&
	    !(r->fixing != LINT_FIX_NONE && r->path_in_report == NULL && r->operand_count == 1 &&
	      strcmp(r->operands[0], "-") == 0))
		r->outputs[r->output_count++] = (struct lint_output){standard, "-", {0}};
	for (size_t i = 0; i < r->output_count; i++)
		set_console(in, s, &r->outputs[i]);
	return 0;
}

static int set_fixing(const struct invocation *in, struct lint_request *r, struct err *e)
{
	const char *how = invocation_text(in, "fix");

	r->diff = invocation_flag(in, "diff");
	if (!r->diff && !invocation_flag(in, "fix"))
		return 0;
	r->fixing = LINT_FIX_SAFE;
	if (how && strcmp(how, "unsafe") == 0)
		r->fixing = LINT_FIX_ALL;
	else if (how && *how && strcmp(how, "safe") != 0)
		return err_set(e, ERR_USAGE, "option '--fix': '%s' is not one of safe, unsafe",
			       how);
	return 0;
}

/*
 * Off unless asked for, so that a run says the same on every machine. Asked for, it must be there;
 * auto says when it is not.
 */
static int set_shellcheck(const struct invocation *in, struct lint_request *r, struct err *e)
{
	const char *how = invocation_text(in, "shellcheck");
	bool automatic = how && strcmp(how, "auto") == 0;
	struct err why = ERR_INIT;

	if (!invocation_flag(in, "shellcheck") || (how && strcmp(how, "off") == 0))
		return 0;
	if (r->fixing != LINT_FIX_NONE && !r->diff)
		return err_set(e, ERR_USAGE,
			       "option '--shellcheck': not together with --fix, which changes the "
			       "text that it speaks of");
	r->shellcheck = how && *how && !automatic ? how : "shellcheck";
	if (shellcheck_find(r->shellcheck, &why) == 0)
		return 0;
	r->shellcheck = NULL;
	if (!automatic)
		return err_set(e, ERR_USAGE, "option '--shellcheck': %s", why.message);
	fprintf(stderr, "plimsoll: note: shellcheck did not run: %s\n", why.message);
	return 0;
}

/* --- the command --- */

static void say_notes(const struct invocation *in, const struct lint_settings *s,
		      const struct lint_outcome *o)
{
	if (o->notes.len)
		fwrite(o->notes.data, 1, o->notes.len, stderr);
	if (invocation_flag(in, "quiet"))
		return;
	for (size_t i = 0; i < s->notes.count; i++)
		fprintf(stderr, "plimsoll: note: %.*s\n", STR_ARG(s->notes.items[i]));
	if (o->totals.shell_unavailable)
		fprintf(stderr, "plimsoll: note: the rules for shell text did not run: %s\n",
			shell_parser_unavailable());
}

/* The built-in tree rules and those of --rules. */
static int set_tree_rules(const struct invocation *in, struct tree_rules *t,
			  struct lint_settings *s, struct err *e)
{
	const char *path;

	if (associations_read_gold(&t->list, e) < 0)
		return -1;
	for (size_t i = 0; (path = invocation_item(in, "rules", i)); i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;

		if (file_read(path, RULES_MAX, &text, e) < 0 ||
		    associations_read(&t->list, buf_str(&text), path, e) < 0) {
			e->code = ERR_USAGE;
			return -1;
		}
	}
	if (tree_rules_finish(t, e) < 0)
		return -1;
	s->config.extra_rules = t->pointers;
	s->config.extra_rule_count = t->count;
	return 0;
}

static int run_request(const struct invocation *in, struct lint_request *r,
		       struct lint_outcome *ret, struct err *e)
{
	const struct scan_lint_image image = {
		.source = invocation_text(in, "image"),
		.platform = invocation_text(in, "platform"),
		.progress = !invocation_flag(in, "no-progress") && !invocation_flag(in, "quiet"),
	};

	if (!image.source) {
		if (image.platform)
			return err_set(e, ERR_USAGE, "option '--platform': needs --image");
		return lint_run(r, ret, e);
	}
	for (size_t i = 0; strcmp(image.source, "-") == 0 && i < r->operand_count; i++) {
		if (strcmp(r->operands[i], "-") == 0)
			return err_set(
				e, ERR_USAGE,
				"option '--image': standard input is the Dockerfile already");
	}
	return scan_lint(&image, r, ret, e);
}

static int run_with(const struct invocation *in, struct lint_settings *s, struct tree_rules *t,
		    struct err *e)
{
	struct lint_output outputs[LINT_OUTPUTS];
	struct lint_request r = {
		.operands = in->operands.items,
		.operand_count = in->operands.count,
		.settings = s,
		.outputs = outputs,
		.path_in_report = invocation_text(in, "file-path-in-report"),
	};
	struct lint_outcome outcome;
	uint64_t code = EXIT_GATE;

	if (set_settings(in, s, e) < 0 || set_tree_rules(in, t, s, e) < 0 ||
	    set_fixing(in, &r, e) < 0 || set_shellcheck(in, &r, e) < 0 ||
	    set_outputs(in, s, &r, e) < 0 || invocation_number(in, "exit-code", &code, e) < 0)
		return -1;
	if (code > 255)
		return err_set(e, ERR_USAGE, "option '--exit-code': %llu is over 255",
			       (unsigned long long)code);
	r.failed_exit_code = (int)code;
	if (run_request(in, &r, &outcome, e) < 0)
		return -1;
	say_notes(in, s, &outcome);
	buf_done(&outcome.notes);
	return outcome.exit_code;
}

static int run_lint(const struct invocation *in, struct err *e)
{
	struct lint_settings settings;
	struct tree_rules trees;
	int code;

	lint_settings_init(&settings);
	tree_rules_init(&trees);
	code = run_with(in, &settings, &trees, e);
	tree_rules_done(&trees);
	lint_settings_done(&settings);
	return code;
}

static const char *const examples[] = {
	"plimsoll lint Dockerfile",
	"what is wrong, where, and how to repair it",
	"plimsoll lint --fix .",
	"repair every Dockerfile below this folder, where it is safe",
	"plimsoll lint --diff Dockerfile",
	"what --fix would change",
	"plimsoll lint -f json - < Dockerfile",
	"from standard input, as JSON",
	"plimsoll lint -t error -o sarif=lint.sarif services/",
	"a gate on errors alone, and a report for a pipeline",
	"plimsoll lint --image shop.tar Dockerfile",
	"also how many bytes of the image each finding about space wastes",
	NULL,
};

const struct command command_lint = {
	.name = "lint",
	.operands = "FILE...",
	.summary = "check and repair Dockerfiles",
	.description = "FILE is a Dockerfile, a folder (every file called like one, at any depth), "
		       "a pattern, or "
		       "'-' for standard input. Rules have the codes of hadolint (DL), ShellCheck "
		       "(SC) and BuildKit; "
		       "PL are this program's own; 'plimsoll help DL3008' shows the page of a "
		       "rule. With --shellcheck the program of that name adds "
		       "what has no rule "
		       "here. hadolint's configuration files, comments and "
		       "flags are read as they are.\n"
		       "The exit code is 2 when something at or above --failure-threshold was "
		       "found, 1 when a file is not "
		       "there, 4 when one could not be looked at.",
	.examples = examples,
	.options = options,
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.run = run_lint,
};
