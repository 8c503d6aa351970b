/*
 * Inside src/report: the parts of the table for people.
 */
#ifndef PLIMSOLL_REPORT_TABLE_H
#define PLIMSOLL_REPORT_TABLE_H

#include "policy/policy.h"
#include "report/format.h"
#include "report/label.h"
#include "report/rows.h"

struct table {
	const struct document *d;
	const struct format_options *o;
	struct buf *out;
	struct arena arena;
	struct rows rows;	   /* that are shown */
	size_t shown[SEVERITIES];  /* findings of the rows */
	size_t hidden[SEVERITIES]; /* counted, but less severe than what is asked for */
	size_t narrowed;	   /* left out by --severity or --only-fixed */
	size_t suppressed;
};

/* The rows of findings; where nothing could be matched, the packages. */
int table_body(struct table *t, struct err *e);
int table_packages(struct table *t, struct err *e);
/* Commands, counts, what was not looked at, the verdict. */
int table_tail(struct table *t, struct err *e);

/*
 * Printable text on lines of the terminal's width, broken at blanks only: an id, a version or a
 * path is never cut. Lines after the first begin with `indent` blanks; `joint` ends each line that
 * goes on
 * ("" or " \\" for a command).
 */
void table_wrapped(struct table *t, struct str text, size_t indent, const char *joint);

#endif
