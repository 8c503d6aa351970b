#include "dockerfile/pages.h"

const struct rule_page *rule_page_find(struct str code)
{
	for (size_t i = 0; i < rule_page_count; i++) {
		if (str_eq_nocase(code, str_of(rule_pages[i].code)))
			return &rule_pages[i];
	}
	return NULL;
}

struct str rule_page_section(const struct rule_page *page, const char *name)
{
	struct str text = str_of(page->text), rest = text, line;
	size_t start = 0;

	while (str_next_line(&rest, &line)) {
		size_t at = (size_t)(line.data - text.data);

		if (!str_starts(line, STR("## ")))
			continue;
		if (start)
			return str_trim(str_sub(text, start, at));
		if (str_is(str_from(line, 3), name))
			start = at + line.len;
	}
	return start ? str_trim(str_from(text, start)) : STR("");
}

void rule_page_summary(const struct rule_page *page, struct buf *out)
{
	struct str rest = rule_page_section(page, "Why"), line;

	for (bool first = true; str_next_line(&rest, &line) && line.len; first = false) {
		buf_add_cstr(out, first ? "" : " ");
		buf_add(out, line);
	}
}
