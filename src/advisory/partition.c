/*
 * The reader of partition files (format.h, docs/formats/database.md). All of it may be hostile or
 * damaged: the footer names the tail, the tail is read whole and checked against its digest, and a
 * block is checked against the tail before it is unpacked. What a length says is believed only when
 * the bytes are there.
 */
#include "advisory/partition.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

#include "advisory/ids.h"
#include "advisory/writer.h"

/* Decoded records cost up to 48 times their bytes; this answers a block made to cost the most. */
enum { RECORDS_MAX = 256 << 20 };

#define PLACE_ARG(p) STR_ARG((p)->name.len ? (p)->name : STR("database partition"))

static int bad(const struct partition *p, struct err *e, const char *what)
{
	return err_set(e, ERR_FORMAT, "%.*s: %s", PLACE_ARG(p), what);
}

/* --- the tail --- */

static int read_footer(struct partition *p, uint64_t size, uint64_t *ret_len, struct err *e)
{
	uint8_t header[PARTITION_HEADER], footer[PARTITION_FOOTER];
	struct cur c;
	uint32_t version;

	if (size < PARTITION_HEADER + PARTITION_FOOTER)
		return err_set(e, ERR_TRUNCATED, "database partition: only %llu bytes long",
			       (unsigned long long)size);
	if (file_read_at(p->fd, header, sizeof(header), 0, e) < 0 ||
	    file_read_at(p->fd, footer, sizeof(footer), size - sizeof(footer), e) < 0)
		return err_wrap(e, "database partition");
	if (memcmp(header, partition_magic, sizeof(partition_magic)) != 0)
		return bad(p, e, "not a partition of a plimsoll database");
	c = cur_of(str_make(header + 8, 8));
	version = cur_le32(&c);
	if (version > PARTITION_VERSION)
		return err_set(e, ERR_UNSUPPORTED,
			       "database partition: format %u is newer than this program, which "
			       "reads %d",
			       version, PARTITION_VERSION);
	if (version != PARTITION_VERSION || cur_le32(&c) != 0)
		return bad(p, e, "damaged header");
	if (memcmp(footer + PARTITION_FOOTER - 8, partition_magic, sizeof(partition_magic)) != 0)
		return err_set(e, ERR_TRUNCATED,
			       "database partition: the end mark is missing at %llu: cut short?",
			       (unsigned long long)size - 8);
	c = cur_of(str_make(footer, sizeof(footer)));
	p->tail_offset = cur_le64(&c);
	*ret_len = cur_le64(&c);
	memcpy(p->root, cur_take(&c, 32).data, 32);
	if (cur_le32(&c) != version || cur_le32(&c) != 0 || p->tail_offset < PARTITION_HEADER ||
	    *ret_len > PARTITION_TAIL_MAX || p->tail_offset > size - PARTITION_FOOTER ||
	    *ret_len != size - PARTITION_FOOTER - p->tail_offset)
		return bad(p, e, "damaged footer");
	return 0;
}

static int check_digest(struct str bytes, const uint8_t *expected, size_t size, struct err *e)
{
	struct digest digest;

	if (digest_of(DIGEST_SHA256, bytes, &digest, e) < 0)
		return -1;
	return memcmp(digest.bytes, expected, size) == 0 ? 0 : err_set(e, ERR_DIGEST, "checksum");
}

static int read_tail(struct partition *p, uint64_t len, struct err *e)
{
	char *tail = arena_bytes(&p->arena, (size_t)len);

	if (!tail)
		return ERR_NOMEM(e);
	if (file_read_at(p->fd, tail, (size_t)len, p->tail_offset, e) < 0)
		return err_wrap(e, "database partition");
	p->tail = str_make(tail, (size_t)len);
	if (check_digest(p->tail, p->root, 32, e) < 0)
		return e && e->code == ERR_DIGEST
			       ? err_set(e, ERR_DIGEST,
					 "database partition: the table at %llu differs from its "
					 "checksum",
					 (unsigned long long)p->tail_offset)
			       : -1;
	return 0;
}

static int parse_list(struct partition *p, struct cur *c, size_t max, struct str **ret,
		      size_t *ret_count)
{
	uint64_t count = cur_varint(c);

	if (count > max || count > cur_left(c)) {
		c->bad = true;
		return 0;
	}
	*ret = arena_alloc_array(&p->arena, (size_t)count, sizeof(**ret));
	*ret_count = (size_t)count;
	for (size_t i = 0; *ret && i < count; i++)
		(*ret)[i] = get_str(c);
	return *ret ? 0 : -1;
}

static int parse_feeds(struct partition *p, struct cur *c)
{
	struct str *names = NULL;

	if (parse_list(p, c, PARTITION_FEEDS_MAX, &names, &p->feed_count) < 0)
		return -1;
	p->feeds = arena_alloc_array(&p->arena, p->feed_count, sizeof(*p->feeds));
	for (size_t i = 0; p->feeds && i < p->feed_count; i++)
		p->feeds[i].name = names[i];
	return p->feeds ? 0 : -1;
}

