/*
 * JUnit XML as Jenkins reads it (junit-10.xsd). What passes and fails here is what the gate says: a
 * case for the completeness of the scan, one for each rule, and one for each finding, which fails
 * when a failed rule counts it, is skipped when it is suppressed, and else passes. There is always
 * a case, because Jenkins takes an empty report for an error.
 */
#include "base/date.h"
#include "report/format.h"
#include "report/label.h"
#include "report/rows.h"
#include "text/xml_write.h"

struct junit {
	const struct document *d;
	struct xml_writer w;
	struct arena arena;
	bool *counted; /* by a failed rule; for each finding */
	bool failed;   /* a label had no memory */
};

static void attribute(struct junit *j, const char *name, struct str value)
{
	struct str text = label_text(&j->arena, value);

	if (!text.data)
		j->failed = true;
	xml_attribute(&j->w, name, text);
}

static void attribute_buffer(struct junit *j, const char *name, const struct buf *b)
{
	j->failed = j->failed || buf_failed(b);
	xml_attribute(&j->w, name, buf_str(b));
}

static void text_buffer(struct junit *j, const struct buf *b)
{
	j->failed = j->failed || buf_failed(b);
	xml_text(&j->w, buf_str(b));
}

static void begin_case(struct junit *j, struct str class, const struct buf *name)
{
	xml_begin(&j->w, "testcase");
	attribute(j, "classname", class);
	attribute_buffer(j, "name", name);
	xml_attribute_cstr(&j->w, "time", "0");
}

static void write_complete(struct junit *j)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	const struct diags *diags = &j->d->diagnostics;

	buf_add_cstr(&b, "the scan is complete");
	begin_case(j, STR("plimsoll.scan"), &b);
	buf_clear(&b);
	if (!j->d->verdict.complete) {
		for (size_t i = 0; i < diags->list.count; i++) {
			if (diag_class(diags->list.items[i].code) != DIAG_GAP)
				continue;
			label_diagnostic(&b, &diags->list.items[i]);
			buf_add_char(&b, '\n');
		}
		xml_begin(&j->w, "error");
		xml_attribute_cstr(&j->w, "type", "incomplete");
		xml_attribute_cstr(&j->w, "message",
				   "what was not looked at may hide packages or findings");
		text_buffer(j, &b);
		xml_end(&j->w);
	}
	xml_end(&j->w);
}

static void write_rule(struct junit *j, const struct document_rule *r)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	buf_add_cstr(&b, "--");
	buf_add_escaped(&b, r->rule);
	begin_case(j, STR("plimsoll.gate"), &b);
	if (r->failed) {
		buf_clear(&b);
		label_count(&b, r->findings.count, "finding", "findings");
		xml_begin(&j->w, "failure");
		xml_attribute_cstr(&j->w, "type", "gate");
		attribute_buffer(j, "message", &b);
		buf_clear(&b);
		for (size_t i = 0; i < r->findings.count; i++) {
			label_sentence(&b, j->d, &j->d->findings.items[r->findings.items[i]]);
			buf_add_char(&b, '\n');
		}
		text_buffer(j, &b);
		xml_end(&j->w);
	}
	xml_end(&j->w);
}

/* What a person wants to read of it. */
static void add_details(struct buf *b, const struct document *d, const struct document_finding *f)
{
	label_sentence(b, d, f);
	buf_add_char(b, '\n');
	if (f->title.len) {
		buf_add_escaped(b, f->title);
		buf_add_char(b, '\n');
	}
	if (f->layer >= 0) {
		label_layer_sentence(b, d, f->layer);
		buf_add_char(b, '\n');
	}
	if (f->remedy.len) {
		buf_add_escaped(b, f->remedy);
		buf_add_char(b, '\n');
	}
	if (f->id.len) {
		size_t before = b->len;

		label_finding_url(b, f);
		if (b->len > before)
			buf_add_char(b, '\n');
	}
}

static void write_outcome(struct junit *j, const struct document_finding *f, bool counted)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	if (f->suppressed.by.len) {
		xml_begin(&j->w, "skipped");
		attribute(j, "message", f->suppressed.reason);
		xml_end(&j->w);
		return;
	}
	if (counted) {
		label_sentence(&b, j->d, f);
		xml_begin(&j->w, "failure");
		xml_attribute_cstr(&j->w, "type", severity_name(f->severity));
		attribute_buffer(j, "message", &b);
		buf_clear(&b);
	} else {
		xml_begin(&j->w, "system-out");
	}
	add_details(&b, j->d, f);
	text_buffer(j, &b);
	xml_end(&j->w);
}

