#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"

bool (*fault_hook)(enum fault_kind kind);
int fault_stop_phase = -1;

struct arena_chunk {
	struct arena_chunk *next;
	size_t size; /* of data */
	_Alignas(16) char data[];
};

/* The first chunk is small (there are many small arenas), each further one larger up to 1 MiB. */
enum { CHUNK_FIRST = 4096, CHUNK_MAX = 1 << 20 };

void *mem_alloc(size_t size)
{
	return fault_hit(FAULT_ALLOC) ? NULL : malloc(size ? size : 1);
}

void *mem_zero(size_t count, size_t size)
{
	return fault_hit(FAULT_ALLOC) ? NULL : calloc(count ? count : 1, size ? size : 1);
}

void *mem_grow(void *p, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || fault_hit(FAULT_ALLOC))
		return NULL;
	return realloc(p, bytes ? bytes : 1);
}

void mem_free(void *p)
{
	free(p);
}

void mem_free_ptr(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}

static int charge(_Atomic uint64_t *used, uint64_t max, uint64_t amount)
{
	uint64_t before = atomic_fetch_add_explicit(used, amount, memory_order_relaxed);

	if (max && (before + amount > max || before + amount < before)) {
		atomic_fetch_sub_explicit(used, amount, memory_order_relaxed);
		return -1;
	}
	return 0;
}

int budget_charge(struct budget *b, uint64_t bytes)
{
	uint64_t now, peak;

	if (!b)
		return 0;
	if (charge(&b->bytes, b->bytes_max, bytes) < 0)
		return -1;
	now = atomic_load_explicit(&b->bytes, memory_order_relaxed);
	peak = atomic_load_explicit(&b->bytes_peak, memory_order_relaxed);
	while (now > peak && !atomic_compare_exchange_weak(&b->bytes_peak, &peak, now))
		;
	return 0;
}

void budget_release(struct budget *b, uint64_t bytes)
{
	if (b)
		atomic_fetch_sub_explicit(&b->bytes, bytes, memory_order_relaxed);
}

int budget_charge_entries(struct budget *b, uint64_t count)
{
	return b ? charge(&b->entries, b->entries_max, count) : 0;
}

int budget_charge_list(struct budget *b, uint64_t bytes)
{
	return b ? charge(&b->list_bytes, b->list_bytes_max, bytes) : 0;
}

void arena_init(struct arena *a, struct budget *budget, size_t max)
{
	*a = (struct arena){.budget = budget, .max = max};
}

void arena_done(struct arena *a)
{
	struct arena_chunk *chunk = a->head;

	while (chunk) {
		struct arena_chunk *next = chunk->next;

		mem_free(chunk);
		chunk = next;
	}
	budget_release(a->budget, a->total);
	arena_init(a, a->budget, a->max);
}

void arena_freeze(struct arena *a)
{
	a->frozen = 1;
}

static int add_chunk_of(struct arena *a, size_t size)
{
	struct arena_chunk *chunk;
	size_t bytes;

	if (__builtin_add_overflow(size, sizeof(*chunk), &bytes))
		return -1;
	if (a->max && (bytes > a->max || a->total > a->max - bytes))
		return -1;
	if (budget_charge(a->budget, bytes) < 0)
		return -1;
	chunk = mem_alloc(bytes);
	if (!chunk) {
		budget_release(a->budget, bytes);
		return -1;
	}
	chunk->size = size;
	chunk->next = a->head;
	a->head = chunk;
	a->used = 0;
	a->total += bytes;
	return 0;
}

/* Chunks double; near the end of the budget one that just fits will do. */
static int add_chunk(struct arena *a, size_t need)
{
	size_t size = a->head ? a->head->size * 2 : CHUNK_FIRST - sizeof(struct arena_chunk);

	if (size > CHUNK_MAX)
		size = CHUNK_MAX;
	if (size > need && add_chunk_of(a, size) == 0)
		return 0;
	return add_chunk_of(a, need);
}

static void *take(struct arena *a, size_t size, size_t align)
{
	size_t start = (a->used + align - 1) & ~(align - 1);
	char *p;

	if (a->frozen)
		return NULL;
	if (!a->head || start > a->head->size || size > a->head->size - start) {
		if (add_chunk(a, size) < 0)
			return NULL;
		start = 0;
	}
	p = a->head->data + start;
	a->used = start + size;
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	void *p = take(a, size, 16);

	return p ? memset(p, 0, size) : NULL;
}

void *arena_alloc_array(struct arena *a, size_t count, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(count, size, &bytes) ? NULL : arena_alloc(a, bytes);
}

void *arena_bytes(struct arena *a, size_t size)
{
	return take(a, size, 1);
}

struct str arena_str(struct arena *a, struct str s)
{
	size_t bytes;
	char *p;

	if (__builtin_add_overflow(s.len, 1, &bytes))
		return STR_NULL;
	p = arena_bytes(a, bytes);
	if (!p)
		return STR_NULL;
	if (s.len)
		memcpy(p, s.data, s.len);
	p[s.len] = '\0';
	return str_make(p, s.len);
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *p;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	p = n < 0 ? NULL : arena_bytes(a, (size_t)n + 1);
	if (!p)
		return STR_NULL;
	va_start(args, format);
	vsnprintf(p, (size_t)n + 1, format, args);
	va_end(args);
	return str_make(p, (size_t)n);
}

void *vec_push_raw(void **items, size_t *count, size_t *room, size_t size)
{
	char *slot;

	if (*count == *room) {
		size_t more = *room ? *room * 2 : 8;
		void *grown = mem_grow(*items, more, size);

		if (!grown)
			return NULL;
		*items = grown;
		*room = more;
	}
	slot = (char *)*items + *count * size;
	memset(slot, 0, size);
	++*count;
	return slot;
}
