/*
 * What images without an rpm database keep in its place: var/lib/rpmmanifest/container-manifest-1
 * and container-manifest-2 (CBL-Mariner, Azure Linux distroless).
 */
#ifndef PLIMSOLL_BINARY_RPMMANIFEST_H
#define PLIMSOLL_BINARY_RPMMANIFEST_H

#include "base/diag.h"
#include "binary/rpmheader.h"

struct rpm_manifest_visitor {
	void *context;
	/* `line` from 1; strings borrow the text; no license or module is known. <0 ends the
	 * reading. */
	int (*package)(void *context, const struct rpm_package *p, uint32_t line, struct err *e);
};

/*
 * Visits every package. A line that is none is a package_db_malformed with its byte offset. <0 only
 * when the visitor says so.
 */
int rpm_manifest_read(struct str text, const struct rpm_manifest_visitor *visitor,
		      struct diags *diags, struct diag_place place, struct err *e);

#endif
