/*
 * SARIF 2.1.0, as code scanning services read it.
 *
 * Traps: a service shows the severity of the rule, not of the result, so that an id with several
 * severities needs a rule for each source package; `security-severity` is a string whose number
 * decides the word shown; a file with more than 25,000 results is refused whole, so the least
 * severe are left out and that is said; empty strings are refused in most places.
 */
#include "base/date.h"
#include "base/map.h"
#include "report/format.h"
#include "report/label.h"
#include "report/rows.h"
#include "text/json_write.h"

enum { RESULTS_MAX = 25000, TEXT_MAX = 1000 };

struct rule {
	const struct document_finding *finding; /* the first of it */
	struct str id;
};

struct sarif {
	const struct document *d;
	struct json_writer w;
	struct arena arena;
	size_t results; /* that are written */
	struct rule *rules;
	size_t rule_count;
	uint32_t *rule_of; /* for each result */
};

/* --- small writers; a lack of memory fails the writer --- */

static void member_text(struct sarif *s, const char *key, struct str value)
{
	struct str text = label_text(&s->arena, value);

	if (!text.data && !json_writer_failed(&s->w))
		ERR_NOMEM(&s->w.error);
	json_write_member(&s->w, key, text);
}

static void member_buffer(struct sarif *s, const char *key, const struct buf *b)
{
	if (buf_failed(b) && !json_writer_failed(&s->w))
		ERR_NOMEM(&s->w.error);
	json_write_member(&s->w, key, buf_str(b));
}

/* {"text": ...} */
static void message(struct sarif *s, const char *key, const struct buf *text)
{
	json_write_member_object(&s->w, key);
	member_buffer(s, "text", text);
	json_write_end(&s->w);
}

/* Printable text for Markdown: its signs and those of HTML lose their meaning. */
static void add_markdown(struct buf *out, struct str raw)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	buf_add_escaped(&text, raw);
	for (size_t i = 0; i < text.len; i++) {
		if (strchr("\\`*_{}[]()<>#+!|&~@:", text.data[i]))
			buf_add_char(out, '\\');
		buf_add_char(out, text.data[i]);
	}
	if (buf_failed(&text))
		out->failed = true;
}

