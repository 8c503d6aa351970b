#include "text/keyset.h"

#include <endian.h>

#include "base/map.h"

/* Up to so many keys are compared one by one; an object with more goes into the table. */
enum { SMALL = 16 };

void keyset_init(struct keyset *k, struct budget *budget, size_t max)
{
	*k = (struct keyset){.budget = budget, .max = max, .seed = map_hash(STR("keyset"))};
}

void keyset_done(struct keyset *k)
{
	mem_free(k->stack);
	mem_free(k->slots);
	budget_release(k->budget, (k->room + k->slots_room) * sizeof(uint64_t));
	keyset_init(k, k->budget, k->max);
}

static int push(struct keyset *k, uint64_t value, struct err *e)
{
	if (k->count >= k->max)
		return err_set(e, ERR_LIMIT, "more than %zu keys in open objects", k->max);
	if (k->count == k->room) {
		size_t more = k->room ? k->room : 64;
		uint64_t *grown;

		if (budget_charge(k->budget, more * sizeof(*grown)) < 0)
			return ERR_NOMEM(e);
		grown = mem_grow(k->stack, k->room + more, sizeof(*grown));
		if (!grown) {
			budget_release(k->budget, more * sizeof(*grown));
			return ERR_NOMEM(e);
		}
		k->stack = grown;
		k->room += more;
	}
	k->stack[k->count++] = value;
	return 0;
}

static uint64_t mixed(const struct keyset *k, uint64_t hash)
{
	uint64_t value = hash ^ k->base * 0x9e3779b97f4a7c15u;

	return value ? value : 1;
}

/* The slot that holds value, or the free one where it belongs. */
static size_t probe(const struct keyset *k, uint64_t value)
{
	size_t i = (size_t)value & (k->slots_room - 1);

	while (k->slots[i] && k->slots[i] != value)
		i = (i + 1) & (k->slots_room - 1);
	return i;
}

static int grow_table(struct keyset *k, struct err *e)
{
	struct keyset bigger = *k;

	bigger.slots_room = k->slots_room ? k->slots_room * 2 : 256;
	if (budget_charge(k->budget, bigger.slots_room * sizeof(uint64_t)) < 0)
		return ERR_NOMEM(e);
	bigger.slots = mem_zero(bigger.slots_room, sizeof(uint64_t));
	if (!bigger.slots) {
		budget_release(k->budget, bigger.slots_room * sizeof(uint64_t));
		return ERR_NOMEM(e);
	}
	for (size_t i = 0; i < k->slots_room; i++)
		if (k->slots[i])
			bigger.slots[probe(&bigger, k->slots[i])] = k->slots[i];
	mem_free(k->slots);
	budget_release(k->budget, k->slots_room * sizeof(uint64_t));
	*k = bigger;
	return 0;
}

static int table_add(struct keyset *k, uint64_t value, struct err *e)
{
	size_t i;

	if (k->used * 2 >= k->slots_room && grow_table(k, e) < 0)
		return -1;
	i = probe(k, value);
	if (k->slots[i])
		return 1;
	k->slots[i] = value;
	k->used++;
	return 0;
}

/* Linear probing: what follows the hole moves up where its own home allows. */
static void table_remove(struct keyset *k, uint64_t value)
{
	size_t mask = k->slots_room - 1, hole = probe(k, value);

	if (!k->slots[hole])
		return;
	for (size_t i = (hole + 1) & mask; k->slots[i]; i = (i + 1) & mask) {
		size_t home = (size_t)k->slots[i] & mask;

		if (((i - home) & mask) >= ((i - hole) & mask)) {
			k->slots[hole] = k->slots[i];
			hole = i;
		}
	}
	k->slots[hole] = 0;
	k->used--;
}

int keyset_open(struct keyset *k, struct err *e)
{
	if (push(k, k->base, e) < 0)
		return -1;
	k->base = k->count;
	return 0;
}

void keyset_close(struct keyset *k)
{
	if (k->count - k->base > SMALL)
		for (size_t i = k->base; i < k->count; i++)
			table_remove(k, mixed(k, k->stack[i]));
	k->count = k->base - 1;
	k->base = (size_t)k->stack[k->count];
}

static int move_to_table(struct keyset *k, struct err *e)
{
	for (size_t i = k->base; i < k->count; i++)
		if (table_add(k, mixed(k, k->stack[i]), e) < 0)
			return -1;
	return 0;
}

static uint64_t fold(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Eight bytes at a time, as keys are most of what a large feed consists of. */
static uint64_t hash_key(struct str key, uint64_t seed)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;
	uint64_t h = seed ^ key.len * odd, word = 0;
	size_t i = 0;

	for (; key.len - i >= 8; i += 8) {
		memcpy(&word, key.data + i, 8);
		h = fold(h ^ le64toh(word), odd ^ seed);
	}
	word = 0;
	for (; i < key.len; i++)
		word = word << 8 | (uint8_t)key.data[i];
	return fold(h ^ word, odd ^ seed >> 1);
}

int keyset_add(struct keyset *k, struct str key, struct err *e)
{
	uint64_t hash = hash_key(key, k->seed);
	size_t count = k->count - k->base;
	int r;

	if (count <= SMALL)
		for (size_t i = k->base; i < k->count; i++)
			if (k->stack[i] == hash)
				return 1;
	if (count < SMALL)
		return push(k, hash, e);
	if (count == SMALL && move_to_table(k, e) < 0)
		return -1;
	r = table_add(k, mixed(k, hash), e);
	return r ? r : push(k, hash, e);
}