/* The first key of a block: what it shares with that of the block before, and the rest. */
static struct str parse_key(struct partition *p, struct cur *c, struct str before)
{
	uint64_t shared = cur_varint(c);
	struct str rest = get_str(c);
	char *key;

	if (c->bad || shared > before.len || shared + rest.len > PARTITION_KEY_MAX) {
		c->bad = true;
		return STR_NULL;
	}
	if (shared == 0)
		return rest.data ? rest : STR("");
	key = arena_bytes(&p->arena, (size_t)shared + rest.len);
	if (!key)
		return STR_NULL;
	memcpy(key, before.data, (size_t)shared);
	if (rest.len)
		memcpy(key + shared, rest.data, rest.len);
	return str_make(key, (size_t)shared + rest.len);
}

static int parse_blocks(struct partition *p, struct cur *c)
{
	uint64_t count = cur_varint(c), offset = PARTITION_HEADER;
	struct str key = STR("");

	/* a row takes four bytes and a checksum at least */
	if (count > cur_left(c) / (4 + PARTITION_CHECKSUM)) {
		c->bad = true;
		return 0;
	}
	p->blocks = arena_alloc_array(&p->arena, (size_t)count, sizeof(*p->blocks));
	p->block_count = (size_t)count;
	for (size_t i = 0; p->blocks && i < count && !c->bad; i++) {
		struct partition_block *b = &p->blocks[i];
		struct str before = key;

		key = parse_key(p, c, before);
		if (!key.data)
			return c->bad ? 0 : -1;
		b->key = key;
		b->offset = offset;
		b->len = (uint32_t)cur_varint(c);
		b->raw = (uint32_t)cur_varint(c);
		b->checksum = cur_take(c, PARTITION_CHECKSUM);
		offset += b->len;
		if (b->raw == 0 || b->raw > PARTITION_BLOCK_MAX ||
		    b->len > 2 * PARTITION_BLOCK_MAX || (i && str_cmp(before, key) > 0))
			c->bad = true;
	}
	if (offset != p->tail_offset)
		c->bad = true;
	return p->blocks ? 0 : -1;
}

static int parse_tail(struct partition *p, struct err *e)
{
	struct cur c = cur_of(p->tail);
	uint64_t units;

	p->name = get_str(&c);
	p->comparator = get_str(&c);
	p->records = cur_varint(&c);
	p->keys = cur_varint(&c);
	if (parse_feeds(p, &c) < 0 ||
	    parse_list(p, &c, PARTITION_WORDS_MAX, &p->words, &p->word_count) < 0)
		return ERR_NOMEM(e);
	units = cur_varint(&c);
	if (units > cur_left(&c) / PARTITION_FILTER_UNIT)
		c.bad = true;
	p->units = c.bad ? 0 : (size_t)units;
	p->filter = (const uint8_t *)cur_take(&c, p->units * PARTITION_FILTER_UNIT).data;
	if (parse_blocks(p, &c) < 0)
		return ERR_NOMEM(e);
	p->kind = partition_kind_of(p->name);
	if (c.bad || cur_left(&c) != 0 || p->kind == PARTITION_KINDS)
		return bad(p, e, "malformed table");
	return 0;
}

static int open_file(struct partition *p, struct err *e)
{
	struct stat st;
	uint64_t len = 0;

	if (fstat(p->fd, &st) < 0)
		return err_set_errno(e, errno, "database partition");
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_FORMAT, "database partition: not a regular file");
	p->size = (uint64_t)st.st_size;
	return read_footer(p, p->size, &len, e) < 0 || read_tail(p, len, e) < 0 ||
			       parse_tail(p, e) < 0
		       ? -1
		       : 0;
}

static struct partition *make(struct budget *budget)
{
	struct partition *p = mem_zero(1, sizeof(*p));

	if (!p)
		return NULL;
	p->fd = -1;
	arena_init(&p->arena, budget, 0);
	arena_init(&p->scratch, budget, RECORDS_MAX);
	buf_init(&p->packed, budget, 0);
	buf_init(&p->raw, budget, 0);
	return p;
}

int partition_open(int fd, struct budget *budget, struct partition **ret, struct err *e)
{
	struct partition *p = make(budget);

	if (!p) {
		close(fd);
		return ERR_NOMEM(e);
	}
	p->fd = fd;
	if (open_file(p, e) < 0) {
		partition_close(p);
		return -1;
	}
	*ret = p;
	return 0;
}

void partition_close(struct partition *p)
{
	if (!p)
		return;
	if (p->fd >= 0)
		close(p->fd);
	ZSTD_freeDCtx(p->zstd);
	hasher_free(p->hasher);
	buf_done(&p->packed);
	buf_done(&p->raw);
	arena_done(&p->scratch);
	arena_done(&p->arena);
	mem_free(p->order);
	mem_free(p);
}

/* --- blocks --- */

