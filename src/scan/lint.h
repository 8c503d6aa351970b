/*
 * lint --image: a lint run beside an image that was built from its file.
 */
#ifndef PLIMSOLL_SCAN_LINT_H
#define PLIMSOLL_SCAN_LINT_H

#include "dockerfile/lint_run.h"

struct scan_lint_image {
	const char *source;   /* as for scan */
	const char *platform; /* NULL: linux on this machine's architecture */
	bool progress;
};

/*
 * Findings about space say what they cost there. What could not be looked at of the image is said
 * on standard error, and makes the run incomplete (4). <0: as scan_run and lint_run.
 */
int scan_lint(const struct scan_lint_image *image, struct lint_request *lint,
	      struct lint_outcome *ret, struct err *e);

#endif