/* A path of the image as a relative reference; a colon in its first segment would be a scheme. */
static void add_uri(struct buf *out, struct str path)
{
	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = (unsigned char)path.data[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    (c && strchr("-._~/", c)))
			buf_add_char(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

/* --- rules --- */

/* What of the report can be written at all. */
static const char *level_of(enum severity severity)
{
	switch (severity) {
	case SEVERITY_CRITICAL:
	case SEVERITY_HIGH:
		return "error";
	case SEVERITY_MEDIUM:
		return "warning";
	default:
		return "note";
	}
}

/*
 * The number that makes services show our word: a score of the finding that lies in the same band,
 * else the middle of the band.
 */
static int security_severity(const struct document_finding *f)
{
	static const int middles[SEVERITIES] = {
		[SEVERITY_CRITICAL] = 95, [SEVERITY_HIGH] = 80,	     [SEVERITY_MEDIUM] = 55,
		[SEVERITY_LOW] = 20,	  [SEVERITY_NEGLIGIBLE] = 1,
	};
	int best = -1;

	for (size_t i = 0; i < f->cvss.count; i++) {
		int score = f->cvss.items[i].score10;

		if (cvss_severity(score, 31) == f->severity && score > best)
			best = score;
	}
	return best > 0 ? best : middles[f->severity];
}

/* Is this id reported with one severity only? */
static bool is_uniform(const struct map *severities, struct str id)
{
	uintptr_t bits = (uintptr_t)map_find(severities, id);

	return (bits & (bits - 1)) == 0;
}

static struct str rule_id(struct sarif *s, const struct map *severities,
			  const struct document_finding *f)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	buf_add_escaped(&b, f->id);
	if (!is_uniform(severities, f->id)) {
		buf_add_char(&b, '-');
		buf_add_escaped(&b, finding_source(s->d, f));
	}
	return buf_failed(&b) ? STR_NULL : arena_str(&s->arena, buf_str(&b));
}

static int note_severities(struct sarif *s, struct map *severities, struct err *e)
{
	for (size_t i = 0; i < s->results; i++) {
		const struct document_finding *f = &s->d->findings.items[i];
		void **slot = map_put(severities, f->id);

		if (!slot)
			return ERR_NOMEM(e);
		*slot = (void *)((uintptr_t)*slot | (uintptr_t)1 << f->severity);
	}
	return 0;
}

/* Findings come most severe first, so that a rule has the severity of its worst. */
static int collect_rules(struct sarif *s, const struct map *severities, struct map *ids,
			 struct err *e)
{
	for (size_t i = 0; i < s->results; i++) {
		const struct document_finding *f = &s->d->findings.items[i];
		struct str id = rule_id(s, severities, f);
		void **slot = id.data ? map_put(ids, id) : NULL;

		if (!slot)
			return ERR_NOMEM(e);
		if (!*slot) {
			s->rules[s->rule_count++] = (struct rule){.finding = f, .id = id};
			*slot = (void *)(uintptr_t)s->rule_count;
		}
		s->rule_of[i] = (uint32_t)((uintptr_t)*slot - 1);
	}
	return 0;
}

static int build_rules(struct sarif *s, struct err *e)
{
	struct map severities, ids;
	int result;

	s->results = s->d->findings.count > RESULTS_MAX ? RESULTS_MAX : s->d->findings.count;
	s->rules = arena_alloc_array(&s->arena, s->results + 1, sizeof(*s->rules));
	s->rule_of = arena_alloc_array(&s->arena, s->results + 1, sizeof(*s->rule_of));
	if (!s->rules || !s->rule_of)
		return ERR_NOMEM(e);
	map_init(&severities, s->d->budget);
	map_init(&ids, s->d->budget);
	result = note_severities(s, &severities, e);
	if (result == 0)
		result = collect_rules(s, &severities, &ids, e);
	map_done(&severities);
	map_done(&ids);
	return result;
}

static void add_title(struct buf *b, const struct sarif *s, const struct document_finding *f)
{
	buf_add_escaped(b, f->id);
	buf_add_cstr(b, " in ");
	buf_add_escaped(b, finding_source(s->d, f));
}

static void write_help(struct sarif *s, const struct document_finding *f)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT, markdown = BUF_INIT, url = BUF_INIT;

	label_finding_url(&url, f);
	add_title(&text, s, f);
	buf_add_cstr(&markdown, "**");
	add_markdown(&markdown, buf_str(&text));
	buf_add_cstr(&markdown, "**\n\n");
	if (f->title.len) {
		buf_add_cstr(&text, "\n");
		buf_add_escaped(&text, str_to(f->title, TEXT_MAX));
		add_markdown(&markdown, str_to(f->title, TEXT_MAX));
		buf_add_cstr(&markdown, "\n\n");
	}
	buf_printf(&text, "\nSeverity: %s\nFixed in: ", severity_name(f->severity));
	buf_add_escaped(&text, label_fix(f));
	buf_printf(&markdown, "| Severity | Fixed in |\n|---|---|\n| %s | ",
		   severity_name(f->severity));
	add_markdown(&markdown, label_fix(f));
	buf_add_cstr(&markdown, " |\n");
	if (url.len) {
		buf_printf(&text, "\n%.*s", STR_ARG(buf_str(&url)));
		buf_printf(&markdown, "\n<%.*s>\n", STR_ARG(buf_str(&url)));
	}
	json_write_member_object(&s->w, "help");
	member_buffer(s, "text", &text);
	member_buffer(s, "markdown", &markdown);
	json_write_end(&s->w);
	if (label_any(&url))
		member_buffer(s, "helpUri", &url);
}

