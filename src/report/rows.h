/*
 * Findings gathered into rows: one row for each vulnerability and source package, whatever number
 * of binary packages it is in. What differs in severity, fix or suppression makes rows of its own.
 */
#ifndef PLIMSOLL_REPORT_ROWS_H
#define PLIMSOLL_REPORT_ROWS_H

#include "document/document.h"

struct row {
	size_t start, count; /* in rows.order */
};

/* Most urgent first: severity, known to be exploited, likely to be exploited, id, package. */
struct rows {
	uint32_t *order; /* indexes of findings */
	struct row *items;
	size_t count;
};

/* Findings for which wanted() holds (NULL: all); `single`: a row for each. All in the arena. */
int rows_build(const struct document *d,
	       bool (*wanted)(void *context, const struct document_finding *f), void *context,
	       bool single, struct arena *a, struct rows *ret, struct err *e);

static inline const struct document_finding *row_finding(const struct document *d,
							 const struct rows *r, size_t row, size_t k)
{
	return &d->findings.items[r->order[r->items[row].start + k]];
}

/* Of a finding, or NULL. */
const struct package *finding_package(const struct document *d, const struct document_finding *f);
/* Its source package's name; its own where none is said; the path where there is no package. */
struct str finding_source(const struct document *d, const struct document_finding *f);

#endif
