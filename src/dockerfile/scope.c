#include "dockerfile/scope.h"

#include "base/map.h"

/* Slots in the order of the bits; a slot with the low bit set is a variable, else a node. */
struct scope {
	uint32_t bits;
	uintptr_t slots[];
};

enum { BITS = 4, LEVELS = 16 };

static const struct variable *as_variable(uintptr_t slot)
{
	return slot & 1 ? (const struct variable *)(slot - 1) : NULL;
}

static unsigned digit_of(uint64_t hash, unsigned level)
{
	return hash >> (level * BITS) & 15;
}

static unsigned place_of(uint32_t bits, unsigned digit)
{
	return (unsigned)__builtin_popcount(bits & ((1u << digit) - 1));
}

const struct variable *scope_find(const struct scope *s, struct str name)
{
	uint64_t hash = map_hash(name);

	for (unsigned level = 0; s && level < LEVELS; level++) {
		unsigned digit = digit_of(hash, level);
		const struct variable *v;
		uintptr_t slot;

		if (!(s->bits >> digit & 1))
			return NULL;
		slot = s->slots[place_of(s->bits, digit)];
		v = as_variable(slot);
		if (!v) {
			s = (const struct scope *)slot;
			continue;
		}
		for (; v; v = v->same_hash) {
			if (v->hash == hash && str_eq(v->name, name))
				return v;
		}
		return NULL;
	}
	return NULL;
}

/* A copy of the node with the slot of that digit set. */
static struct scope *with_slot(struct arena *arena, const struct scope *s, unsigned digit,
			       uintptr_t slot)
{
	uint32_t bits = s ? s->bits : 0;
	unsigned old = (unsigned)__builtin_popcount(bits), place = place_of(bits, digit);
	bool replace = bits >> digit & 1;
	struct scope *copy =
		arena_alloc(arena, sizeof(*copy) + (old + !replace) * sizeof(uintptr_t));

	if (!copy)
		return NULL;
	copy->bits = bits | 1u << digit;
	if (place)
		memcpy(copy->slots, s->slots, place * sizeof(uintptr_t));
	copy->slots[place] = slot;
	if (old > place + replace)
		memcpy(copy->slots + place + 1, s->slots + place + replace,
		       (old - place - replace) * sizeof(uintptr_t));
	return copy;
}

/* Variables of one full hash: the new one before the others, without its namesake. */
static const struct variable *chain(struct arena *arena, const struct variable *old,
				    struct variable *v)
{
	v->same_hash = NULL;
	for (; old; old = old->same_hash) {
		struct variable *copy;

		if (str_eq(old->name, v->name))
			continue;
		copy = arena_alloc(arena, sizeof(*copy));
		if (!copy)
			return NULL;
		*copy = *old;
		copy->same_hash = v->same_hash;
		v->same_hash = copy;
	}
	return v;
}

const struct scope *scope_put(struct arena *arena, const struct scope *s, struct variable *v)
{
	const struct scope *path[LEVELS];
	const struct variable *found = NULL;
	unsigned depth = 0;
	uintptr_t slot;

	v->hash = map_hash(v->name);
	v->same_hash = NULL;
	/* down to the free slot or the variable that stands there */
	for (;; depth++) {
		unsigned digit = digit_of(v->hash, depth);

		path[depth] = s;
		if (!s || !(s->bits >> digit & 1))
			break;
		found = as_variable(s->slots[place_of(s->bits, digit)]);
		if (found)
			break;
		s = (const struct scope *)s->slots[place_of(s->bits, digit)];
		if (depth + 1 == LEVELS)
			return NULL;
	}
	slot = (uintptr_t)v | 1;
	if (found && found->hash == v->hash) {
		const struct variable *both = chain(arena, found, v);

		if (!both)
			return NULL;
		slot = (uintptr_t)both | 1;
	} else if (found) {
		/* two hashes that part further down: nodes until they do */
		unsigned part = depth + 1;
		struct scope *node;

		while (digit_of(found->hash, part) == digit_of(v->hash, part))
			part++;
		node = with_slot(arena, NULL, digit_of(found->hash, part), (uintptr_t)found | 1);
		node = node ? with_slot(arena, node, digit_of(v->hash, part), slot) : NULL;
		while (node && --part > depth)
			node = with_slot(arena, NULL, digit_of(v->hash, part), (uintptr_t)node);
		if (!node)
			return NULL;
		slot = (uintptr_t)node;
	}
	for (;;) {
		struct scope *copy = with_slot(arena, path[depth], digit_of(v->hash, depth), slot);

		if (!copy || depth == 0)
			return copy;
		slot = (uintptr_t)copy;
		depth--;
	}
}
