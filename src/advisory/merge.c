/*
 * Merging of records (docs/formats/feeds.md, "Several feeds"):
 *
 * pkg/	1. of one record that came twice (same feed, id), the one of the newest day stands;
 *	2. by rank: a vulnerability that a lower rank names for this package is taken from the
 *records of higher rank; one that has none left goes, and its id becomes an alias of what stands;
 * id/	scores are gathered, the first title and severity by rank stand; aliases are gathered; EPSS
 *and KEV of the newest day, ends of life of the lowest rank stand.
 */
#include "advisory/merge.h"

#include <stdlib.h>

enum { SCORES_MAX = 32, ALIASES_MAX = 4096 };

/* --- advisories --- */

struct entry {
	struct advisory a;
	uint8_t rank;
	int64_t time;
	bool dropped;
	struct entry *also; /* dropped entries whose id this one takes over */
	struct entry *next_also;
};

struct package_merge {
	const struct group *g;
	struct entry *entries;
	size_t count;
	struct map seen; /* "scope id" to struct entry */
	struct buf key;
};

static int decode(struct package_merge *m, struct err *e)
{
	const struct group *g = m->g;

	m->entries = arena_alloc_array(g->arena, g->items.count, sizeof(*m->entries));
	if (!m->entries)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < g->items.count; i++) {
		struct entry *entry = &m->entries[m->count++];
		struct cur c = cur_of(g->items.items[i].record);
		bool memory;

		if (!get_advisory(&c, NULL, 0, g->arena, &entry->a, &memory))
			return memory ? ERR_NOMEM(e) : err_set(e, ERR_INTERNAL, "damaged record");
		entry->rank = g->items.items[i].rank;
		entry->time = g->items.items[i].time;
	}
	return 0;
}

/*
 * The key of an id in its scope: records of other modules, architectures or kinds of names do not
 * speak of the same thing.
 */
static struct str scoped(struct package_merge *m, const struct advisory *a, struct str id)
{
	buf_clear(&m->key);
	buf_add_char(&m->key, a->names == NAMES_SOURCE ? 's' : 'b');
	buf_add(&m->key, a->module);
	buf_add_char(&m->key, '\0');
	buf_add(&m->key, a->arches);
	buf_add_char(&m->key, '\0');
	buf_add(&m->key, id);
	return buf_str(&m->key);
}

static struct entry *find(struct package_merge *m, const struct advisory *a, struct str id)
{
	return map_find(&m->seen, scoped(m, a, id));
}

static int put(struct package_merge *m, struct entry *entry, struct str id)
{
	struct str key = arena_str(m->g->arena, scoped(m, &entry->a, id));
	void **slot = key.data ? map_put(&m->seen, key) : NULL;

	if (!slot || buf_failed(&m->key))
		return -1;
	if (!*slot)
		*slot = entry;
	return 0;
}

/* Step 1. The newest entry of a record is met first (the order of the sorter), within its rank. */
static int drop_older(struct package_merge *m, struct err *e)
{
	for (size_t i = 0; i < m->count; i++) {
		struct entry *entry = &m->entries[i], *first;
		struct str key;
		void **slot;

		buf_clear(&m->key);
		buf_add(&m->key, entry->a.feed);
		buf_add_char(&m->key, '\0');
		buf_add(&m->key, entry->a.id);
		key = arena_str(m->g->arena, buf_str(&m->key));
		slot = key.data && !buf_failed(&m->key) ? map_put(&m->seen, key) : NULL;
		if (!slot)
			return ERR_NOMEM(e);
		first = *slot ? *slot : entry;
		*slot = first;
		entry->dropped = entry->time < first->time;
	}
	map_done(&m->seen);
	return 0;
}

static void take_over(struct entry *from, struct entry *by)
{
	if (from->also || from->next_also) /* stands in a list already */
		return;
	from->next_also = by->also;
	by->also = from;
}

