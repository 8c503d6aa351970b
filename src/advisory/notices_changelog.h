/*
 * Where a changelog stands in the files of a source package or a binary package.
 */
#ifndef PLIMSOLL_ADVISORY_NOTICES_CHANGELOG_H
#define PLIMSOLL_ADVISORY_NOTICES_CHANGELOG_H

#include "advisory/notices_index.h"

/* The file of a source package that has debian/changelog: .debian.tar.*, .diff.gz, a native tar;
 * NULL. */
const struct index_file *changelog_file(const struct source_entry *s);

/* The largest changelog that is read, bytes. */
enum { CHANGELOG_MAX = 32 << 20 };

/*
 * The changelog's text out of such a file, or out of a .deb (usr/share/doc/.../changelog.Debian.gz,
 * else changelog.gz). Takes the descriptor. ERR_NOT_FOUND when there is none inside.
 */
int changelog_extract(int fd, struct str file_name, struct arena *a, struct budget *budget,
		      struct str *ret, struct err *e);

#endif