static void write_finding(struct junit *j, size_t index)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT, class = BUF_INIT;
	const struct document_finding *f = &j->d->findings.items[index];
	const struct package *p = finding_package(j->d, f);

	buf_add(&class, p ? p->name : f->path);
	buf_add_char(&class, ' ');
	buf_add(&class, f->installed_version);
	buf_printf(&name, "[%s] ", severity_name(f->severity));
	buf_add_escaped(&name, f->id);
	j->failed = j->failed || buf_failed(&class);
	begin_case(j, buf_str(&class), &name);
	write_outcome(j, f, j->counted[index]);
	xml_end(&j->w);
}

static void property(struct junit *j, const char *name, struct str value)
{
	xml_begin(&j->w, "property");
	xml_attribute_cstr(&j->w, "name", name);
	attribute(j, "value", value);
	xml_end(&j->w);
}

static void write_suite(struct junit *j, size_t tests, size_t failures, size_t errors,
			size_t skipped)
{
	const struct document *d = j->d;
	char now[DATE_TEXT];

	date_format(d->now, now);
	now[strlen(now) - 1] = 0; /* without the Z: the form that readers of JUnit know */
	xml_begin(&j->w, "testsuite");
	attribute(j, "name", d->target.reference);
	xml_attribute_u64(&j->w, "tests", tests);
	xml_attribute_u64(&j->w, "failures", failures);
	xml_attribute_u64(&j->w, "errors", errors);
	xml_attribute_u64(&j->w, "skipped", skipped);
	xml_attribute_cstr(&j->w, "time", "0");
	xml_attribute_cstr(&j->w, "timestamp", now);
	xml_begin(&j->w, "properties");
	property(j, "plimsoll.version", d->version);
	property(j, "target.kind", d->target.kind);
	property(j, "target.digest", d->target.digest);
	property(j, "target.image_id", d->target.image_id);
	property(j, "target.distro", d->target.distro.id);
	property(j, "target.distro_version", d->target.distro.version_id);
	xml_end(&j->w);
	write_complete(j);
	for (size_t i = 0; i < d->verdict.rules.count; i++)
		write_rule(j, &d->verdict.rules.items[i]);
	for (size_t i = 0; i < d->findings.count; i++)
		write_finding(j, i);
	xml_end(&j->w);
}

/* The counts come first in the file. */
static void write_suites(struct junit *j)
{
	const struct document *d = j->d;
	size_t failures = 0, skipped = 0, errors = !d->verdict.complete;
	size_t tests = 1 + d->verdict.rules.count + d->findings.count;

	for (size_t i = 0; i < d->verdict.rules.count; i++) {
		const struct document_rule *r = &d->verdict.rules.items[i];

		failures += r->failed;
		for (size_t k = 0; r->failed && k < r->findings.count; k++)
			j->counted[r->findings.items[k]] = true;
	}
	for (size_t i = 0; i < d->findings.count; i++) {
		bool is_skipped = d->findings.items[i].suppressed.by.len > 0;

		skipped += is_skipped;
		failures += j->counted[i] && !is_skipped;
	}
	xml_begin(&j->w, "testsuites");
	xml_attribute_cstr(&j->w, "name", "plimsoll");
	xml_attribute_cstr(&j->w, "time", "0");
	xml_attribute_u64(&j->w, "tests", tests);
	xml_attribute_u64(&j->w, "failures", failures);
	xml_attribute_u64(&j->w, "errors", errors);
	write_suite(j, tests, failures, errors, skipped);
	xml_end(&j->w);
}

static int write_junit(const struct document *d, const struct format_options *o, struct buf *out,
		       struct err *e)
{
	struct junit j = {.d = d};
	int result = 0;

	(void)o;
	arena_init(&j.arena, d->budget, 0);
	j.counted = arena_alloc_array(&j.arena, d->findings.count + 1, sizeof(*j.counted));
	xml_writer_init(&j.w, out, 2);
	if (j.counted)
		write_suites(&j);
	if (!j.counted || j.failed)
		result = ERR_NOMEM(e);
	else
		result = xml_writer_end(&j.w, e);
	arena_done(&j.arena);
	return result;
}

const struct format format_junit = {
	.name = "junit",
	.summary = "JUnit XML for Jenkins and others: a case for each rule and finding",
	.write = write_junit,
};