static void write_rule_properties(struct sarif *s, const struct document_finding *f)
{
	CLEANUP(buf_done) struct buf score = BUF_INIT;
	struct json_writer *w = &s->w;

	label_score(&score, security_severity(f));
	json_write_member_object(w, "properties");
	json_write_member_cstr(w, "precision", "very-high");
	json_write_member_cstr(w, "problem.severity",
			       f->severity >= SEVERITY_HIGH	? "error"
			       : f->severity == SEVERITY_MEDIUM ? "warning"
								: "recommendation");
	member_buffer(s, "security-severity", &score);
	json_write_member_array(w, "tags");
	json_write_cstr(w, "security");
	json_write_cstr(w, "vulnerability");
	json_write_cstr(w, severity_name(f->severity));
	json_write_end(w);
	json_write_end(w);
}

static void write_rule(struct sarif *s, const struct rule *r)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const struct document_finding *f = r->finding;
	struct json_writer *w = &s->w;

	json_write_object(w);
	json_write_member(w, "id", r->id);
	json_write_member_cstr(w, "name", "OsPackageVulnerability");
	add_title(&text, s, f);
	message(s, "shortDescription", &text);
	buf_add_cstr(&text, ": ");
	if (f->title.len)
		buf_add_escaped(&text, str_to(f->title, TEXT_MAX));
	else
		buf_printf(&text, "severity %s", severity_name(f->severity));
	message(s, "fullDescription", &text);
	write_help(s, f);
	json_write_member_object(w, "defaultConfiguration");
	json_write_member_cstr(w, "level", level_of(f->severity));
	json_write_end(w);
	write_rule_properties(s, f);
	json_write_end(w);
}

/* "1.2.3" */
static bool is_semantic(struct str version)
{
	uint64_t number;
	struct str part;
	int parts = 0;

	while (str_next(&version, '.', &part)) {
		if (!str_parse_u64(part, &number))
			return false;
		parts++;
	}
	return parts == 3;
}

static void write_tool(struct sarif *s)
{
	struct json_writer *w = &s->w;

	json_write_member_object(w, "tool");
	json_write_member_object(w, "driver");
	json_write_member_cstr(w, "name", "plimsoll");
	member_text(s, "version", s->d->version.len ? s->d->version : STR("0"));
	if (is_semantic(s->d->version))
		member_text(s, "semanticVersion", s->d->version);
	json_write_member_array(w, "rules");
	for (size_t i = 0; i < s->rule_count && !json_writer_failed(w); i++)
		write_rule(s, &s->rules[i]);
	json_write_end(w);
	json_write_end(w);
	json_write_end(w);
}

/* --- results --- */

static void write_physical(struct sarif *s, const struct document_finding *f)
{
	CLEANUP(buf_done) struct buf uri = BUF_INIT;
	const struct package *p = finding_package(s->d, f);
	struct json_writer *w = &s->w;

	add_uri(&uri, f->path.len ? f->path : p ? p->location.path : STR_NULL);
	json_write_member_object(w, "physicalLocation");
	json_write_member_object(w, "artifactLocation");
	if (!uri.len)
		buf_add_cstr(&uri, "unknown");
	member_buffer(s, "uri", &uri);
	json_write_member_cstr(w, "uriBaseId", "IMAGE");
	json_write_end(w);
	json_write_member_object(w, "region");
	json_write_member_u64(w, "startLine", p && p->location.line ? p->location.line : 1);
	json_write_member_u64(w, "startColumn", 1);
	json_write_member_u64(w, "endColumn", 1);
	json_write_end(w);
	json_write_end(w);
}

static void write_logical(struct sarif *s, const struct document_finding *f)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT;
	const struct package *p = finding_package(s->d, f);
	struct json_writer *w = &s->w;

	if (p)
		purl_format(p, &s->d->target.distro, &name);
	else
		buf_add_escaped(&name, f->path);
	json_write_member_array(w, "logicalLocations");
	json_write_object(w);
	member_text(s, "name", p ? p->name : f->path);
	member_buffer(s, "fullyQualifiedName", &name);
	json_write_member_cstr(w, "kind", "package");
	json_write_end(w);
	json_write_end(w);
}

