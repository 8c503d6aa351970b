/*
 * SARIF 2.1.0 with the metadata of every rule, exact regions (columns in Unicode code points) and
 * fixes.
 */
#include "dockerfile/lint_format.h"
#include "dockerfile/pages.h"
#include "dockerfile/waste.h"
#include "text/json_write.h"

static const char *const levels[LEVELS] = {
	[LEVEL_ERROR] = "error", [LEVEL_WARNING] = "warning", [LEVEL_INFO] = "note",
	[LEVEL_STYLE] = "note",	 [LEVEL_IGNORE] = "none",
};

static void write_text(struct json_writer *w, const char *key, struct str text)
{
	json_write_member_object(w, key);
	json_write_member(w, "text", text);
	json_write_end(w);
}

/* What its page says: why, and the whole of it. */
static void write_page(struct json_writer *w, const struct rule_page *page)
{
	CLEANUP(buf_done) struct buf why = BUF_INIT;
	struct str text = str_of(page->text), title;

	rule_page_summary(page, &why);
	write_text(w, "fullDescription", buf_str(&why));
	(void)str_next_line(&text, &title);
	json_write_member_object(w, "help");
	json_write_member(w, "text", rule_page_section(page, "Why"));
	json_write_member(w, "markdown", str_trim(text));
	json_write_end(w);
}

static void write_rule(struct json_writer *w, const struct rule *r, const char *set)
{
	const struct rule_page *page = rule_page_find(str_of(r->code));

	json_write_object(w);
	json_write_member_cstr(w, "id", r->code);
	json_write_member_cstr(w, "name", r->code);
	write_text(w, "shortDescription", str_of(r->title));
	if (page)
		write_page(w, page);
	json_write_member_object(w, "defaultConfiguration");
	json_write_member_cstr(w, "level", levels[r->level]);
	json_write_member_bool(w, "enabled", r->level != LEVEL_IGNORE);
	json_write_end(w);
	json_write_member_object(w, "properties");
	json_write_member_array(w, "tags");
	json_write_cstr(w, set);
	json_write_end(w);
	json_write_member_cstr(w, "problem.severity", lint_level_name(r->level));
	json_write_end(w);
	json_write_end(w);
}

static void head(const struct lint_format_options *o, struct buf *out)
{
	const struct lint_config *c = o->config;
	struct json_writer w;

	buf_add_cstr(out, "{\"version\":\"2.1.0\",\"$schema\":"
			  "\"https://json.schemastore.org/sarif-2.1.0.json\",\"runs\":[{\"tool\":");
	json_writer_init(&w, out, 0);
	json_write_object(&w);
	json_write_member_object(&w, "driver");
	json_write_member_cstr(&w, "name", "plimsoll");
	json_write_member_cstr(&w, "version", o->version);
	json_write_member_cstr(&w, "semanticVersion", o->version);
	json_write_member_array(&w, "rules");
	for (size_t i = 0; i < rule_count(); i++)
		write_rule(&w, rule_at(i), rule_set_name(rule_set_at(i)));
	for (size_t i = 0; c && i < c->extra_rule_count; i++)
		write_rule(&w, c->extra_rules[i], "data");
	json_write_end(&w);
	json_write_end(&w);
	json_write_end(&w);
	if (json_writer_end(&w, NULL) < 0)
		out->failed = true;
	json_writer_done(&w);
	buf_add_cstr(out, ",\n\"columnKind\":\"unicodeCodePoints\",\"results\":[\n");
}

/* A path as a relative or absolute URI reference. */
static void write_uri(struct json_writer *w, struct str path)
{
	CLEANUP(buf_done) struct buf uri = BUF_INIT;

	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = (unsigned char)path.data[i];
		bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
			     (c && strchr("-._~/!$&'()*+,;=@", c));

		if (plain)
			buf_add_char(&uri, (char)c);
		else
			buf_printf(&uri, "%%%02X", c);
	}
	json_write_member_object(w, "artifactLocation");
	json_write_member(w, "uri", buf_str(&uri));
	json_write_end(w);
}

static void write_region(struct json_writer *w, const char *key, struct position start,
			 struct position end)
{
	json_write_member_object(w, key);
	json_write_member_u64(w, "startLine", start.line);
	json_write_member_u64(w, "startColumn", start.column);
	json_write_member_u64(w, "endLine", end.line);
	json_write_member_u64(w, "endColumn", end.column);
	json_write_end(w);
}

