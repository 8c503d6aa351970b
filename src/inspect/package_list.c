#include "inspect/inspector.h"

enum { CHUNK_ITEMS = 32 };

struct package_chunk {
	struct package_chunk *next;
	size_t count;
	struct package items[CHUNK_ITEMS];
};

int package_list_add(struct package_list *l, struct facts *out, const struct package *p)
{
	struct package_chunk *chunk = l->last;

	if (!chunk || chunk->count == CHUNK_ITEMS) {
		chunk = ARENA_NEW(l->arena, struct package_chunk);
		if (!chunk)
			return -1;
		*(l->last ? &l->last->next : &l->first) = chunk;
		l->last = chunk;
	}
	if (package_copy(facts_arena(out), p, &chunk->items[chunk->count]) < 0)
		return -1;
	chunk->count++;
	l->count++;
	return 0;
}

int package_list_end(struct package_list *l, const struct inspection *in, struct facts *out,
		     bool damaged)
{
	struct package *items = NULL;
	size_t count = 0;

	if (l->count) {
		items = arena_alloc_array(facts_arena(out), l->count, sizeof(*items));
		if (!items)
			return -1;
	}
	for (struct package_chunk *c = l->first; c && items; c = c->next) {
		memcpy(items + count, c->items, c->count * sizeof(*items));
		count += c->count;
	}
	return facts_take_packages(out, in->by, in->entry, items, count, damaged);
}
