/*
 * Which keys an object has had so far: hashes only, for readers that report duplicate keys. One set
 * serves all open objects of a document, since they close in the reverse order of their opening.
 *
 * Equal keys have equal hashes, so no duplicate is missed; two different keys of one object are
 * called duplicates with a chance of keys^2 / 2^65. The hash has the seed of the process
 * (base/map.h), so that an input can neither force that nor make the set slow. Memory: 8 bytes a
 * key of an open object, 16 to 32 more for objects of more than 16 keys.
 */
#ifndef PLIMSOLL_TEXT_KEYSET_H
#define PLIMSOLL_TEXT_KEYSET_H

#include "base/mem.h"

struct keyset {
	uint64_t *stack; /* per open object: the base of the outer one, then its keys */
	size_t count, room;
	size_t base;	 /* where the keys of the innermost object start */
	uint64_t *slots; /* the keys of the large objects, mixed with their base; 0 is free */
	size_t used, slots_room;
	size_t max; /* entries of the stack */
	uint64_t seed;
	struct budget *budget;
};

void keyset_init(struct keyset *k, struct budget *budget, size_t max);
void keyset_done(struct keyset *k);
/* A new innermost object; ERR_MEMORY or ERR_LIMIT. */
int keyset_open(struct keyset *k, struct err *e);
void keyset_close(struct keyset *k);
/* 1: the innermost object had this key before; 0: it is new; <0: ERR_MEMORY or ERR_LIMIT. */
int keyset_add(struct keyset *k, struct str key, struct err *e);

#endif