/* Takes the ids that a lower rank names from a record; drops it when none is left. */
static void yield(struct package_merge *m, struct entry *entry)
{
	struct advisory *a = &entry->a;
	struct entry *by = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < a->cve_count; i++) {
		struct entry *other = find(m, a, a->cves[i]);

		if (other && other->rank < entry->rank)
			by = other;
		else
			a->cves[kept++] = a->cves[i];
	}
	if (a->cve_count == 0) {
		struct entry *other = find(m, a, a->id);

		for (size_t i = 0; !other && i < a->alias_count; i++)
			other = find(m, a, a->aliases[i]);
		if (other && other->rank < entry->rank)
			by = other;
	}
	a->cve_count = kept;
	if (by && kept == 0) {
		entry->dropped = true;
		take_over(entry, by);
	}
}

static int claim(struct package_merge *m, struct entry *entry)
{
	const struct advisory *a = &entry->a;

	for (size_t i = 0; i < a->cve_count; i++)
		if (put(m, entry, a->cves[i]) < 0)
			return -1;
	if (a->cve_count)
		return 0;
	if (put(m, entry, a->id) < 0)
		return -1;
	for (size_t i = 0; i < a->alias_count; i++)
		if (put(m, entry, a->aliases[i]) < 0)
			return -1;
	return 0;
}

/* Step 2. */
static int apply_ranks(struct package_merge *m, struct err *e)
{
	if (m->count == 0 || m->entries[0].rank == m->entries[m->count - 1].rank)
		return 0;
	for (size_t i = 0; i < m->count; i++) {
		struct entry *entry = &m->entries[i];

		if (entry->dropped)
			continue;
		yield(m, entry);
		if (!entry->dropped && claim(m, entry) < 0)
			return ERR_NOMEM(e);
	}
	return 0;
}

/* Sorts ids and drops repeated ones and `self`; the new count. */
static size_t unique(struct str *ids, size_t count, struct str self)
{
	size_t kept = 0;

	if (count > 1)
		qsort(ids, count, sizeof(*ids), str_cmp_qsort);
	for (size_t i = 0; i < count; i++)
		if (!str_eq(ids[i], self) && (kept == 0 || !str_eq(ids[kept - 1], ids[i])))
			ids[kept++] = ids[i];
	return kept;
}

static int add_taken(struct package_merge *m, struct entry *entry, struct err *e)
{
	struct advisory *a = &entry->a;
	size_t count = a->alias_count;
	struct str *aliases;

	for (struct entry *t = entry->also; t; t = t->next_also)
		count++;
	aliases = arena_alloc_array(m->g->arena, count, sizeof(*aliases));
	if (!aliases)
		return ERR_NOMEM(e);
	if (a->alias_count)
		memcpy(aliases, a->aliases, a->alias_count * sizeof(*aliases));
	count = a->alias_count;
	for (struct entry *t = entry->also; t; t = t->next_also)
		aliases[count++] = t->a.id;
	a->aliases = aliases;
	a->alias_count = unique(aliases, count, a->id);
	return 0;
}

static int encode(struct package_merge *m, struct words *words, struct group_records *ret,
		  struct err *e)
{
	CLEANUP(buf_done) struct buf record = BUF_INIT;

	ret->records = arena_alloc_array(m->g->arena, m->count, sizeof(*ret->records));
	ret->count = 0;
	if (!ret->records)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < m->count; i++) {
		struct entry *entry = &m->entries[i];

		if (entry->dropped)
			continue;
		if (entry->also && add_taken(m, entry, e) < 0)
			return -1;
		buf_clear(&record);
		put_advisory(&record, words, &entry->a);
		ret->records[ret->count] = arena_str(m->g->arena, buf_str(&record));
		if (buf_failed(&record) || !ret->records[ret->count++].data)
			return ERR_NOMEM(e);
	}
	return 0;
}

static int merge_packages(const struct group *g, struct words *words, struct group_records *ret,
			  struct err *e)
{
	struct package_merge m = {.g = g};
	int r = decode(&m, e);

