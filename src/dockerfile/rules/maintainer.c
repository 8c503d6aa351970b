#include "dockerfile/rules/maintainer.h"

#include "base/buf.h"
#include "dockerfile/rules/spelling.h"

void fix_maintainer(struct lint *l, struct finding *f, const struct instruction *i)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct str name = i->rest.text;

	if (i->is_trigger || !name.len)
		return;
	if (name.len > 1 && name.data[0] == '"' && name.data[name.len - 1] == '"')
		name = str_sub(name, 1, name.len - 1);
	buf_add(&text, in_case_of(l->arena, STR("LABEL"), i->name));
	buf_add_cstr(&text, " org.opencontainers.image.authors=\"");
	for (size_t n = 0; n < name.len; n++) {
		char c = name.data[n];

		if (c == '"' || c == '$' || c == l->file->escape)
			buf_add_char(&text, l->file->escape);
		buf_add_char(&text, c);
	}
	buf_add_char(&text, '"');
	if (buf_failed(&text)) {
		lint_fail(l);
		return;
	}
	lint_fix(l, f, true, "the label says the same");
	lint_edit(l, f, i->line.start, i->line.end, buf_str(&text));
}