static void write_fix(struct json_writer *w, const struct lint_file_report *f,
		      const struct lint_fix *fix)
{
	json_write_member_array(w, "fixes");
	json_write_object(w);
	json_write_member_object(w, "description");
	json_write_member(w, "text", fix->reason);
	json_write_end(w);
	json_write_member_array(w, "artifactChanges");
	json_write_object(w);
	write_uri(w, f->path);
	json_write_member_array(w, "replacements");
	for (const struct lint_edit *e = fix->edits; e; e = e->next) {
		json_write_object(w);
		write_region(w, "deletedRegion", dockerfile_position(f->result->file, e->start),
			     dockerfile_position(f->result->file, e->end));
		write_text(w, "insertedContent", e->text);
		json_write_end(w);
	}
	json_write_end(w);
	json_write_end(w);
	json_write_end(w);
	json_write_member_object(w, "properties");
	json_write_member_bool(w, "safe", fix->safe);
	json_write_end(w);
	json_write_end(w);
	json_write_end(w);
}

/* A property bag may hold anything; the names are those of the JSON format. */
static void write_waste(struct json_writer *w, const struct lint_waste *waste)
{
	json_write_member_object(w, "properties");
	if (waste->known)
		json_write_member_u64(w, "wastedBytes", waste->bytes);
	if (waste->layer >= 0)
		json_write_member_u64(w, "wastedLayer", (uint64_t)waste->layer);
	if (waste->known && waste->at_least)
		json_write_member_bool(w, "wastedAtLeast", true);
	if (waste->reason.len)
		json_write_member(w, "wastedReason", waste->reason);
	json_write_end(w);
}

/* The rule's place in the driver's list; SIZE_MAX: one of ShellCheck's, which are not listed. */
static size_t index_of(const struct lint_format_options *o, const struct rule *rule)
{
	const struct lint_config *c = o->config;
	size_t i;

	for (i = 0; i < rule_count(); i++) {
		if (rule_at(i) == rule)
			return i;
	}
	for (size_t n = 0; c && n < c->extra_rule_count; n++) {
		if (c->extra_rules[n] == rule)
			return i + n;
	}
	return SIZE_MAX;
}

static void write_result(struct json_writer *w, const struct lint_format_options *o,
			 const struct lint_file_report *f, size_t i)
{
	const struct finding *x = f->result->findings[i];
	char fingerprint[LINT_FINGERPRINT];
	size_t index = index_of(o, x->rule);

	lint_fingerprint(f, i, fingerprint);
	json_write_object(w);
	json_write_member_cstr(w, "ruleId", x->rule->code);
	if (index != SIZE_MAX)
		json_write_member_u64(w, "ruleIndex", index);
	json_write_member_cstr(w, "level", levels[x->level]);
	write_text(w, "message", x->message);
	json_write_member_array(w, "locations");
	json_write_object(w);
	json_write_member_object(w, "physicalLocation");
	write_uri(w, f->path);
	write_region(w, "region", x->start, x->end);
	json_write_end(w);
	json_write_end(w);
	json_write_end(w);
	json_write_member_object(w, "partialFingerprints");
	json_write_member_cstr(w, "plimsoll/v1", fingerprint);
	json_write_end(w);
	if (x->fix && x->fix->edits)
		write_fix(w, f, x->fix);
	if (x->waste)
		write_waste(w, x->waste);
	json_write_end(w);
}

static void file(const struct lint_format_options *o, const struct lint_file_report *f,
		 struct buf *out)
{
	for (size_t i = 0; i < f->result->count; i++) {
		struct json_writer w;

		buf_add_cstr(out, i ? ",\n" : "");
		json_writer_init(&w, out, 0);
		write_result(&w, o, f, i);
		if (json_writer_end(&w, NULL) < 0)
			out->failed = true;
		json_writer_done(&w);
	}
}

static void tail(const struct lint_format_options *o, const struct lint_totals *t, struct buf *out)
{
	(void)o;
	buf_printf(out, "],\n\"invocations\":[{\"executionSuccessful\":%s}]}]}\n",
		   t->unreadable ? "false" : "true");
}

const struct lint_format lint_format_sarif = {
	.name = "sarif",
	.summary = "SARIF 2.1.0 with rules and fixes",
	.separator = ",\n",
	.head = head,
	.file = file,
	.tail = tail,
};
