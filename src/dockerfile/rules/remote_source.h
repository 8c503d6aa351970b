/*
 * What ADD fetches from the network.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_REMOTE_SOURCE_H
#define PLIMSOLL_DOCKERFILE_RULES_REMOTE_SOURCE_H

#include "dockerfile/rule.h"

enum remote_source {
	REMOTE_NONE,  /* a file, a folder, an archive, or not known */
	REMOTE_GIT,   /* a repository: pinned by its commit, not by a checksum */
	REMOTE_HTTP,  /* a file, over a connection that anybody on the way can change */
	REMOTE_HTTPS, /* a file */
};

/* `text`: the source with its variables put in. */
enum remote_source remote_source_of(struct str text);
/* The ADD says what must come: --checksum. */
bool remote_is_checked(const struct instruction *i);

#endif