static int block_error(const struct partition *p, const struct partition_block *b, struct err *e,
		       enum err_code code, const char *what)
{
	return err_set(e, code, "%.*s: block at %llu: %s", PLACE_ARG(p),
		       (unsigned long long)b->offset, what);
}

int partition_load(struct partition *p, const struct partition_block *b, struct str *ret,
		   struct err *e)
{
	struct digest digest;
	size_t n;

	buf_clear(&p->packed);
	buf_clear(&p->raw);
	if (!p->zstd)
		p->zstd = ZSTD_createDCtx();
	if (!p->hasher)
		p->hasher = hasher_new(DIGEST_SHA256, e);
	if (!p->zstd || !p->hasher || !buf_reserve(&p->packed, b->len) ||
	    !buf_reserve(&p->raw, b->raw))
		return ERR_NOMEM(e);
	if (file_read_at(p->fd, p->packed.data, b->len, b->offset, e) < 0)
		return err_wrap(e, "%.*s", PLACE_ARG(p));
	hasher_add(p->hasher, str_make(p->packed.data, b->len));
	if (hasher_end(p->hasher, &digest, e) < 0)
		return -1;
	if (memcmp(digest.bytes, b->checksum.data, PARTITION_CHECKSUM) != 0)
		return block_error(p, b, e, ERR_DIGEST, "differs from its checksum");
	n = ZSTD_decompressDCtx(p->zstd, p->raw.data, b->raw, p->packed.data, b->len);
	if (ZSTD_isError(n) || n != b->raw)
		return block_error(p, b, e, ERR_FORMAT, "does not unpack to its length");
	buf_used(&p->raw, n);
	*ret = buf_str(&p->raw);
	return 0;
}

bool entry_next(struct cur *c, struct partition_entry *entry)
{
	uint64_t shared;
	struct str rest;

	if (c->bad || cur_left(c) == 0)
		return false;
	shared = cur_varint(c);
	rest = get_str(c);
	if (shared > entry->key_len || shared + rest.len > PARTITION_KEY_MAX) {
		c->bad = true;
		return false;
	}
	if (rest.len)
		memcpy(entry->key + shared, rest.data, rest.len);
	entry->key_len = (size_t)shared + rest.len;
	entry->count = cur_varint(c);
	entry->body = get_str(c);
	if (entry->count > entry->body.len)
		c->bad = true;
	return !c->bad;
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
	return c.bad ? block_error(p, &p->blocks[block], e, ERR_FORMAT, "malformed entry") : 0;
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
	return err_set(e, ERR_FORMAT, "%.*s: malformed record of '%.*s'", PLACE_ARG(p),
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
		return partition_find_memory(p, names, count, found, context, e);
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
	struct partition *p = make(NULL);

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

int partition_find_memory(struct partition *p, const struct str *names, size_t count,
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

/* --- what it is --- */

struct str partition_name(const struct partition *p)
{
	return p->name;
}

int partition_hash(const struct partition *p, struct digest *ret, struct err *e)
{
	struct hasher *h = hasher_new(DIGEST_SHA256, e);
	char *chunk = mem_alloc(1 << 16);
	uint64_t at = 0;
	int r = h ? 0 : -1;

	if (!chunk)
		r = ERR_NOMEM(e);
	while (r == 0 && at < p->size) {
		size_t n = p->size - at < 1 << 16 ? (size_t)(p->size - at) : 1 << 16;

		r = file_read_at(p->fd, chunk, n, at, e);
		if (r == 0)
			hasher_add(h, str_make(chunk, n));
		at += n;
	}
	if (r == 0)
		r = hasher_end(h, ret, e);
	mem_free(chunk);
	hasher_free(h);
	return r;
}

struct str partition_digest(const struct partition *p)
{
	struct partition *mutable = (struct partition *)(uintptr_t)p; /* computed once, then kept */
	struct digest digest;

	if (p->digest[0] == '\0' && !p->memory && partition_hash(p, &digest, NULL) == 0)
		digest_format(&digest, mutable->digest);
	return str_of(p->digest);
}

const struct partition_feed *partition_feeds(const struct partition *p, size_t *ret_count)
{
	*ret_count = p->feed_count;
	return p->feeds;
}

uint64_t partition_records(const struct partition *p)
{
	return p->records;
}

struct str partition_comparator(const struct partition *p)
{
	return p->comparator;
}

void partition_set_comparator(struct partition *p, struct str comparator)
{
	p->comparator = comparator;
}

int partition_bind(struct partition *p, const struct database_index *index, struct err *e)
{
	const struct index_partition *row = database_index_find(index, p->name);

	if (!row)
		return err_set(e, ERR_NOT_FOUND, "%.*s: not in the index of the database",
			       PLACE_ARG(p));
	if (row->size != p->size || memcmp(row->root, p->root, 32) != 0)
		return err_set(e, ERR_DIGEST, "%.*s: another file than the index names",
			       PLACE_ARG(p));
	memcpy(p->digest, row->digest.data, row->digest.len);
	p->feeds = row->feeds;
	p->feed_count = row->feed_count;
	return 0;
}
