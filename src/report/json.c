/* The report itself: docs/schema/plimsoll-report-0.json. */
#include "report/format.h"
#include "text/json_write.h"

static int write_json(const struct document *d, const struct format_options *o, struct buf *out,
		      struct err *e)
{
	struct json_writer w;
	int result;

	json_writer_init(&w, out, o->lines ? 0 : 2);
	document_write_json(d, &w);
	result = json_writer_end(&w, e);
	json_writer_done(&w);
	if (o->lines)
		buf_add_char(out, '\n');
	return result;
}

const struct format format_json = {
	.name = "json",
	.summary = "the whole report, one JSON object a source",
	.write = write_json,
};
