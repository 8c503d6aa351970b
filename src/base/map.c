#include "base/map.h"

#include <sys/random.h>

static uint64_t seed;

void map_seed(void)
{
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint64_t)(uintptr_t)&seed;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * Eight bytes a step, multiplied by what nobody outside knows; the length is in, so that zeros at
 * the end count.
 */
uint64_t map_hash(struct str key)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u ^ seed << 1;
	uint64_t h = mix(seed ^ 0xd6e8feb86659fd93u, key.len + odd), word;
	size_t i = 0;

	for (; key.len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, key.data + i, sizeof(word));
		h = mix(h ^ word, odd);
	}
	word = 0;
	for (unsigned shift = 0; i < key.len; i++, shift += 8)
		word |= (uint64_t)(uint8_t)key.data[i] << shift;
	return mix(h ^ word, odd);
}

void map_init(struct map *m, struct budget *budget)
{
	*m = (struct map){.budget = budget};
}

void map_done(struct map *m)
{
	mem_free(m->slots);
	budget_release(m->budget, m->room * sizeof(*m->slots));
	map_init(m, m->budget);
}

static struct map_slot *probe(const struct map *m, struct str key)
{
	size_t i = (size_t)map_hash(key) & (m->room - 1);

	while (m->slots[i].key.data && !str_eq(m->slots[i].key, key))
		i = (i + 1) & (m->room - 1);
	return &m->slots[i];
}

void *map_find(const struct map *m, struct str key)
{
	return m->room ? probe(m, key)->value : NULL;
}

static int grow(struct map *m)
{
	struct map bigger = {.room = m->room ? m->room * 2 : 16, .budget = m->budget};

	if (budget_charge(m->budget, bigger.room * sizeof(*m->slots)) < 0)
		return -1;
	bigger.slots = mem_zero(bigger.room, sizeof(*m->slots));
	if (!bigger.slots) {
		budget_release(m->budget, bigger.room * sizeof(*m->slots));
		return -1;
	}
	for (size_t i = 0; i < m->room; i++)
		if (m->slots[i].key.data)
			*probe(&bigger, m->slots[i].key) = m->slots[i];
	bigger.count = m->count;
	map_done(m);
	*m = bigger;
	return 0;
}

void **map_put(struct map *m, struct str key)
{
	struct map_slot *slot;

	if (!key.data || (m->count * 4 >= m->room * 3 && grow(m) < 0))
		return NULL;
	slot = probe(m, key);
	if (!slot->key.data) {
		slot->key = key;
		slot->value = NULL;
		m->count++;
	}
	return &slot->value;
}

struct map_slot *map_next(const struct map *m, size_t *position)
{
	while (*position < m->room) {
		struct map_slot *slot = &m->slots[(*position)++];

		if (slot->key.data)
			return slot;
	}
	return NULL;
}
