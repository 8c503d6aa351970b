/*
 * What is written below a cache or tmpfs mount of a RUN never reaches the layer.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_MOUNTS_H
#define PLIMSOLL_DOCKERFILE_RULES_MOUNTS_H

#include "dockerfile/rule.h"

/* Targets of the cache and tmpfs mounts, one a call; *at starts with 0. False: no more. */
bool mount_next(const struct instruction *i, uint32_t *at, struct str *ret_target);
/* True when path is the folder, or lies below it. No '/' at the folder's end. */
bool is_below(struct str path, struct str folder);
/* A mount at the folder or below it; with `above`, also one that holds the folder. */
bool has_mount(const struct instruction *i, const char *folder, bool above);
/* A mount whose target holds the text. */
bool has_mount_with(const struct instruction *i, const char *part);

#endif
