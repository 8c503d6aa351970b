#include "inspect/facts.h"

#include "inspect/inspector.h"

struct facts *facts_new(struct budget *budget, bool detailed)
{
	struct facts *f = mem_zero(1, sizeof(*f));

	if (!f)
		return NULL;
	f->budget = budget;
	f->detailed = detailed;
	arena_init(&f->arena, budget, 0);
	arena_init(&f->later, budget, 0);
	diags_init(&f->diags, budget);
	f->paths = path_table_new(budget);
	if (!f->paths) {
		facts_free(f);
		return NULL;
	}
	return f;
}

#define RELEASE(f, vec) \
	do { \
		budget_release((f)->budget, (f)->vec.room * sizeof(*(f)->vec.items)); \
		vec_done(&(f)->vec); \
	} while (0)

void facts_forget_entries(struct facts *f)
{
	RELEASE(f, entries);
	RELEASE(f, details);
	RELEASE(f, links);
	RELEASE(f, digests);
	path_table_free(f->paths);
	f->paths = NULL;
}

void facts_free(struct facts *f)
{
	if (!f)
		return;
	facts_forget_entries(f);
	RELEASE(f, blobs);
	RELEASE(f, packages);
	RELEASE(f, others);
	RELEASE(f, notes);
	diags_done(&f->diags);
	arena_done(&f->arena);
	arena_done(&f->later);
	mem_free(f);
}

/* As vec_push, but by a quarter: what is charged stays close to what is used. */
static void *push(struct budget *budget, void **items, size_t *count, size_t *room, size_t size)
{
	if (*count == *room) {
		size_t more = *room / 4 + 16;
		void *grown;

		if (budget_charge(budget, more * size) < 0)
			return NULL;
		grown = mem_grow(*items, *room + more, size);
		if (!grown) {
			budget_release(budget, more * size);
			return NULL;
		}
		*items = grown;
		*room += more;
	}
	return memset((char *)*items + (*count)++ * size, 0, size);
}

#define PUSH(f, vec) \
	((__typeof__((f)->vec.items))push((f)->budget, (void **)&(f)->vec.items, &(f)->vec.count, \
					  &(f)->vec.room, sizeof(*(f)->vec.items)))

static struct str last_part(struct str path)
{
	return str_from(path, (size_t)(str_find_last_char(path, '/') + 1));
}

static bool is_linked(const struct entry *entry)
{
	return entry->type == ENTRY_SYMLINK || entry->type == ENTRY_HARDLINK;
}

static int add_link(struct facts *f, struct str text, uint32_t *ret)
{
	uint32_t *slot = PUSH(f, links);

	if (!slot || path_table_keep(f->paths, text, slot) < 0)
		return -1;
	*ret = (uint32_t)f->links.count - 1;
	return 0;
}

/* Of an entry, its names aside: here, and in the tree that the log becomes. */
static uint64_t list_bytes(const struct facts *f, const struct entry *entry)
{
	const uint64_t tree_links = 16; /* two struct tree_link */
	uint64_t bytes = sizeof(struct layer_entry);

	if (f->detailed)
		bytes += sizeof(struct entry_detail);
	if (is_linked(entry))
		bytes += sizeof(uint32_t);
	if (entry->type == ENTRY_HARDLINK)
		bytes += tree_links;
	return bytes;
}

/*
 * Each name that the entry brings counts, and each entry at least as one: neither a log of
 * repetitions nor folders that nobody names escape the limit.
 */
static int charge(struct facts *f, uint32_t names_before, uint64_t bytes, uint64_t max,
		  struct err *e)
{
	uint32_t names = path_table_count(f->paths);
	uint64_t more = names > names_before ? names - names_before : 1;
	uint64_t entries = f->entries.count + 1; /* this one; names count the root */
	uint64_t size = entries > names - 1 ? entries : names - 1;

