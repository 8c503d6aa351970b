/*
 * Debian changelogs (deb-changelog(5)): which vulnerability ids each version's entry names as
 * fixed, and the words that say so.
 */
#ifndef PLIMSOLL_ADVISORY_CHANGELOG_H
#define PLIMSOLL_ADVISORY_CHANGELOG_H

#include "base/buf.h"

struct changelog_fix {
	struct str id;	     /* "CVE-2024-1234", "GHSA-xxxx-xxxx-xxxx" */
	struct str version;  /* of the entry */
	struct str date;     /* of the entry, "2024-05-01", or "" */
	struct str evidence; /* the item's words, one line */
	size_t entry;	     /* index of the entry, 0 the newest */
};

struct changelog_entry {
	struct str source, version; /* of its first line */
};

struct changelog {
	VEC(struct changelog_fix) fixes;     /* newest entry first, one of each id and version */
	VEC(struct changelog_entry) entries; /* newest first, at least one */
	size_t negated; /* ids that an item names only to say that they are not fixed here */
	size_t since;	/* index of the entry of the version asked for; SIZE_MAX: none */
};

/*
 * Reads a whole changelog; `since` is a version to look for (may be empty). `text`, of which the
 * result has slices, and the arena must live as long as the result. Items that negate (reverted,
 * not affected, false positive, a patch dropped because upstream has it) give nothing; a regression
 * of a fix that an older entry has does not move the fix. ERR_FORMAT when there is no entry at all.
 * Linear in the text. Free with changelog_done.
 */
int changelog_read(struct str text, struct str since, struct arena *arena, struct changelog *ret,
		   struct err *e);
void changelog_done(struct changelog *c);

/* "Tue, 05 Mar 2024 10:00:00 +0100" (RFC 5322) to "2024-03-05", or "" when it is none. */
struct str changelog_day(struct str text, struct arena *a);

#endif
