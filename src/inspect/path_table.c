/*
 * The path table of a layer: nodes of parent and name, found by a seeded hash of the two. Two
 * million paths cost their last components and about 16 bytes each, so that an archive full of
 * names is bounded by the limit of entries. The folder added last is remembered: archives are
 * written folder by folder.
 */
#include "base/map.h"
#include "inspect/facts.h"

struct path_node {
	path_id parent;
	uint32_t name; /* offset into names: LEB128 length, bytes */
};

struct path_table {
	struct budget *budget;
	struct path_node *nodes;
	uint32_t count, room;
	char *names;
	uint32_t names_len, names_room;
	path_id *slots; /* PATH_NONE: free; a power of two, at most three quarters full */
	uint32_t slot_count;
	struct buf last_folder;
	path_id last_id;
};

enum { NODES_MAX = 1u << 30, SLOTS_FIRST = 1024 };

static void *grow(struct budget *budget, void *p, uint32_t *room, uint64_t need, size_t size)
{
	uint64_t more = *room + *room / 4 + 256;

	if (more < need)
		more = need;
	if (more > UINT32_MAX || budget_charge(budget, (more - *room) * size) < 0)
		return NULL;
	p = mem_grow(p, more, size);
	if (p)
		*room = (uint32_t)more;
	else
		budget_release(budget, (more - *room) * size);
	return p;
}

static uint64_t hash_of(path_id parent, struct str name)
{
	uint64_t h = map_hash(name) ^ parent * UINT64_C(0x9e3779b97f4a7c15);

	h *= UINT64_C(0xd6e8feb86659fd93);
	return h ^ h >> 32;
}

struct str path_table_kept(const struct path_table *t, uint32_t offset)
{
	const uint8_t *p = (const uint8_t *)t->names + offset;
	size_t len = 0;
	unsigned shift = 0;

	while (*p & 0x80) {
		len |= (size_t)(*p++ & 0x7f) << shift;
		shift += 7;
	}
	len |= (size_t)*p++ << shift;
	return str_make(p, len);
}

struct str path_table_name(const struct path_table *t, path_id id)
{
	return path_table_kept(t, t->nodes[id].name);
}

uint32_t path_table_text(const struct path_table *t)
{
	return t->names_len;
}

/* The slot that holds the name or would. */
static path_id *probe(const struct path_table *t, path_id parent, struct str name)
{
	uint32_t mask = t->slot_count - 1;
	uint32_t i = (uint32_t)hash_of(parent, name) & mask;

	for (;;) {
		path_id id = t->slots[i];

		if (id == PATH_NONE ||
		    (t->nodes[id].parent == parent && str_eq(path_table_name(t, id), name)))
			return &t->slots[i];
		i = (i + 1) & mask;
	}
}

static int rehash(struct path_table *t, uint32_t count)
{
	path_id *slots, *old = t->slots;
	uint32_t old_count = t->slot_count;

	if (budget_charge(t->budget, (uint64_t)count * sizeof(*slots)) < 0)
		return -1;
	slots = mem_zero(count, sizeof(*slots));
	if (!slots) {
		budget_release(t->budget, (uint64_t)count * sizeof(*slots));
		return -1;
	}
	memset(slots, 0xff, (size_t)count * sizeof(*slots));
	t->slots = slots;
	t->slot_count = count;
	for (path_id id = 1; id < t->count; id++)
		*probe(t, t->nodes[id].parent, path_table_name(t, id)) = id;
	mem_free(old);
	budget_release(t->budget, (uint64_t)old_count * sizeof(*slots));
	return 0;
}

int path_table_keep(struct path_table *t, struct str name, uint32_t *ret_offset)
{
	uint64_t need = (uint64_t)t->names_len + name.len + 5;
	size_t len = name.len;
	char *p;

	if (need > t->names_room) {
		p = grow(t->budget, t->names, &t->names_room, need, 1);
		if (!p)
			return -1;
		t->names = p;
	}
	*ret_offset = t->names_len;
	p = t->names + t->names_len;
	for (; len >= 0x80; len >>= 7)
		*p++ = (char)(len | 0x80);
	*p++ = (char)len;
	if (name.len)
		memcpy(p, name.data, name.len);
	t->names_len = (uint32_t)(p + name.len - t->names);
	return 0;
}