	if (max && size > max)
		return err_set(e, ERR_LIMIT, "more than %llu entries", (unsigned long long)max);
	if (f->entries.count >= FACT_NONE / 4 || f->links.count >= LINK_NONE)
		return err_set(e, ERR_LIMIT, "more entries than can be counted");
	if (budget_charge_entries(f->budget, more) < 0)
		return err_set(e, ERR_LIMIT, "more entries in the image than the scan may read");
	if (budget_charge_list(f->budget, bytes + more * NAME_BYTES) < 0)
		return err_set(
			e, ERR_LIMIT,
			"the names of the image's entries take more memory than the scan may "
			"keep for them");
	return 0;
}

static int add_detail(struct facts *f, const struct entry *entry)
{
	bool device = entry->type == ENTRY_CHAR || entry->type == ENTRY_BLOCK;
	struct entry_detail *slot = PUSH(f, details);

	if (!slot)
		return -1;
	*slot = (struct entry_detail){
		.size = device ? (uint64_t)entry->dev_major << 32 | entry->dev_minor : entry->size,
		.uid = entry->uid,
		.gid = entry->gid,
		.mode = entry->mode & 07777,
		.digest = FACT_NONE,
	};
	return 0;
}

int facts_add_entry(struct facts *f, const struct entry *entry, uint64_t max, uint32_t *ret_index,
		    struct err *e)
{
	uint32_t names = path_table_count(f->paths), text = path_table_text(f->paths);
	path_id path = path_table_add(f->paths, entry->path);
	uint32_t link = LINK_NONE;
	struct layer_entry *slot;

	if (path == PATH_NONE || (is_linked(entry) && add_link(f, entry->link, &link) < 0))
		return ERR_NOMEM(e);
	text = path_table_text(f->paths) - text;
	if (charge(f, names, list_bytes(f, entry) + text, max, e) < 0)
		return -1;
	if (f->detailed && add_detail(f, entry) < 0)
		return ERR_NOMEM(e);
	slot = PUSH(f, entries);
	if (!slot)
		return ERR_NOMEM(e);
	*slot = (struct layer_entry){
		.path = path,
		.type = entry->type,
		.device_0 = entry->type == ENTRY_CHAR && !entry->dev_major && !entry->dev_minor,
		.link = link & LINK_NONE,
	};
	f->whiteouts |= str_starts(last_part(entry->path), STR(".wh."));
	*ret_index = (uint32_t)f->entries.count - 1;
	return 0;
}

struct file_digest *facts_add_digest(struct facts *f, uint32_t entry)
{
	struct file_digest *slot = PUSH(f, digests);

	if (slot)
		f->details.items[entry].digest = (uint32_t)f->digests.count - 1;
	return slot;
}

/* Facts of all kinds begin with inspector and entry. */
struct fact_key {
	const struct inspector *by;
	uint32_t entry;
};

static int compare(const void *a, const void *b)
{
	const struct fact_key *x = a, *y = b;

	return (x->entry > y->entry) - (x->entry < y->entry);
}

#define SORT(vec) \
	do { \
		if ((vec).count) \
			qsort((vec).items, (vec).count, sizeof(*(vec).items), compare); \
	} while (0)

void facts_freeze(struct facts *f)
{
	arena_freeze(&f->arena);
	f->frozen = true;
	SORT(f->blobs);
	SORT(f->packages);
	SORT(f->others);
	SORT(f->notes);
}

struct arena *facts_arena(struct facts *f)
{
	return f->frozen ? &f->later : &f->arena;
}

struct str facts_link(const struct facts *f, const struct layer_entry *entry)
{
	return entry->link == LINK_NONE ? STR_NULL
					: path_table_kept(f->paths, f->links.items[entry->link]);
}

const struct entry_detail *facts_detail(const struct facts *f, uint32_t entry)
{
	return f->detailed ? &f->details.items[entry] : NULL;
}

int facts_add_blob(struct facts *f, const struct inspector *by, uint32_t entry, struct str bytes)
{
	struct str copy = arena_str(facts_arena(f), bytes);
	struct fact_blob *slot = copy.data ? PUSH(f, blobs) : NULL;

	if (!slot)
		return -1;
	*slot = (struct fact_blob){.by = by, .entry = entry, .bytes = copy};
	return 0;
}

