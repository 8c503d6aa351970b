/*
 * scan: options into a request, nothing more.
 */
#include <unistd.h>

#include "cli/common.h"
#include <stdio.h>

#include "cli/version.h"
#include "report/format.h"
#include "scan/scan.h"

enum { IGNORE_FILE_MAX = 4 << 20 };

static const char *const severity_choices[] = {"critical", "high",	 "medium",
					       "low",	   "negligible", NULL};

static const struct option options[] = {
	{.name = "all", .kind = OPTION_FLAG, .help = "show every row of the table"},
	{.name = "exit-code",
	 .kind = OPTION_NUMBER,
	 .value = "N",
	 .trust = TRUST_GATE,
	 .help = "exit code of a failed gate (default 2; 0 reports only)"},
	{.name = "fail-on",
	 .kind = OPTION_CHOICE,
	 .value = "SEVERITY",
	 .choices = severity_choices,
	 .trust = TRUST_GATE,
	 .help = "gate: fail on a finding of this severity or above"},
	{.name = "format",
	 .letter = 'f',
	 .kind = OPTION_TEXT,
	 .value = "FORMAT",
	 .help = "table (default), json, sarif, cyclonedx, junit"},
	{.name = "ignore-file",
	 .kind = OPTION_LIST,
	 .value = "FILE",
	 .trust = TRUST_GATE,
	 .help = "YAML list of {id, reason, expires, paths, purl, owner}: findings to suppress"},
	{.name = "ignore-unfixed",
	 .kind = OPTION_FLAG,
	 .same_as = "only-fixed",
	 .trust = TRUST_GATE,
	 .help = "the same as --only-fixed"},
	{.name = "keyring",
	 .kind = OPTION_TEXT,
	 .value = "FILE",
	 .trust = TRUST_DATABASE,
	 .help = "keyring that signs the package archive (default: the archive keyring of Debian)"},
	{.name = "limit",
	 .kind = OPTION_LIST,
	 .value = "NAME=VALUE",
	 .trust = TRUST_LIMITS,
	 .help = "change a limit: layers, layer-entries, entries, list, path, depth, ratio, "
		 "memory, cpu"},
	{.name = "max-count",
	 .kind = OPTION_LIST,
	 .value = "SEVERITY=N",
	 .trust = TRUST_GATE,
	 .help = "gate: fail on more than N vulnerabilities of exactly this severity"},
	{.name = "mirror",
	 .kind = OPTION_TEXT,
	 .value = "URL",
	 .trust = TRUST_DATABASE,
	 .help = "notices from this apt mirror, the parent of debian and debian-security"},
	{.name = "no-verify",
	 .kind = OPTION_FLAG,
	 .trust = TRUST_GATE,
	 .help = "do not check digests"},
	{.name = "notices",
	 .kind = OPTION_FLAG,
	 .trust = TRUST_DATABASE,
	 .help = "read the security notices of the package archive, found in the machine's apt "
		 "sources"},
	{.name = "only-fixed",
	 .kind = OPTION_FLAG,
	 .trust = TRUST_GATE,
	 .help = "gate and table: only findings that have a fix"},
	{.name = "output",
	 .letter = 'o',
	 .kind = OPTION_LIST,
	 .value = "[FORMAT=]FILE",
	 .help = "write to FILE, repeatable; without FORMAT in the form of --format"},
	{.name = "platform",
	 .kind = OPTION_TEXT,
	 .value = "OS/ARCH",
	 .trust = TRUST_SCOPE,
	 .help = "which image of an index (default: linux on this machine's architecture)"},
	{.name = "require-unfixed",
	 .kind = OPTION_FLAG,
	 .trust = TRUST_GATE,
	 .help = "incomplete unless vulnerabilities without a fix are known too"},
	{.name = "severity",
	 .kind = OPTION_TEXT,
	 .value = "A,B",
	 .trust = TRUST_GATE,
	 .help = "table: only these severities; with --exit-code also the gate"},
	{.name = "trust-project",
	 .kind = OPTION_FLAG,
	 .trust = TRUST_GATE,
	 .help = "read .plimsollignore.yaml of the working folder"},
	{0},
};

/* --- gates
 * ------------------------------------------------------------------------------------------ */

static int bad_severity(const char *option, struct str word, struct err *e)
{
	return err_set(e, ERR_USAGE,
		       "option '--%s': '%.*s' is not one of critical, high, medium, low, "
		       "negligible, unknown",
		       option, STR_ARG(word));
}

