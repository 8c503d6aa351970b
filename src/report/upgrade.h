/*
 * The commands that would clear findings: one for each layer and package manager.
 */
#ifndef PLIMSOLL_REPORT_UPGRADE_H
#define PLIMSOLL_REPORT_UPGRADE_H

#include "report/rows.h"

struct upgrade {
	int layer;
	struct str command; /* "apt-get install --only-upgrade" */
	struct str *names;  /* of packages, sorted; none where the command upgrades all */
	size_t name_count;
	size_t findings; /* that it clears */
};

struct upgrades {
	struct upgrade *items; /* by layer */
	size_t count;
	size_t findings; /* that all of them clear */
};

/*
 * For the findings of these rows that have a fix. The commands are made to be typed, and names come
 * from the image: a name that is not made of letters, digits and + - . _ : is left out, and what it
 * would clear is not counted.
 */
int upgrades_build(const struct document *d, const struct rows *rows, struct arena *a,
		   struct upgrades *ret, struct err *e);

#endif
