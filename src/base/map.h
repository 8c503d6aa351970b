/*
 * Hash map from byte strings to pointers. Open addressing with a seed drawn once a process, so that
 * an input cannot choose colliding keys. Keys are borrowed: they must live as long as the map.
 */
#ifndef PLIMSOLL_BASE_MAP_H
#define PLIMSOLL_BASE_MAP_H

#include "base/mem.h"

struct map_slot {
	struct str key; /* data NULL: free */
	void *value;
};

struct map {
	struct map_slot *slots;
	size_t count;
	size_t room; /* a power of two, or 0 */
	struct budget *budget;
};

/* Draws the seed; called once by main (and by the worker before confinement). Without it: seed 0.
 */
void map_seed(void);

/* The seeded hash of the maps, for sets that keep hashes only. */
uint64_t map_hash(struct str key);

void map_init(struct map *m, struct budget *budget);
void map_done(struct map *m);
/* NULL when absent. */
void *map_find(const struct map *m, struct str key);
/*
 * The place of the value for key, made (NULL) when absent; valid until the next map_put. NULL when
 * out of memory. key.data must not be NULL.
 */
void **map_put(struct map *m, struct str key);

/* for (size_t i = 0; (slot = map_next(m, &i));) visits all in no order. */
struct map_slot *map_next(const struct map *m, size_t *position);

#endif