static int set_max_count(struct policy *p, const char *text, struct err *e)
{
	struct str value = str_of(text), word;
	enum severity s;
	uint64_t n;

	str_next(&value, '=', &word);
	if (!severity_parse(word, &s))
		return bad_severity("max-count", word, e);
	if (!value.data || !str_parse_u64(value, &n) || n > INT64_MAX)
		return err_set(e, ERR_USAGE, "option '--max-count': '%s' is not SEVERITY=NUMBER",
			       text);
	p->max_count[s] = (int64_t)n;
	return 0;
}

static int set_severities(struct policy *p, const char *text, struct err *e)
{
	struct str rest = str_of(text), word;
	enum severity s;

	while (str_next(&rest, ',', &word)) {
		if (!severity_parse(str_trim(word), &s))
			return bad_severity("severity", word, e);
		p->severities |= 1u << s;
	}
	return 0;
}

static int read_ignore_file(struct policy *p, const char *path, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	if (file_read(path, IGNORE_FILE_MAX, &text, e) < 0)
		return -1;
	return policy_read_ignore(p, buf_str(&text), path, e);
}

static int set_policy(const struct invocation *in, struct policy *p, struct err *e)
{
	const char *fail_on = invocation_text(in, "fail-on"),
		   *severities = invocation_text(in, "severity");
	uint64_t code = EXIT_GATE;
	const char *item;

	if (fail_on) {
		p->has_fail_on = true;
		severity_parse(str_of(fail_on), &p->fail_on);
	}
	for (size_t i = 0; (item = invocation_item(in, "max-count", i)); i++)
		if (set_max_count(p, item, e) < 0)
			return -1;
	if (severities && set_severities(p, severities, e) < 0)
		return -1;
	p->only_fixed = invocation_flag(in, "only-fixed");
	if (invocation_number(in, "exit-code", &code, e) < 0)
		return -1;
	if (code > 255)
		return err_set(e, ERR_USAGE, "option '--exit-code': %llu is over 255",
			       (unsigned long long)code);
	p->failed_exit_code = (int)code;
	p->exit_code_given = invocation_flag(in, "exit-code");
	for (size_t i = 0; (item = invocation_item(in, "ignore-file", i)); i++)
		if (read_ignore_file(p, item, e) < 0)
			return -1;
	if (access(".plimsollignore.yaml", F_OK) == 0) {
		if (invocation_flag(in, "trust-project"))
			return read_ignore_file(p, ".plimsollignore.yaml", e);
		p->project_file_skipped = true;
	}
	return 0;
}

/* --- outputs
 * ------------------------------------------------------------------------------------------ */

static const struct format *find_format(const char *option, struct str name, struct err *e)
{
	const struct format *f = format_find(name);
	CLEANUP(buf_done) struct buf known = BUF_INIT;

	if (f)
		return f;
	for (size_t i = 0; formats[i]; i++)
		buf_printf(&known, "%s%s", i ? ", " : "", formats[i]->name);
	err_set(e, ERR_USAGE, "option '--%s': '%.*s' is not one of %.*s", option, STR_ARG(name),
		STR_ARG(buf_str(&known)));
	return NULL;
}

/* "sarif=out.json", "out.json"; what stands before '=' and could be a format has to be one. */
static int parse_output(const char *text, const struct format *standard, struct scan_output *ret,
			struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t len = strspn(text, letters);

	*ret = (struct scan_output){.format = standard, .path = text};
	if (len && text[len] == '=') {
		ret->format = find_format("output", str_make(text, len), e);
		ret->path = text + len + 1;
		if (!ret->format)
			return err_hint(e, "./%s is a file of this name", text);
	}
	if (!ret->path[0])
		return err_set(e, ERR_USAGE, "option '--output': '%s' names no file", text);
	return 0;
}

static int set_outputs(const struct invocation *in, struct scan_request *r,
		       struct scan_output *outputs, size_t room, struct err *e)
{
	const char *name = invocation_text(in, "format"), *item;
	const struct format *standard = find_format("format", str_of(name ? name : "table"), e);
	size_t n = 0;

	if (!standard)
		return -1;
	for (size_t i = 0; (item = invocation_item(in, "output", i)); i++) {
		if (n == room)
			return err_set(e, ERR_USAGE, "option '--output': more than %zu files",
				       room);
		if (parse_output(item, standard, &outputs[n++], e) < 0)
			return -1;
	}
	if (n == 0)
		outputs[n++] = (struct scan_output){.format = standard, .path = "-"};
	for (size_t i = 0; i < n; i++) {
		bool console = strcmp(outputs[i].path, "-") == 0;

		outputs[i].options = (struct format_options){
			.color = console && common_color(in, STDOUT_FILENO),
			.width = console ? common_width(STDOUT_FILENO) : 0,
			.all = invocation_flag(in, "all"),
			.policy = r->policy,
			.lines = in->operands.count > 1,
		};
	}
	r->outputs = outputs;
	r->output_count = n;
	return 0;
}

