/*
 * rpm's comparison of one version or one release: see rpm.c. Also of whole
 * [epoch:]version[-release].
 */
#ifndef PLIMSOLL_VERSION_RPMVERCMP_H
#define PLIMSOLL_VERSION_RPMVERCMP_H

#include "base/str.h"

/* -1, 0 or 1 */
int rpmvercmp(struct str a, struct str b);

struct evr {
	struct str epoch; /* digits; "0" when none is given */
	struct str version;
	struct str release;
	bool has_release; /* "1-" has an empty one, which is more than none */
};

/*
 * Digits before a first colon are the epoch (":1" has epoch 0); what follows the last dash is the
 * release. Anything else is version: "a:1" has no epoch. rpm and pacman split alike.
 */
struct evr evr_split(struct str text);

#endif
