/*
 * The pages of the rules (docs/rules), built in: `plimsoll help CODE`, and what SARIF says of a
 * rule.
 */
#ifndef PLIMSOLL_DOCKERFILE_PAGES_H
#define PLIMSOLL_DOCKERFILE_PAGES_H

#include "base/buf.h"

struct rule_page {
	const char *code;
	const char *text; /* Markdown; "# CODE: title", then sections with ## */
};
extern const struct rule_page rule_pages[]; /* sorted by code */
extern const size_t rule_page_count;

/* By its code, whatever its case; NULL when there is none. */
const struct rule_page *rule_page_find(struct str code);
/* The text below "## NAME", up to the next section; "" when there is none. */
struct str rule_page_section(const struct rule_page *page, const char *name);
/* Its first paragraph on one line. */
void rule_page_summary(const struct rule_page *page, struct buf *out);

#endif