/* --- the command
 * ---------------------------------------------------------------------------------------- */

/* 1 and 3 win over 2, 2 over 4, all over 0. */
static int worse(int a, int b)
{
	static const int order[] = {EXIT_FAILED, EXIT_USAGE, EXIT_GATE, EXIT_INCOMPLETE};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return a > b ? a : b;
}

static int scan_all(const struct invocation *in, struct scan_request *r, struct err *e)
{
	int code = EXIT_PASS;

	if (scan_outputs_open(r, e) < 0)
		return -1;
	for (size_t i = 0; i < in->operands.count; i++) {
		struct err why = ERR_INIT;
		int one = EXIT_PASS;

		r->source = in->operands.items[i];
		if (scan_run(r, &one, &why) < 0) {
			if (in->operands.count == 1 || why.code == ERR_CANCELLED) {
				*e = why;
				scan_outputs_abort(r);
				return -1;
			}
			/* the others are still looked at; the worst decides */
			fprintf(stderr, "plimsoll: %s\n", why.message);
			one = why.code == ERR_USAGE ? EXIT_USAGE : EXIT_FAILED;
		}
		code = worse(code, one);
	}
	return scan_outputs_commit(r, e) < 0 ? -1 : code;
}

static int run_scan(const struct invocation *in, struct err *e)
{
	CLEANUP(buf_done) struct buf database = BUF_INIT;
	struct policy policy;
	struct scan_output outputs[16];
	struct scan_request r = {
		.platform = invocation_text(in, "platform"),
		.verify = !invocation_flag(in, "no-verify"),
		.limits = scan_limits_default,
		.require_unfixed = invocation_flag(in, "require-unfixed"),
		.policy = &policy,
		.version = PLIMSOLL_VERSION,
		.offline = invocation_flag(in, "offline"),
		.progress = !invocation_flag(in, "no-progress") && !invocation_flag(in, "quiet"),
		.mirror = invocation_text(in, "mirror"),
		.keyring = invocation_text(in, "keyring"),
	};
	const char *item;
	int code = -1;

	if (!r.mirror && invocation_flag(in, "notices"))
		r.mirror = "";
	policy_init(&policy);
	for (size_t i = 0; (item = invocation_item(in, "limit", i)); i++)
		if (scan_limits_set(&r.limits, str_of(item), e) < 0)
			goto out;
	if (common_now(in, &r.now, e) < 0 || common_database_path(in, &database, e) < 0 ||
	    set_policy(in, &policy, e) < 0 || set_outputs(in, &r, outputs, 16, e) < 0)
		goto out;
	r.database = database.data;
	code = scan_all(in, &r, e);
out:
	policy_done(&policy);
	return code;
}

static const char *const examples[] = {
	"plimsoll scan shop.tar",
	"packages, vulnerabilities, verdict of an archive",
	"plimsoll scan shop.tar --fail-on high --only-fixed",
	"a gate: exit code 2 on a high finding with a fix",
	"plimsoll scan oci-dir:build/image#1.4 -o sarif=shop.sarif -o junit=shop.xml",
	"an OCI layout, reports for a pipeline",
	"docker save shop:1.4 | plimsoll scan - -f json",
	"from standard input, as JSON",
	"plimsoll scan shop.tar --notices",
	"with the notices of the package archive, without a database",
	NULL,
};

const struct command command_scan = {
	.name = "scan",
	.operands = "SOURCE...",
	.summary = "packages, known vulnerabilities and the verdict of an image",
	.description = "SOURCE is an archive (docker save, skopeo copy), a folder with an OCI "
		       "layout, a root file "
		       "system folder, a plain or compressed layer tar, or '-' for standard input. "
		       "The content "
		       "decides; a prefix forces it: docker-archive:FILE[#REF], oci-dir:DIR[#REF], "
		       "oci-archive:FILE[#REF], dir:DIR, file:FILE.\n"
		       "Without a gate option (--fail-on, --max-count, --severity with "
		       "--exit-code) the exit code is 0 "
		       "unless something could not be looked at (4).",
	.examples = examples,
	.options = options,
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.run = run_scan,
};
