/*
 * Look-ups in a partition: the keys that the filter lets through are sorted, and each block that
 * may hold one is read once.
 */
#include <stdlib.h>

#include "advisory/ids.h"
#include "advisory/partition.h"

static int bad(const struct partition *p, struct err *e, const char *what)
{
	return err_set(e, ERR_FORMAT, "%.*s: %s", PARTITION_ARG(p), what);
}

static int find_memory(struct partition *p, const struct str *names, size_t count,
		       int (*found)(void *context, size_t index, const struct advisory *a),
		       void *context, struct err *e)
{
	(void)e;
	for (size_t i = 0; i < count; i++) {
		size_t low = 0, high = (size_t)p->records;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (str_cmp(p->given[p->order[middle]].package, names[i]) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		for (; low < p->records && str_eq(p->given[p->order[low]].package, names[i]); low++)
			if (found(context, i, &p->given[p->order[low]]) < 0)
				return -1;
	}
	return 0;
}

/* --- look-up --- */

/* Called for an entry whose key is keys[index]. */
typedef int visit_entry(struct partition *p, void *context, size_t index,
			const struct partition_entry *entry, struct err *e);

struct search {
	const struct str *keys;
	const uint32_t *order; /* of those that may be there, by key */
	size_t count, at;
	visit_entry *visit;
	void *context;
};

static int compare_keys(const void *a, const void *b, void *keys)
{
	const struct str *k = keys;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int c = str_cmp(k[x], k[y]);

	return c ? c : (x > y) - (x < y);
}

static struct str wanted(const struct search *s)
{
	return s->keys[s->order[s->at]];
}

/* The last block whose first key is below this one; 0 when none is. */
static size_t first_block(const struct partition *p, struct str key)
{
	size_t low = 0, high = p->block_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_cmp(p->blocks[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : 0;
}

static int visit_equal(struct partition *p, struct search *s, const struct partition_entry *entry,
		       struct err *e)
{
	struct str key = str_make(entry->key, entry->key_len);

	for (size_t i = s->at; i < s->count && str_eq(s->keys[s->order[i]], key); i++)
		if (s->visit(p, s->context, s->order[i], entry, e) < 0)
			return -1;
	return 0;
}

/* Visits what the block has of the wanted keys; s->at stays before those above its last key. */
static int search_block(struct partition *p, struct search *s, size_t block, struct err *e)
{
	struct partition_entry entry = {.key_len = 0};
	struct str raw;
	struct cur c;

	if (partition_load(p, &p->blocks[block], &raw, e) < 0)
		return -1;
	c = cur_of(raw);
	while (entry_next(&c, &entry)) {
		struct str key = str_make(entry.key, entry.key_len);

		while (s->at < s->count && str_cmp(wanted(s), key) < 0)
			s->at++;
		if (s->at == s->count)
			return 0;
		if (visit_equal(p, s, &entry, e) < 0)
			return -1;
	}
	if (!c.bad)
		return 0;
	return err_set(e, ERR_FORMAT, "%.*s: block at %llu: malformed entry", PARTITION_ARG(p),
		       (unsigned long long)p->blocks[block].offset);
}

static int search_all(struct partition *p, struct search *s, struct err *e)
{
	size_t next = 0;

	while (s->at < s->count) {
		size_t block = first_block(p, wanted(s));

		if (block < next)
			block = next;
		if (block >= p->block_count)
			return 0;
		if (search_block(p, s, block, e) < 0)
			return -1;
		next = block + 1;
		if (next == p->block_count)
			return 0;
		while (s->at < s->count && str_cmp(wanted(s), p->blocks[next].key) < 0)
			s->at++;
	}
	return 0;
}

/* Sorts the keys that the filter lets through, and walks the blocks once. */
static int search(struct partition *p, const struct str *keys, size_t count, visit_entry *visit,
		  void *context, struct err *e)
{
	struct search s = {.keys = keys, .visit = visit, .context = context};
	uint32_t *order;

	if (count > UINT32_MAX)
		return err_set(e, ERR_LIMIT, "too many names at once");
	order = mem_grow(NULL, count, sizeof(*order));
	if (!order)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < count; i++)
		if (filter_test(p->filter, p->units, key_hash(keys[i])))
			order[s.count++] = (uint32_t)i;
	qsort_r(order, s.count, sizeof(*order), compare_keys, (void *)(uintptr_t)keys);
	s.order = order;
	if (search_all(p, &s, e) < 0) {
		mem_free(order);
		return -1;
	}
	mem_free(order);
	return 0;
}

static int record_error(const struct partition *p, const struct partition_entry *entry, bool memory,
			struct err *e)
{
	if (memory)
		return ERR_NOMEM(e);
	return err_set(e, ERR_FORMAT, "%.*s: malformed record of '%.*s'", PARTITION_ARG(p),
		       STR_ARG(str_make(entry->key, entry->key_len)));
}

/* The words in the caller's arena, for what outlives the partition. */
static const struct str *keep_words(const struct partition *p, struct arena *a)
{
	struct str *words = arena_alloc_array(a, p->word_count, sizeof(*words));

	for (size_t i = 0; words && i < p->word_count; i++) {
		words[i] = arena_str(a, p->words[i]);
		if (!words[i].data)
			return NULL;
	}
	return words;
}

struct package_search {
	const struct str *words;
	const struct str *names;
	struct arena *arena;
	int (*found)(void *context, size_t index, const struct advisory *a);
	void *context;
};

static int visit_package(struct partition *p, void *context, size_t index,
			 const struct partition_entry *entry, struct err *e)
{
	struct package_search *s = context;
	struct arena *arena = s->arena ? s->arena : &p->scratch;
	struct str body = s->arena ? arena_str(arena, entry->body) : entry->body;
	struct cur c = cur_of(body);
	int r = body.data ? 0 : ERR_NOMEM(e);

	for (uint64_t i = 0; i < entry->count && r == 0; i++) {
		struct advisory a;
		bool memory;

		if (!get_advisory(&c, s->words, p->word_count, arena, &a, &memory)) {
			r = record_error(p, entry, memory, e);
			break;
		}
		a.package = s->names[index];
		r = s->found(s->context, index, &a);
		if (!s->arena)
			arena_done(arena);
	}
	if (!s->arena)
		arena_done(arena);
	return r;
}

int partition_find_packages(struct partition *p, const struct str *names, size_t count,
			    struct arena *arena,
			    int (*found)(void *context, size_t index, const struct advisory *a),
			    void *context, struct err *e)
{
	struct package_search s = {p->words, names, arena, found, context};

	if (p->memory)
		return find_memory(p, names, count, found, context, e);
	if (p->kind != PARTITION_PKG)
		return bad(p, e, "holds no packages");
	if (arena && !(s.words = keep_words(p, arena)))
		return ERR_NOMEM(e);
	return search(p, names, count, visit_package, &s, e);
}

struct id_search {
	const struct str *words;
	struct arena *arena;
	struct id_info *infos;
};

static bool fill_cve(struct partition *p, const struct str *words, struct cur *c, struct arena *a,
		     struct id_info *info)
{
	struct cve_facts f;
	enum severity severity = SEVERITY_UNKNOWN;
	const struct id_score *best;

	if (!get_cve(c, words, p->word_count, a, &f))
		return false;
	best = best_score(f.scores, f.score_count, &severity);
	info->has_cve = true;
	info->title = f.title;
	info->scores = f.scores;
	info->score_count = f.score_count;
	info->cvss = best ? best->vector : STR("");
	info->cvss_source = best ? best->source : STR("");
	info->severity = f.severity != SEVERITY_UNKNOWN ? f.severity : severity;
	info->severity_source =
		f.severity != SEVERITY_UNKNOWN ? f.severity_source : info->cvss_source;
	return true;
}

static bool fill_info(struct partition *p, const struct str *words, struct cur *c, struct arena *a,
		      struct id_info *info)
{
	struct kev_facts kev;

	switch (p->kind) {
	case PARTITION_CVE:
		return fill_cve(p, words, c, a, info);
	case PARTITION_EPSS:
		return info->has_epss = get_epss(c, &info->epss_score, &info->epss_percentile);
	case PARTITION_KEV:
		if (!get_kev(c, a, &kev))
			return false;
		info->has_kev = true;
		info->kev_date = kev.added;
		info->kev_due = kev.due;
		info->kev_ransomware = kev.ransomware;
		return true;
	default:
		return info->has_alias = get_aliases(c, a, &info->aliases, &info->alias_count);
	}
}

static int visit_id(struct partition *p, void *context, size_t index,
		    const struct partition_entry *entry, struct err *e)
{
	struct id_search *s = context;
	struct str body = arena_str(s->arena, entry->body);
	struct cur c = cur_of(body);

	if (!body.data)
		return ERR_NOMEM(e);
	if (!fill_info(p, s->words, &c, s->arena, &s->infos[index]))
		return record_error(p, entry, !c.bad, e);
	return 0;
}

int partition_find_ids(struct partition *p, const struct str *ids, size_t count,
		       struct arena *arena, struct id_info *infos, struct err *e)
{
	struct id_search s = {NULL, arena, infos};

	if (p->memory || p->kind == PARTITION_PKG || p->kind == PARTITION_EOL)
		return bad(p, e, "holds no vulnerability ids");
	s.words = keep_words(p, arena);
	if (!s.words)
		return ERR_NOMEM(e);
	return search(p, ids, count, visit_id, &s, e);
}

struct eol_search {
	struct arena *arena;
	struct eol_facts facts;
	bool found;
};

static int visit_eol(struct partition *p, void *context, size_t index,
		     const struct partition_entry *entry, struct err *e)
{
	struct eol_search *s = context;
	struct str body = arena_str(s->arena, entry->body);
	struct cur c = cur_of(body);

	(void)index;
	if (!body.data)
		return ERR_NOMEM(e);
	if (!get_eol(&c, s->arena, &s->facts))
		return record_error(p, entry, !c.bad, e);
	s->found = true;
	return 0;
}

int partition_find_eol(struct partition *p, struct str id, struct str version_id,
		       struct arena *arena, struct str *ret_day, struct str *ret_codename,
		       struct err *e)
{
	struct eol_search s = {.arena = arena, .facts = {STR(""), STR("")}};
	char text[256];

	if (p->memory || p->kind != PARTITION_EOL)
		return bad(p, e, "holds no ends of life");
	while (id.len + version_id.len + 1 < sizeof(text)) {
		struct str key;
		ptrdiff_t dot = str_find_last_char(version_id, '.');

		memcpy(text, id.data, id.len);
		text[id.len] = '/';
		if (version_id.len)
			memcpy(text + id.len + 1, version_id.data, version_id.len);
		key = str_make(text, id.len + 1 + version_id.len);
		if (search(p, &key, 1, visit_eol, &s, e) < 0)
			return -1;
		if (s.found || dot < 0)
			break;
		version_id = str_to(version_id, (size_t)dot);
	}
	*ret_day = s.facts.day;
	*ret_codename = s.facts.codename;
	return 0;
}

/* --- records in memory --- */

static int compare_records(const void *a, const void *b, void *records)
{
	const struct advisory *r = records;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int c = str_cmp(r[x].package, r[y].package);

	return c ? c : (x > y) - (x < y);
}

int partition_open_records(const struct advisory *records, size_t count, struct str name,
			   struct partition **ret, struct err *e)
{
	struct partition *p = partition_new(NULL);

	if (!p)
		return ERR_NOMEM(e);
	p->order = count <= UINT32_MAX ? mem_grow(NULL, count, sizeof(*p->order)) : NULL;
	p->name = arena_str(&p->arena, name);
	if (!p->order || !p->name.data) {
		partition_close(p);
		return ERR_NOMEM(e);
	}
	p->memory = true;
	p->given = records;
	p->records = count;
	p->kind = PARTITION_PKG;
	p->comparator = STR("debian");
	for (size_t i = 0; i < count; i++)
		p->order[i] = (uint32_t)i;
	qsort_r(p->order, count, sizeof(*p->order), compare_records, (void *)(uintptr_t)records);
	*ret = p;
	return 0;
}
