/*
 * The second pass over a layer. Wants name entries by their place in the log; the walk hands on
 * paths. A path may stand in the layer several times, so the n-th entry of a path met is the n-th
 * of the log.
 */
#include "inspect/jobs.h"

struct item {
	struct inspect_want *want;
	path_id path;
	uint32_t order; /* how many entries of the path stand before it in the log */
};

struct wanted_path {
	path_id path;
	uint32_t met;
};

struct again {
	struct facts *facts;
	struct progress *progress;
	struct item *items; /* by entry while numbering, then by path and order */
	size_t count;
	struct wanted_path *paths; /* sorted by id */
	struct str *names;	   /* of them, sorted */
	size_t path_count;
	struct arena arena, scratch;
};

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_entry(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return compare_numbers(x->want->entry, y->want->entry);
}

static int by_order(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return compare_numbers((uint64_t)x->path << 32 | x->order,
			       (uint64_t)y->path << 32 | y->order);
}

static int by_path(const void *a, const void *b)
{
	const struct wanted_path *x = a, *y = b;

	return compare_numbers(x->path, y->path);
}

static struct wanted_path *find_path(const struct again *a, path_id path)
{
	const struct wanted_path key = {.path = path};

	return path == PATH_NONE ? NULL
				 : bsearch(&key, a->paths, a->path_count, sizeof(key), by_path);
}

static int list_paths(struct again *a)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT;
	size_t kept = 0;

	for (size_t i = 0; i < a->count; i++)
		a->paths[i].path = a->items[i].path;
	qsort(a->paths, a->count, sizeof(*a->paths), by_path);
	for (size_t i = 0; i < a->count; i++)
		if (kept == 0 || a->paths[kept - 1].path != a->paths[i].path)
			a->paths[kept++] = a->paths[i];
	a->path_count = kept;
	for (size_t i = 0; i < kept; i++) {
		buf_clear(&name);
		path_table_format(a->facts->paths, a->paths[i].path, &name);
		a->names[i] = arena_str(&a->arena, buf_str(&name));
		if (buf_failed(&name) || !a->names[i].data)
			return -1;
	}
	qsort(a->names, kept, sizeof(*a->names), str_cmp_qsort);
	return 0;
}

/* One pass over the log up to the last want. */
static void number_items(struct again *a)
{
	uint32_t at = 0;

	for (size_t i = 0; i < a->count; i++) {
		for (; at < a->items[i].want->entry; at++) {
			struct wanted_path *p = find_path(a, a->facts->entries.items[at].path);

			if (p)
				p->met++;
		}
		a->items[i].order = find_path(a, a->items[i].path)->met;
	}
	for (size_t i = 0; i < a->path_count; i++)
		a->paths[i].met = 0;
	qsort(a->items, a->count, sizeof(*a->items), by_order);
}

static int prepare(struct again *a, struct inspect_want *wants)
{
	a->paths = arena_alloc_array(&a->arena, a->count, sizeof(*a->paths));
	a->names = arena_alloc_array(&a->arena, a->count, sizeof(*a->names));
	a->items = arena_alloc_array(&a->arena, a->count, sizeof(*a->items));
	if (!a->paths || !a->names || !a->items)
		return -1;
	for (size_t i = 0; i < a->count; i++)
		a->items[i] = (struct item){
			.want = &wants[i],
			.path = a->facts->entries.items[wants[i].entry].path,
		};
	if (list_paths(a) < 0)
		return -1;
	qsort(a->items, a->count, sizeof(*a->items), by_entry);
	number_items(a);
	return 0;
}

static int again_begin(void *context, size_t task, struct err *e)
{
	(void)context;
	(void)task;
	(void)e;
	return 0;
}

static void again_end(void *context, size_t task, bool complete)
{
	(void)context;
	(void)task;
	(void)complete;
}

/* items[0..count) are of one entry, each of another inspector. */
static int inspect_items(struct again *a, const struct item *items, size_t count,
			 const struct entry *entry, struct body *body, struct err *e)
{
	struct job *jobs = arena_alloc_array(&a->scratch, count, sizeof(*jobs));
	struct job_run run = {
		.facts = a->facts,
		.progress = a->progress,
		.info = entry,
		.body = body,
		.entry = items->want->entry,
		.jobs = jobs,
		.count = count,
	};
	int r;

	if (!jobs)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < count; i++) {
		items[i].want->seen = true;
		jobs[i].in = (struct inspection){
			.by = items[i].want->by,
			.path = items[i].want->path,
			.entry = items[i].want->entry,
			.info = entry,
			.scratch = &a->scratch,
			.facts = a->facts,
		};
	}
	r = jobs_run(&run, e);
	arena_done(&a->scratch);
	return r;
}

/* The first item that is not before the n-th entry of the path. */
static size_t find_item(const struct again *a, path_id path, uint32_t order)
{
	const struct item key = {.path = path, .order = order};
	size_t low = 0, high = a->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_order(&a->items[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int again_entry(void *context, size_t task, const struct entry *entry, struct body *body,
		       struct err *e)
{
	struct again *a = context;
	struct wanted_path *path = find_path(a, path_table_find(a->facts->paths, entry->path));
	size_t first, end;
	uint32_t order;

	(void)task;
	if (!path)
		return 0;
	order = path->met++;
	first = end = find_item(a, path->path, order);
	while (end < a->count && a->items[end].path == path->path && a->items[end].order == order)
		end++;
	if (first == end || entry->type != ENTRY_FILE)
		return 0;
	return inspect_items(a, a->items + first, end - first, entry, body, e);
}

int inspect_again(struct facts *facts, struct progress *progress, image_again *walk,
		  struct image *image, int layer, struct inspect_want *wants, size_t count,
		  struct err *e)
{
	struct again a = {.facts = facts, .progress = progress, .count = count};
	struct layer_visitor visitor = {
		.context = &a, .begin = again_begin, .entry = again_entry, .end = again_end};
	int result = -1;

	if (count == 0)
		return 0;
	arena_init(&a.arena, facts->budget, 0);
	arena_init(&a.scratch, facts->budget, 0);
	if (prepare(&a, wants) < 0)
		ERR_NOMEM(e);
	else
		result = walk(image, layer, a.names, a.path_count, &visitor, e);
	facts_freeze(facts);
	arena_done(&a.scratch);
	arena_done(&a.arena);
	return result;
}
