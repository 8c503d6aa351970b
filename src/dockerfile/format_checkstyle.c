/*
 * Checkstyle: one <file> for each file looked at, also without findings.
 */
#include "dockerfile/lint_format.h"
#include "text/xml_write.h"

static const char *const severities[LEVELS] = {
	[LEVEL_ERROR] = "error", [LEVEL_WARNING] = "warning", [LEVEL_INFO] = "info",
	[LEVEL_STYLE] = "info",	 [LEVEL_IGNORE] = "ignore",
};

static void head(const struct lint_format_options *o, struct buf *out)
{
	(void)o;
	buf_add_cstr(out,
		     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n");
}

/* One element through the writer, without the declaration that belongs to the head. */
static void add_element(struct buf *out, struct buf *text)
{
	ptrdiff_t end = str_find(buf_str(text), STR("?>"));

	if (buf_failed(text))
		out->failed = true;
	buf_add(out, str_trim(str_from(buf_str(text), end < 0 ? 0 : (size_t)end + 2)));
	buf_add_char(out, '\n');
}

static void file(const struct lint_format_options *o, const struct lint_file_report *f,
		 struct buf *out)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct xml_writer w;

	(void)o;
	xml_writer_init(&w, &text, 1);
	xml_begin(&w, "file");
	xml_attribute(&w, "name", f->path);
	for (size_t i = 0; i < f->result->count; i++) {
		const struct finding *x = f->result->findings[i];

		xml_begin(&w, "error");
		xml_attribute_u64(&w, "line", x->start.line);
		xml_attribute_u64(&w, "column", x->start.column);
		xml_attribute_cstr(&w, "severity", severities[x->level]);
		xml_attribute(&w, "message", x->message);
		xml_attribute_cstr(&w, "source", x->rule->code);
		xml_end(&w);
	}
	xml_end(&w);
	if (xml_writer_end(&w, NULL) < 0)
		out->failed = true;
	add_element(out, &text);
}

static void tail(const struct lint_format_options *o, const struct lint_totals *t, struct buf *out)
{
	(void)o;
	(void)t;
	buf_add_cstr(out, "</checkstyle>\n");
}

const struct lint_format lint_format_checkstyle = {
	.name = "checkstyle",
	.summary = "Checkstyle XML",
	.head = head,
	.file = file,
	.tail = tail,
};
