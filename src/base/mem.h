/*
 * Heap and arenas. Every allocation of the program goes through these, charges a budget where one
 * is given, and can fail: each returns NULL on failure and the caller says ERR_MEMORY.
 */
#ifndef PLIMSOLL_BASE_MEM_H
#define PLIMSOLL_BASE_MEM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* malloc and friends behind the fault hook. mem_grow is realloc(p, count * size) with the product
 * checked. */
void *mem_alloc(size_t size);
void *mem_zero(size_t count, size_t size);
void *mem_grow(void *p, size_t count, size_t size);
void mem_free(void *p);

/*
 * What one scan may use, shared by all its threads. Charged before the memory is taken; a charge
 * that would pass the maximum changes nothing and fails. A NULL budget is unlimited.
 */
struct budget {
	_Atomic uint64_t bytes;
	uint64_t bytes_max; /* 0: no limit */
	_Atomic uint64_t bytes_peak;
	_Atomic uint64_t entries;
	uint64_t entries_max; /* 0: no limit */
	_Atomic uint64_t list_bytes;
	uint64_t list_bytes_max; /* 0: no limit */
};

int budget_charge(struct budget *b, uint64_t bytes);
void budget_release(struct budget *b, uint64_t bytes);
/*
 * Entries of layers, and the share of `bytes` that their lists take until the layers are stacked:
 * told beforehand, so that stacking does not run dry. Only ever added.
 */
int budget_charge_entries(struct budget *b, uint64_t count);
int budget_charge_list(struct budget *b, uint64_t bytes);

struct arena_chunk;

/*
 * Arena: many small things that die together. Not shared between threads while it grows; after
 * arena_freeze it is read-only and may be read by all. Zero-initialised memory is a valid empty
 * arena without budget or maximum.
 */
struct arena {
	struct arena_chunk *head;
	size_t used;  /* of the head chunk */
	size_t total; /* bytes taken from the heap */
	size_t max;   /* 0: no limit of its own */
	struct budget *budget;
	int frozen;
};

void arena_init(struct arena *a, struct budget *budget, size_t max);
/* Frees all; the arena can be used again. */
void arena_done(struct arena *a);
/* Further allocations fail (and are a bug). */
void arena_freeze(struct arena *a);

/* Aligned to 16 (arena_alloc, zeroed) or to 1 (arena_bytes, not zeroed). */
void *arena_alloc(struct arena *a, size_t size);
void *arena_alloc_array(struct arena *a, size_t count, size_t size);
void *arena_bytes(struct arena *a, size_t size);
/* A copy with a NUL behind it. {NULL, 0} on failure, with data != NULL for an empty copy. */
struct str arena_str(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

/*
 * Growing array: VEC(struct diag) list; { type *items; size_t count, room; }
 * vec_push returns a pointer to a new zeroed item or NULL. vec_done frees.
 */
#define VEC(type) \
	struct { \
		type *items; \
		size_t count; \
		size_t room; \
	}

#define vec_push(v) \
	((__typeof__((v)->items))vec_push_raw((void **)&(v)->items, &(v)->count, &(v)->room, \
					      sizeof(*(v)->items)))
#define vec_done(v) \
	do { \
		mem_free((v)->items); \
		(v)->items = NULL; \
		(v)->count = 0; \
		(v)->room = 0; \
	} while (0)

void *vec_push_raw(void **items, size_t *count, size_t *room, size_t size);

/* int f(...) { CLEANUP(buf_done) struct buf b = ...; } runs buf_done(&b) at the end of the scope.
 */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* cleanup for a pointer from mem_alloc */
void mem_free_ptr(void *pointer_to_pointer);

#define ERR_NOMEM(e) err_set((e), ERR_MEMORY, "not enough memory")

#endif
