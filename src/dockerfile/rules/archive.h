/*
 * Names of archives, as ADD unpacks them.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_ARCHIVE_H
#define PLIMSOLL_DOCKERFILE_RULES_ARCHIVE_H

#include "base/str.h"

/* tar, plain or compressed, or a compressed file; by the end of the name. */
bool is_archive_name(struct str name);
/* Behind the last '/' or '\'. */
struct str base_name(struct str path);

#endif
