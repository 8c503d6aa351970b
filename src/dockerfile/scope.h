/*
 * The persistent map behind struct scope: a hash trie of 16-way nodes. Putting copies the nodes on
 * the way down, so that every state of a file with 100,000 stages costs its changes only.
 */
#ifndef PLIMSOLL_DOCKERFILE_SCOPE_H
#define PLIMSOLL_DOCKERFILE_SCOPE_H

#include "dockerfile/graph.h"

/* v->hash is set here. NULL without memory. */
const struct scope *scope_put(struct arena *arena, const struct scope *s, struct variable *v);

#endif
