/*
 * Databases of paragraphs as dpkg writes them: dpkg's own and opkg's. The slots of their
 * inspectors.
 */
#ifndef PLIMSOLL_INSPECT_PARAGRAPHS_H
#define PLIMSOLL_INSPECT_PARAGRAPHS_H

#include "inspect/inspector.h"

struct package_paragraphs {
	enum package_type type;
	const char *source; /* field that names the source: "name" or "name (version)" */
	const char *skip;   /* MAY: ending of files that stand beside and are none */
};

int paragraphs_begin(const struct package_paragraphs *form, struct inspection *in,
		     struct facts *out, struct err *e);
int paragraphs_chunk(struct inspection *in, struct facts *out, struct str bytes, struct err *e);
int paragraphs_end(struct inspection *in, struct facts *out, bool ok, struct err *e);

#endif