	if (r == 0 && m.count > 1)
		r = drop_older(&m, e);
	if (r == 0)
		r = apply_ranks(&m, e);
	if (r == 0)
		r = encode(&m, words, ret, e);
	map_done(&m.seen);
	buf_done(&m.key);
	return r;
}

/* --- ids --- */

static int one_record(const struct group *g, const struct buf *b, struct group_records *ret,
		      struct err *e)
{
	ret->records = ARENA_NEW(g->arena, struct str);
	if (!ret->records || buf_failed(b))
		return ERR_NOMEM(e);
	ret->records[0] = arena_str(g->arena, buf_str(b));
	ret->count = 1;
	return ret->records[0].data ? 0 : ERR_NOMEM(e);
}

static void add_scores(struct cve_facts *all, const struct cve_facts *f)
{
	for (size_t i = 0; i < f->score_count && all->score_count < SCORES_MAX; i++) {
		bool there = false;

		for (size_t k = 0; k < all->score_count && !there; k++)
			there = str_eq(all->scores[k].source, f->scores[i].source) &&
				str_eq(all->scores[k].vector, f->scores[i].vector);
		if (!there)
			all->scores[all->score_count++] = f->scores[i];
	}
}

static int compare_scores(const void *a, const void *b)
{
	const struct id_score *x = a, *y = b;
	int c = str_cmp(x->source, y->source);

	return c ? c : str_cmp(x->vector, y->vector);
}

static int merge_cve(const struct group *g, struct words *words, struct group_records *ret,
		     struct err *e)
{
	CLEANUP(buf_done) struct buf record = BUF_INIT;
	struct id_score scores[SCORES_MAX];
	struct cve_facts all = {.scores = scores};

	for (size_t i = 0; i < g->items.count; i++) {
		struct cur c = cur_of(g->items.items[i].record);
		struct cve_facts f;

		if (!get_cve(&c, NULL, 0, g->arena, &f))
			return c.bad ? err_set(e, ERR_INTERNAL, "damaged record") : ERR_NOMEM(e);
		if (all.severity == SEVERITY_UNKNOWN) {
			all.severity = f.severity;
			all.severity_source = f.severity_source;
		}
		if (!all.title.len)
			all.title = f.title;
		add_scores(&all, &f);
	}
	if (all.severity == SEVERITY_UNKNOWN)
		all.severity_source = STR("");
	if (all.score_count > 1)
		qsort(scores, all.score_count, sizeof(scores[0]), compare_scores);
	put_cve(&record, words, &all);
	return one_record(g, &record, ret, e);
}

static int merge_aliases(const struct group *g, struct group_records *ret, struct err *e)
{
	CLEANUP(buf_done) struct buf record = BUF_INIT;
	size_t count = 0;
	struct str *all = arena_alloc_array(g->arena, g->items.count, sizeof(*all));

	if (!all)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < g->items.count; i++) {
		struct cur c = cur_of(g->items.items[i].record);
		struct str *ids;
		size_t n;

		if (!get_aliases(&c, g->arena, &ids, &n))
			return c.bad ? err_set(e, ERR_INTERNAL, "damaged record") : ERR_NOMEM(e);
		if (n)
			all[count++] = ids[0];
	}
	count = unique(all, count, g->items.items[0].key);
	put_aliases(&record, all, count < ALIASES_MAX ? count : ALIASES_MAX);
	return one_record(g, &record, ret, e);
}

static int keep_first(const struct group *g, struct group_records *ret, struct err *e)
{
	ret->records = ARENA_NEW(g->arena, struct str);
	if (!ret->records)
		return ERR_NOMEM(e);
	ret->records[0] = g->items.items[0].record;
	ret->count = 1;
	return 0;
}

int merge_group(const struct group *g, struct words *words, struct group_records *ret,
		struct err *e)
{
	switch (g->kind) {
	case PARTITION_PKG:
		return merge_packages(g, words, ret, e);
	case PARTITION_CVE:
		return merge_cve(g, words, ret, e);
	case PARTITION_ALIAS:
		return merge_aliases(g, ret, e);
	default:
		return keep_first(g, ret, e);
	}
}
