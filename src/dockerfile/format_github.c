/*
 * GitHub's workflow commands: "::warning file=F,line=1,...::MESSAGE" makes an annotation. % CR LF
 * are escaped in both parts, : and , in properties too. GitHub knows error, warning and notice.
 */
#include "dockerfile/lint_format.h"

static const char *const commands[LEVELS] = {
	[LEVEL_ERROR] = "error",  [LEVEL_WARNING] = "warning", [LEVEL_INFO] = "notice",
	[LEVEL_STYLE] = "notice", [LEVEL_IGNORE] = "notice",
};

static void add_escaped(struct buf *out, struct str s, const char *special)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c < 0x20 || c == 0x7f || c == '%' || strchr(special, c))
			buf_printf(out, "%%%02X", c);
		else
			buf_add_char(out, (char)c);
	}
}

static void file(const struct lint_format_options *o, const struct lint_file_report *f,
		 struct buf *out)
{
	(void)o;
	for (size_t i = 0; i < f->result->count; i++) {
		const struct finding *x = f->result->findings[i];

		buf_printf(out, "::%s file=", commands[x->level]);
		add_escaped(out, f->path, ":,");
		buf_printf(out, ",line=%u,endLine=%u,col=%u,endColumn=%u,title=%s::", x->start.line,
			   x->end.line, x->start.column, x->end.column, x->rule->code);
		add_escaped(out, x->message, "");
		buf_add_char(out, '\n');
	}
}

const struct lint_format lint_format_github = {
	.name = "github",
	.summary = "annotations of GitHub workflows",
	.file = file,
};
