/*
 * Formats: the document to bytes, one member each. A format reads the document, never the image.
 *
 * To add one: src/report/NAME.c ending in `const struct format format_NAME`, its line in
 * src/report/formats.def (sorted), a golden folder tests/golden/report/NAME, an anchor in
 * docs/formats/outputs.md.
 */
#ifndef PLIMSOLL_REPORT_FORMAT_H
#define PLIMSOLL_REPORT_FORMAT_H

#include "base/buf.h"
#include "document/document.h"

struct format_options {
	bool color;	/* a terminal and wanted */
	unsigned width; /* columns of the terminal; 0: not a terminal, nothing is fitted */
	bool all;	/* --all: every row */
	bool lines;	/* several reports in one file: each on one line where the form allows */
	const struct policy *policy; /* may be NULL: narrows the table */
};

struct format {
	const char *name;    /* MUST: "table", "json", "sarif", "cyclonedx", "junit" */
	const char *summary; /* MUST: for help */
	bool human;	     /* MAY: depends on the terminal */
	/* MUST. Appends to out; sticky failure of out is checked by the caller. */
	int (*write)(const struct document *d, const struct format_options *o, struct buf *out,
		     struct err *e);
};

extern const struct format *const formats[]; /* NULL-ended, sorted */
const struct format *format_find(struct str name);

#endif