static path_id add_node(struct path_table *t, path_id parent, struct str name)
{
	uint32_t offset;

	if (t->count >= NODES_MAX)
		return PATH_NONE;
	if (t->count == t->room) {
		struct path_node *p =
			grow(t->budget, t->nodes, &t->room, (uint64_t)t->count + 1, sizeof(*p));

		if (!p)
			return PATH_NONE;
		t->nodes = p;
	}
	if (path_table_keep(t, name, &offset) < 0)
		return PATH_NONE;
	t->nodes[t->count] = (struct path_node){.parent = parent, .name = offset};
	return t->count++;
}

struct path_table *path_table_new(struct budget *budget)
{
	struct path_table *t = mem_zero(1, sizeof(*t));

	if (!t)
		return NULL;
	t->budget = budget;
	buf_init(&t->last_folder, budget, 0);
	if (rehash(t, SLOTS_FIRST) < 0 || add_node(t, PATH_NONE, STR("")) == PATH_NONE) {
		path_table_free(t);
		return NULL;
	}
	return t;
}

void path_table_free(struct path_table *t)
{
	if (!t)
		return;
	budget_release(t->budget, (uint64_t)t->room * sizeof(*t->nodes) + t->names_room +
					  (uint64_t)t->slot_count * sizeof(*t->slots));
	mem_free(t->nodes);
	mem_free(t->names);
	mem_free(t->slots);
	buf_done(&t->last_folder);
	mem_free(t);
}

uint32_t path_table_count(const struct path_table *t)
{
	return t->count;
}

path_id path_table_find_child(const struct path_table *t, path_id parent, struct str name)
{
	return *probe(t, parent, name);
}

path_id path_table_add_child(struct path_table *t, path_id parent, struct str name)
{
	path_id *slot = probe(t, parent, name);
	path_id id;

	if (*slot != PATH_NONE)
		return *slot;
	if ((uint64_t)t->count * 4 >= (uint64_t)t->slot_count * 3) {
		if (t->slot_count > NODES_MAX || rehash(t, t->slot_count * 2) < 0)
			return PATH_NONE;
		slot = probe(t, parent, name);
	}
	id = add_node(t, parent, name);
	if (id != PATH_NONE)
		*slot = id;
	return id;
}

static path_id add_below(struct path_table *t, path_id id, struct str path)
{
	struct str part;

	while (id != PATH_NONE && str_next(&path, '/', &part))
		if (part.len)
			id = path_table_add_child(t, id, part);
	return id;
}

path_id path_table_add(struct path_table *t, struct str path)
{
	ptrdiff_t slash = str_find_last_char(path, '/');
	struct str folder;
	path_id id;

	if (slash <= 0)
		return add_below(t, 0, path);
	folder = str_to(path, (size_t)slash);
	if (!str_eq(folder, buf_str(&t->last_folder))) {
		id = add_below(t, 0, folder);
		if (id == PATH_NONE)
			return PATH_NONE;
		buf_clear(&t->last_folder);
		buf_add(&t->last_folder, folder);
		if (buf_failed(&t->last_folder)) {
			buf_clear(&t->last_folder);
			return PATH_NONE;
		}
		t->last_id = id;
	}
	return add_below(t, t->last_id, str_from(path, (size_t)slash + 1));
}

path_id path_table_find(const struct path_table *t, struct str path)
{
	path_id id = 0;
	struct str part;

	while (id != PATH_NONE && str_next(&path, '/', &part))
		if (part.len)
			id = path_table_find_child(t, id, part);
	return id;
}

path_id path_table_parent(const struct path_table *t, path_id id)
{
	return t->nodes[id].parent;
}

void path_table_format(const struct path_table *t, path_id id, struct buf *out)
{
	size_t len = 0;
	char *end;

	for (path_id i = id; i != 0; i = t->nodes[i].parent)
		len += path_table_name(t, i).len + 1;
	if (len == 0 || !buf_reserve(out, len))
		return;
	end = out->data + out->len + --len;
	buf_used(out, len);
	for (path_id i = id; i != 0; i = t->nodes[i].parent) {
		struct str name = path_table_name(t, i);

		end -= name.len;
		memcpy(end, name.data, name.len);
		if (t->nodes[i].parent != 0)
			*--end = '/';
	}
}
