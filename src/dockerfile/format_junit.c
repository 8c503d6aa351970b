/*
 * JUnit: a suite for each file; a case for each finding, failed from `info` on (style is no
 * failure), and one passed case for a file without findings, so that it shows that it was looked
 * at.
 */
#include "dockerfile/lint_format.h"
#include "text/xml_write.h"

static void head(const struct lint_format_options *o, struct buf *out)
{
	(void)o;
	buf_add_cstr(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"plimsoll "
			  "lint\">\n");
}

static bool is_failure(const struct finding *f)
{
	return f->level <= LEVEL_INFO;
}

static void write_case(struct xml_writer *w, const struct lint_file_report *f,
		       const struct finding *x)
{
	char name[64];

	snprintf(name, sizeof(name), "%s at %u:%u", x->rule->code, x->start.line, x->start.column);
	xml_begin(w, "testcase");
	xml_attribute_cstr(w, "name", name);
	xml_attribute(w, "classname", f->path);
	xml_attribute_cstr(w, "time", "0");
	if (is_failure(x)) {
		xml_begin(w, "failure");
		xml_attribute(w, "message", x->message);
		xml_attribute_cstr(w, "type", lint_level_name(x->level));
		xml_text(w, str_of(x->rule->title));
		xml_end(w);
	} else {
		xml_begin(w, "system-out");
		xml_text(w, x->message);
		xml_end(w);
	}
	xml_end(w);
}

static void file(const struct lint_format_options *o, const struct lint_file_report *f,
		 struct buf *out)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const struct lint_result *r = f->result;
	struct xml_writer w;
	size_t failures = 0;
	ptrdiff_t end;

	(void)o;
	for (size_t i = 0; i < r->count; i++)
		failures += is_failure(r->findings[i]);
	xml_writer_init(&w, &text, 1);
	xml_begin(&w, "testsuite");
	xml_attribute(&w, "name", f->path);
	xml_attribute_u64(&w, "tests", r->count ? r->count : 1);
	xml_attribute_u64(&w, "failures", failures);
	xml_attribute_u64(&w, "errors", 0);
	xml_attribute_u64(&w, "skipped", 0);
	xml_attribute_cstr(&w, "time", "0");
	for (size_t i = 0; i < r->count; i++)
		write_case(&w, f, r->findings[i]);
	if (!r->count) {
		xml_begin(&w, "testcase");
		xml_attribute_cstr(&w, "name", "no findings");
		xml_attribute(&w, "classname", f->path);
		xml_attribute_cstr(&w, "time", "0");
		xml_end(&w);
	}
	xml_end(&w);
	if (xml_writer_end(&w, NULL) < 0 || buf_failed(&text))
		out->failed = true;
	end = str_find(buf_str(&text), STR("?>"));
	buf_add(out, str_trim(str_from(buf_str(&text), end < 0 ? 0 : (size_t)end + 2)));
	buf_add_char(out, '\n');
}

static void tail(const struct lint_format_options *o, const struct lint_totals *t, struct buf *out)
{
	(void)o;
	(void)t;
	buf_add_cstr(out, "</testsuites>\n");
}

const struct lint_format lint_format_junit = {
	.name = "junit",
	.summary = "JUnit XML, a suite a file",
	.head = head,
	.file = file,
	.tail = tail,
};
