/*
 * Literals by what they tell, not by their wording: "/usr/src/php" is a path, absolute, below
 * /usr/src. So that trees of different files have anything in common.
 */
#ifndef PLIMSOLL_DOCKERFILE_ABSTRACTION_H
#define PLIMSOLL_DOCKERFILE_ABSTRACTION_H

#include "base/str.h"

/*
 * The next type that fits the text, sorted and each once: start with *at = 0; NULL: no more. Linear
 * in the text, of which 64 KiB are looked at.
 */
const char *abstraction_next(struct str text, size_t *at);

#endif