static void write_location(struct sarif *s, const struct document_finding *f)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct json_writer *w = &s->w;

	json_write_member_array(w, "locations");
	json_write_object(w);
	write_physical(s, f);
	write_logical(s, f);
	if (f->layer >= 0) {
		label_layer_sentence(&text, s->d, f->layer);
		message(s, "message", &text);
	}
	json_write_end(w);
	json_write_end(w);
}

static void write_suppression(struct sarif *s, const struct document_suppressed *p)
{
	struct json_writer *w = &s->w;

	json_write_member_array(w, "suppressions");
	if (p->by.len) {
		json_write_object(w);
		json_write_member_cstr(w, "kind", "external");
		json_write_member_cstr(w, "status", "accepted");
		member_text(s, "justification", p->reason);
		json_write_end(w);
	}
	json_write_end(w);
}

static void write_result_properties(struct sarif *s, const struct document_finding *f)
{
	struct json_writer *w = &s->w;

	json_write_member_object(w, "properties");
	json_write_member_cstr(w, "severity", severity_name(f->severity));
	member_text(s, "installedVersion", f->installed_version);
	member_text(s, "fixedVersion", f->fixed_version);
	json_write_member_cstr(w, "fix", fix_state_name(f->fix));
	if (f->layer >= 0 && (size_t)f->layer < s->d->target.layers.count) {
		const struct document_layer *l = &s->d->target.layers.items[f->layer];

		json_write_member_i64(w, "layer", f->layer);
		member_text(s, "layerDiffId", l->diff_id);
	}
	if (f->known_exploited.len)
		member_text(s, "knownExploited", f->known_exploited);
	if (f->epss_score >= 0)
		json_write_member_double(w, "epss", f->epss_score);
	json_write_end(w);
}

/* Equal for the same vulnerability of the same package of the same image, whatever its version. */
static void write_fingerprints(struct sarif *s, const struct document_finding *f)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;

	buf_add_escaped(&line, f->fingerprint.len ? str_to(f->fingerprint, 16) : f->id);
	buf_add_cstr(&line, ":1");
	json_write_member_object(&s->w, "partialFingerprints");
	member_buffer(s, "primaryLocationLineHash", &line);
	if (f->fingerprint.len)
		member_text(s, "plimsollFingerprint/v1", f->fingerprint);
	json_write_end(&s->w);
}

static void write_result(struct sarif *s, size_t index)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const struct document_finding *f = &s->d->findings.items[index];
	struct json_writer *w = &s->w;

	label_sentence(&text, s->d, f);
	json_write_object(w);
	json_write_member(w, "ruleId", s->rules[s->rule_of[index]].id);
	json_write_member_u64(w, "ruleIndex", s->rule_of[index]);
	json_write_member_cstr(w, "level", level_of(f->severity));
	message(s, "message", &text);
	write_location(s, f);
	write_fingerprints(s, f);
	write_suppression(s, &f->suppressed);
	write_result_properties(s, f);
	json_write_end(w);
}

/* --- the run --- */

static void write_notification(struct sarif *s, const char *id, const char *level,
			       const struct buf *text)
{
	struct json_writer *w = &s->w;

	json_write_object(w);
	json_write_member_object(w, "descriptor");
	json_write_member_cstr(w, "id", id);
	json_write_end(w);
	json_write_member_cstr(w, "level", level);
	message(s, "message", text);
	json_write_end(w);
}