static int copy_str(struct arena *a, struct str *s)
{
	if (!s->len) {
		*s = STR("");
		return 0;
	}
	*s = arena_str(a, *s);
	return s->data ? 0 : -1;
}

int package_copy(struct arena *a, const struct package *from, struct package *ret)
{
	struct package p = *from;
	struct str *const strings[] = {
		&p.name,       &p.version, &p.arch,   &p.source_name,	&p.source_version,
		&p.source_rpm, &p.module,  &p.vendor, &p.location.path, &p.location.evidence};

	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++)
		if (copy_str(a, strings[i]) < 0)
			return -1;
	if (p.license_count) {
		p.licenses = arena_alloc_array(a, p.license_count, sizeof(*p.licenses));
		if (!p.licenses)
			return -1;
	}
	for (size_t i = 0; i < p.license_count; i++) {
		p.licenses[i] = from->licenses[i];
		if (copy_str(a, &p.licenses[i]) < 0)
			return -1;
	}
	*ret = p;
	return 0;
}

int facts_add_packages(struct facts *f, const struct inspector *by, uint32_t entry,
		       const struct package *items, size_t count, bool damaged)
{
	struct arena *a = facts_arena(f);
	struct package *copies = count ? arena_alloc_array(a, count, sizeof(*copies)) : NULL;

	if (count && !copies)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (package_copy(a, &items[i], &copies[i]) < 0)
			return -1;
	return facts_take_packages(f, by, entry, copies, count, damaged);
}

int facts_take_packages(struct facts *f, const struct inspector *by, uint32_t entry,
			struct package *items, size_t count, bool damaged)
{
	struct fact_packages *slot = PUSH(f, packages);

	if (!slot)
		return -1;
	*slot = (struct fact_packages){
		.by = by, .entry = entry, .items = items, .count = count, .damaged = damaged};
	return 0;
}

int facts_add_other(struct facts *f, const struct inspector *by, uint32_t entry, void *value)
{
	struct fact_other *slot = PUSH(f, others);

	if (!slot)
		return -1;
	*slot = (struct fact_other){.by = by, .entry = entry, .value = value};
	return 0;
}

void facts_add_note(struct facts *f, const struct inspector *by, uint32_t entry,
		    enum diag_code code, struct str path, int64_t offset, const char *message)
{
	struct arena *a = facts_arena(f);
	struct fact_note note = {.by = by, .entry = entry, .code = code, .offset = offset};
	struct fact_note *slot;

	if (f->notes_of[code]++ >= DIAG_KEEP)
		return;
	note.path = arena_str(a, path);
	note.message = arena_str(a, str_of(message));
	slot = note.message.data ? PUSH(f, notes) : NULL;
	if (slot)
		*slot = note;
	else
		f->notes_lost++;
}

/*
 * Binary search for the first fact of the entry, then along those of other inspectors; by NULL: the
 * first.
 */
static const void *find(const void *items, size_t count, size_t size, const struct inspector *by,
			uint32_t entry)
{
	const struct fact_key *key;
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		key = (const void *)((const char *)items + middle * size);
		if (key->entry < entry)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < count; low++) {
		key = (const void *)((const char *)items + low * size);
		if (key->entry != entry)
			return NULL;
		if (!by || key->by == by)
			return key;
	}
	return NULL;
}

#define FIND(vec, by, entry) find((vec).items, (vec).count, sizeof(*(vec).items), by, entry)

const struct fact_blob *facts_find_blob(const struct facts *f, const struct inspector *by,
					uint32_t entry)
{
	return FIND(f->blobs, by, entry);
}

const struct fact_packages *facts_find_packages(const struct facts *f, const struct inspector *by,
						uint32_t entry)
{
	return FIND(f->packages, by, entry);
}

void *facts_find_other(const struct facts *f, const struct inspector *by, uint32_t entry)
{
	const struct fact_other *other = FIND(f->others, by, entry);

	return other ? other->value : NULL;
}

struct fact_note *facts_find_notes(const struct facts *f, uint32_t entry)
{
	return (struct fact_note *)FIND(f->notes, NULL, entry);
}
