/*
 * GNU: "FILE:LINE:COLUMN: LEVEL: MESSAGE [CODE]", which editors jump to.
 */
#include "dockerfile/lint_format.h"

static void file(const struct lint_format_options *o, const struct lint_file_report *f,
		 struct buf *out)
{
	(void)o;
	for (size_t i = 0; i < f->result->count; i++) {
		const struct finding *x = f->result->findings[i];

		buf_add_escaped(out, f->path);
		buf_printf(out, ":%u:%u: %s: ", x->start.line, x->start.column,
			   lint_level_name(x->level));
		buf_add_escaped(out, x->message);
		buf_printf(out, " [%s]\n", x->rule->code);
	}
}

const struct lint_format lint_format_gnu = {
	.name = "gnu",
	.summary = "FILE:LINE:COLUMN: lines, for editors",
	.file = file,
};