static void write_notifications(struct sarif *s)
{
	static const char *const levels[] = {
		[DIAG_NOTE] = "note", [DIAG_DEGRADED] = "warning", [DIAG_GAP] = "error"};
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const struct diags *diags = &s->d->diagnostics;

	json_write_member_array(&s->w, "toolExecutionNotifications");
	for (size_t i = 0; i < diags->list.count; i++) {
		const struct diag *g = &diags->list.items[i];

		buf_clear(&text);
		label_diagnostic(&text, g);
		write_notification(s, diag_name(g->code), levels[diag_class(g->code)], &text);
	}
	if (s->results < s->d->findings.count) {
		buf_clear(&text);
		buf_printf(
			&text,
			"%zu of %zu findings are written, the most severe: more would be refused",
			s->results, s->d->findings.count);
		write_notification(s, "results_cut", "error", &text);
	}
	json_write_end(&s->w);
}

static void write_invocation(struct sarif *s)
{
	struct json_writer *w = &s->w;
	char now[DATE_TEXT];

	json_write_member_array(w, "invocations");
	json_write_object(w);
	/* an incomplete scan did not do what it was asked for */
	json_write_member_bool(w, "executionSuccessful", s->d->verdict.complete);
	json_write_member_i64(w, "exitCode", s->d->verdict.exit_code);
	json_write_member_cstr(w, "endTimeUtc", date_format(s->d->now, now));
	write_notifications(s);
	json_write_end(w);
	json_write_end(w);
}

static void write_run_properties(struct sarif *s)
{
	const struct document_target *t = &s->d->target;
	struct json_writer *w = &s->w;

	json_write_member_object(w, "properties");
	member_text(s, "reference", t->reference);
	member_text(s, "kind", t->kind);
	member_text(s, "digest", t->digest);
	member_text(s, "imageId", t->image_id);
	member_text(s, "platform", t->platform);
	json_write_member_bool(w, "pass", s->d->verdict.pass);
	json_write_member_bool(w, "complete", s->d->verdict.complete);
	json_write_end(w);
}

/* "plimsoll/<what was scanned>/": several images can be uploaded for one commit. */
static void write_automation(struct sarif *s)
{
	CLEANUP(buf_done) struct buf id = BUF_INIT;

	buf_add_cstr(&id, "plimsoll/");
	buf_add_escaped(&id, s->d->target.reference);
	buf_add_char(&id, '/');
	json_write_member_object(&s->w, "automationDetails");
	member_buffer(s, "id", &id);
	json_write_end(&s->w);
}

static void write_log(struct sarif *s)
{
	struct json_writer *w = &s->w;

	json_write_object(w);
	json_write_member_cstr(w, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_write_member_cstr(w, "version", "2.1.0");
	json_write_member_array(w, "runs");
	json_write_object(w);
	write_tool(s);
	write_automation(s);
	write_invocation(s);
	json_write_member_cstr(w, "columnKind", "unicodeCodePoints");
	json_write_member_object(w, "originalUriBaseIds");
	json_write_member_object(w, "IMAGE");
	json_write_member_cstr(w, "uri", "file:///");
	json_write_end(w);
	json_write_end(w);
	json_write_member_array(w, "results");
	for (size_t i = 0; i < s->results && !json_writer_failed(w); i++)
		write_result(s, i);
	json_write_end(w);
	write_run_properties(s);
	json_write_end(w);
	json_write_end(w);
	json_write_end(w);
}

static int write_sarif(const struct document *d, const struct format_options *o, struct buf *out,
		       struct err *e)
{
	struct sarif s = {.d = d};
	int result;

	arena_init(&s.arena, d->budget, 0);
	result = build_rules(&s, e);
	if (result == 0) {
		json_writer_init(&s.w, out, o->lines ? 0 : 2);
		write_log(&s);
		result = json_writer_end(&s.w, e);
		json_writer_done(&s.w);
		if (o->lines)
			buf_add_char(out, '\n');
	}
	arena_done(&s.arena);
	return result;
}

const struct format format_sarif = {
	.name = "sarif",
	.summary = "SARIF 2.1.0 for code scanning services",
	.write = write_sarif,
};
