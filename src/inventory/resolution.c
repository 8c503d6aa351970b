#include "inventory/resolution.h"

#include "inventory/private.h"

/* A package that is listed, and the first layer after which it was there. */
struct listed {
	size_t index; /* into packages */
	int first;    /* -1: not seen yet */
};

/* type, name, version and architecture, each ended by a NUL */
static int format_key(const struct package *p, struct buf *out)
{
	const struct str parts[] = {p->name, p->version, p->arch};

	buf_clear(out);
	buf_add_char(out, (char)p->type);
	for (size_t i = 0; i < 3; i++) {
		buf_add(out, parts[i]);
		buf_add_char(out, '\0');
	}
	return buf_failed(out) ? -1 : 0;
}

/* --- for resolvers
 * ----------------------------------------------------------------------------------- */

static int add_package(struct resolution *r, const struct package *p,
		       const struct database_file *file)
{
	struct package *slot;
	struct listed *listed;
	struct str key;
	void **place;

	if (format_key(p, &r->key) < 0)
		return -1;
	if (map_find(&r->listed, buf_str(&r->key)))
		return 0;
	key = arena_str(r->arena, buf_str(&r->key));
	listed = ARENA_NEW(r->arena, struct listed);
	slot = key.data && listed ? vec_push(&r->packages) : NULL;
	place = slot ? map_put(&r->listed, key) : NULL;
	if (!place)
		return -1;
	*slot = *p;
	if (file) {
		slot->location.path = file->path;
		slot->location.layer = file->layer;
	}
	*listed = (struct listed){.index = r->packages.count - 1, .first = -1};
	*place = listed;
	return 0;
}

int resolution_add_packages(struct resolution *r, const struct package *items, size_t count,
			    const struct database_file *file, struct err *e)
{
	for (size_t i = 0; i < count; i++)
		if (add_package(r, &items[i], file) < 0)
			return ERR_NOMEM(e);
	return 0;
}

int resolution_see(struct resolution *r, const struct package *items, size_t count, int layer,
		   struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		struct listed *listed;

		if (format_key(&items[i], &r->key) < 0)
			return ERR_NOMEM(e);
		listed = map_find(&r->listed, buf_str(&r->key));
		if (listed && (listed->first < 0 || layer < listed->first))
			listed->first = layer;
	}
	return 0;
}

int resolution_add_databases(struct resolution *r, const struct inspector *by, struct err *e)
{
	size_t count;
	const struct database_file *files = inventory_databases(r->inv, by, &count);

	for (size_t i = 0; i < count; i++) {
		const struct fact_packages *p =
			facts_find_packages(files[i].facts, by, files[i].entry);

		if (p && files[i].last == r->layers - 1 &&
		    resolution_add_packages(r, p->items, p->count, &files[i], e) < 0)
			return -1;
	}
	for (size_t i = 0; i < count; i++) {
		const struct fact_packages *p =
			facts_find_packages(files[i].facts, by, files[i].entry);

		if (p && resolution_see(r, p->items, p->count, files[i].first, e) < 0)
			return -1;
	}
	return 0;
}

struct str resolution_blob(const struct database_file *file, const struct inspector *by)
{
	const struct fact_blob *blob = facts_find_blob(file->facts, by, file->entry);

	return blob ? blob->bytes : STR_NULL;
}

void resolution_set_distro(struct resolution *r, const struct distro *distro)
{
	r->distro = *distro;
}

/* --- all
 * -----------------------------------------------------------------------------------------------
 */

static int compare(const void *a, const void *b)
{
	return package_cmp(a, b);
}

static int finish(struct resolution *r, struct err *e)
{
	struct inventory *inv = r->inv;
	struct map_slot *slot;
	size_t at = 0;

	while ((slot = map_next(&r->listed, &at))) {
		const struct listed *listed = slot->value;
		struct package *p = &r->packages.items[listed->index];

		p->layer = listed->first < 0 ? p->location.layer : listed->first;
	}
	inv->packages = arena_alloc_array(r->arena, r->packages.count + 1, sizeof(*inv->packages));
	if (!inv->packages)
		return ERR_NOMEM(e);
	inv->package_count = r->packages.count;
	if (r->packages.count) {
		memcpy(inv->packages, r->packages.items,
		       r->packages.count * sizeof(struct package));
		qsort(inv->packages, r->packages.count, sizeof(struct package), compare);
	}
	inv->distro = r->distro;
	return 0;
}

int resolution_run(struct inventory *inv, struct err *e)
{
	struct resolution r = {
		.inv = inv,
		.arena = &inv->arena,
		.diags = inv->options.diags,
		.layers = inv->squash.count,
	};
	int result = 0;

	map_init(&r.listed, inv->options.budget);
	buf_init(&r.key, inv->options.budget, 0);
	for (size_t i = 0; resolvers[i] && result >= 0; i++)
		result = resolvers[i]->resolve(&r, e);
	if (result >= 0)
		result = finish(&r, e);
	map_done(&r.listed);
	buf_done(&r.key);
	vec_done(&r.packages);
	return result;
}
