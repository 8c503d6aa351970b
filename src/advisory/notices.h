/*
 * Notices from the package archive itself: the security suite's signed index says which source
 * packages have a newer version than the image; their changelogs say which vulnerabilities that
 * version fixes. Runs in the worker; the broker (advisory/mirror.h) fetches by name and verifies.
 *
 * Knows fixed vulnerabilities only.
 */
#ifndef PLIMSOLL_ADVISORY_NOTICES_H
#define PLIMSOLL_ADVISORY_NOTICES_H

#include "advisory/database.h"
#include "io/ask.h"
#include "model/package.h"

struct notices_request {
	struct ask_link *link;
	const struct distro *distro;
	const struct package *packages;
	size_t package_count;
	int64_t now; /* for the archive's Valid-Until */
	struct budget *budget;
	struct diags *diags;
	struct arena *arena; /* the records live here: longer than the partition */
};

/*
 * 0 with a partition named "notices/SUITE", even when it has no record; 1 when there is none: a
 * diagnostic (notices_unavailable) says why. ret_date is the day of the archive's index. <0: out of
 * memory.
 */
int notices_read(const struct notices_request *request, struct partition **ret,
		 struct str *ret_date, struct err *e);

#endif
