/*
 * Berkeley DB hash database (Packages; rpm 4.0 to 4.15), either byte order.
 *
 *	page 0		 meta: magic at 12, page size at 20, last page at 32, highest bucket at 72,
 *			 number of keys at 88, 32 "spares" from 96
 *	page header	 26 bytes: number at 8, next page at 16, entries at 20, data bytes at 22,
 *type at 25 hash page	 entries x u16 offsets; keys and values take turns, each item reaches from
 *its offset to the one of the item before (the first to the end of the page)
 *	item		 1: the bytes; 3: 12 bytes, page at 4 and length at 8 of an overflow chain
 *
 * Bucket n begins at page n + spares[bits of n]; its pages are chained. (Berkeley DB 5.3,
 * dbinc/db_page.h; rpm 4.18 reads the same in lib/backend/bdb_ro.c.) A key is the number of the
 * package in four bytes; the value of key 0 is the highest number, no package.
 *
 * Traps: rpm stops at the first fault and says nothing of what it missed; here every page is
 *visited once. Chains may loop or share pages: a page that was used once is not read again, so the
 *whole is linear in the file whatever the lengths claim. Pages that no bucket or chain reaches are
 *reported, and records on them read.
 */
#include "binary/rpmdb.h"

#include "base/cur.h"

enum {
	META_SIZE = 512,
	PAGE_MIN = 512,
	PAGE_MAX = 65536,
	PAGE_HEADER = 26,
	SPARES = 32,
	VERSION_MIN = 7,
	VERSION_MAX = 10,
};

enum page_type {
	PAGE_FREE = 0,
	PAGE_HASH_UNSORTED = 2,
	PAGE_OVERFLOW = 7,
	PAGE_HASH_META = 8,
	PAGE_HASH = 13,
};

enum item_type { ITEM_DATA = 1, ITEM_DUPLICATES = 2, ITEM_OVERFLOW = 3, ITEM_DUPLICATE_PAGES = 4 };

#define MAGIC_HASH  0x00061561u
#define MAGIC_BTREE 0x00053162u

struct bdb {
	struct rpmdb_run *run;
	struct str file;
	bool big;
	uint32_t page_size;
	uint32_t pages; /* that are whole in the file and not beyond its last */
	uint32_t last_bucket;
	uint32_t keys; /* as the meta page says */
	uint32_t found;
	uint32_t spares[SPARES];
	uint8_t *used;	 /* a bit a page */
	struct buf body; /* of an overflow chain */
};

struct page {
	uint32_t number;
	struct str bytes;
	uint32_t next;
	uint32_t entries;
	uint32_t data_len; /* of an overflow page */
	uint32_t own_number;
	enum page_type type;
};

/* --- pages ------------------------------------------------------------------------------------ */

static uint32_t magic_of(struct str head, bool big)
{
	struct cur c = cur_of(head);

	cur_skip(&c, 12);
	return (uint32_t)cur_uint(&c, 4, big);
}

static bool probe(struct str head)
{
	for (int big = 0; big < 2; big++) {
		uint32_t magic = magic_of(head, big);

		if (magic == MAGIC_HASH || magic == MAGIC_BTREE)
			return true;
	}
	return false;
}

static int64_t offset_of(const struct bdb *db, uint32_t page)
{
	return (int64_t)page * db->page_size;
}

/* number < db->pages */
static struct page read_page(const struct bdb *db, uint32_t number)
{
	uint64_t start = (uint64_t)number * db->page_size;
	struct page p = {.number = number,
			 .bytes = str_sub(db->file, start, start + db->page_size)};
	struct cur c = cur_of(p.bytes);

	cur_skip(&c, 8);
	p.own_number = (uint32_t)cur_uint(&c, 4, db->big);
	cur_skip(&c, 4);
	p.next = (uint32_t)cur_uint(&c, 4, db->big);
	p.entries = (uint32_t)cur_uint(&c, 2, db->big);
	p.data_len = (uint32_t)cur_uint(&c, 2, db->big);
	cur_skip(&c, 1);
	p.type = cur_u8(&c);
	return p;
}

static bool is_hash_page(const struct page *p)
{
	return p->type == PAGE_HASH || p->type == PAGE_HASH_UNSORTED;
}

static bool is_used(const struct bdb *db, uint32_t page)
{
	return db->used[page / 8] >> page % 8 & 1;
}

static void set_used(struct bdb *db, uint32_t page)
{
	db->used[page / 8] |= (uint8_t)(1 << page % 8);
}

/* --- items ------------------------------------------------------------------------------------ */

struct overflow {
	uint32_t page;
	uint32_t len;
};

static struct overflow read_overflow(const struct bdb *db, struct str item)
{
	struct cur c = cur_of(item);
	struct overflow o;

	cur_skip(&c, 4);
	o.page = (uint32_t)cur_uint(&c, 4, db->big);
	o.len = (uint32_t)cur_uint(&c, 4, db->big);
	return o;
}

/* The next page of a chain, marked as used. NULL, or what is wrong with it. */
static const char *use_overflow_page(struct bdb *db, uint32_t number, size_t left, struct page *ret)
{
	if (number == 0 || number >= db->pages)
		return "its chain leaves the file";
	if (is_used(db, number))
		return "its chain comes back to a page that was read";
	*ret = read_page(db, number);
	if (ret->type != PAGE_OVERFLOW || ret->own_number != number)
		return "its chain leads to a page of another kind";
	if (ret->data_len > db->page_size - PAGE_HEADER || ret->data_len > left)
		return "a page of its chain holds more than fits";
	set_used(db, number);
	return NULL;
}

/* Joins the chain in db->body. NULL, or what is wrong; *ret_failed: out of memory. */
static const char *join_chain(struct bdb *db, struct overflow o, bool *ret_failed)
{
	size_t left = o.len;
	uint32_t number = o.page;

	buf_clear(&db->body);
	if (o.len > RPM_HEADER_MAX || o.len > db->file.len)
		return "its length is over the limit";
	*ret_failed = !buf_reserve(&db->body, o.len ? o.len : 1);
	if (*ret_failed)
		return "no memory";
	while (left) {
		struct page p;
		const char *wrong = use_overflow_page(db, number, left, &p);

		if (wrong)
			return wrong;
		buf_add(&db->body, str_sub(p.bytes, PAGE_HEADER, PAGE_HEADER + p.data_len));
		left -= p.data_len;
		number = p.next;
	}
	return NULL;
}

static int deliver_chain(struct bdb *db, struct str item, uint64_t number, int64_t offset,
			 struct err *e)
{
	bool failed = false;
	const char *wrong = item.len == 12 ? join_chain(db, read_overflow(db, item), &failed)
					   : "its item has an odd length";

	if (failed)
		return ERR_NOMEM(e);
	if (!wrong)
		return rpmdb_deliver(db->run, buf_str(&db->body), number, offset, e);
	rpmdb_damage(db->run, offset, "bdb: record %llu: %s", (unsigned long long)number, wrong);
	return 0;
}

static int deliver_value(struct bdb *db, struct str item, uint64_t number, int64_t offset,
			 struct err *e)
{
	switch ((enum item_type)(uint8_t)item.data[0]) {
	case ITEM_DATA:
		return rpmdb_deliver(db->run, str_from(item, 1), number, offset, e);
	case ITEM_OVERFLOW:
		return deliver_chain(db, item, number, offset, e);
	case ITEM_DUPLICATES:
	case ITEM_DUPLICATE_PAGES:
		rpmdb_damage(db->run, offset,
			     "bdb: record %llu has duplicates, which rpm never writes",
			     (unsigned long long)number);
		return 0;
	}
	rpmdb_damage(db->run, offset, "bdb: record %llu is an item of the unknown type %u",
		     (unsigned long long)number, (uint8_t)item.data[0]);
	return 0;
}

/* Item i of a page; empty when its offsets make no sense. */
static struct str item_at(const struct bdb *db, const struct page *p, uint32_t i)
{
	size_t table = PAGE_HEADER + 2 * (size_t)p->entries;
	struct cur c = cur_of(p->bytes);
	uint64_t end = db->page_size, start;

	cur_seek(&c, PAGE_HEADER + 2 * (size_t)i - (i ? 2 : 0));
	if (i)
		end = cur_uint(&c, 2, db->big);
	start = cur_uint(&c, 2, db->big);
	if (c.bad || start < table || start >= end || end > db->page_size)
		return STR_NULL;
	return str_sub(p->bytes, start, end);
}

/* Of one record; an entry that lies outside is counted in *lost and told once a page. */
static int read_pair(struct bdb *db, const struct page *p, uint32_t i, uint32_t *lost,
		     struct err *e)
{
	int64_t offset = offset_of(db, p->number);
	struct str key = item_at(db, p, i), value = item_at(db, p, i + 1);
	struct cur c = cur_of(str_from(key, 1));
	uint64_t number;

	if (key.len == 0 || value.len == 0) {
		++*lost;
		return 0;
	}
	number = cur_uint(&c, 4, db->big);
	if (key.data[0] != ITEM_DATA || key.len != 5)
		rpmdb_damage(db->run, offset, "bdb: entry %u of page %u has an odd key", i,
			     p->number);
	db->found++;
	if (key.len == 5 && number == 0)
		return 0;
	return deliver_value(db, value, number, offset + (value.data - p->bytes.data), e);
}

static int read_hash_page(struct bdb *db, const struct page *p, struct err *e)
{
	uint32_t most = (db->page_size - PAGE_HEADER) / 2, entries = p->entries, lost = 0;

	if (p->own_number != p->number)
		rpmdb_damage(db->run, offset_of(db, p->number), "bdb: page %u says it is page %u",
			     p->number, p->own_number);
	if (entries > most || entries % 2) {
		rpmdb_damage(db->run, offset_of(db, p->number), "bdb: page %u claims %u entries",
			     p->number, entries);
		entries = (entries < most ? entries : most) & ~1u;
	}
	for (uint32_t i = 0; i < entries; i += 2)
		if (read_pair(db, p, i, &lost, e) < 0)
			return -1;
	if (lost)
		rpmdb_damage(db->run, offset_of(db, p->number),
			     "bdb: %u records of page %u lie outside it", lost, p->number);
	return 0;
}

/* --- the whole -------------------------------------------------------------------------------- */

static uint64_t page_of_bucket(const struct bdb *db, uint32_t bucket)
{
	unsigned bits = bucket ? 32 - (unsigned)__builtin_clz(bucket) : 0;

	return bits < SPARES ? (uint64_t)bucket + db->spares[bits] : UINT64_MAX;
}

static int read_bucket(struct bdb *db, uint32_t bucket, struct err *e)
{
	uint64_t number = page_of_bucket(db, bucket);

	do {
		struct page p;

		if (number == 0 || number >= db->pages) {
			rpmdb_damage(db->run, -1, "bdb: bucket %u leaves the file", bucket);
			return 0;
		}
		if (is_used(db, (uint32_t)number)) {
			rpmdb_damage(db->run, offset_of(db, (uint32_t)number),
				     "bdb: bucket %u comes back to page %u", bucket,
				     (uint32_t)number);
			return 0;
		}
		p = read_page(db, (uint32_t)number);
		if (!is_hash_page(&p)) {
			rpmdb_damage(db->run, offset_of(db, p.number),
				     "bdb: bucket %u leads to page %u of type %u", bucket, p.number,
				     p.type);
			return 0;
		}
		set_used(db, p.number);
		if (read_hash_page(db, &p, e) < 0)
			return -1;
		number = p.next;
	} while (number);
	return 0;
}

/* Pages that no bucket and no record led to: records on them are read, the rest is told. */
static int read_unreached(struct bdb *db, struct err *e)
{
	uint32_t lost = 0, first = 0;

	for (uint32_t i = 1; i < db->pages; i++) {
		struct page p = read_page(db, i);

		if (is_used(db, i) || !is_hash_page(&p) || p.entries == 0)
			continue;
		set_used(db, i);
		rpmdb_damage(db->run, offset_of(db, i), "bdb: page %u belongs to no bucket", i);
		if (read_hash_page(db, &p, e) < 0)
			return -1;
	}
	for (uint32_t i = 1; i < db->pages; i++) {
		struct page p = read_page(db, i);

		if (is_used(db, i) || p.type == PAGE_FREE || is_hash_page(&p))
			continue;
		if (lost++ == 0)
			first = i;
	}
	if (lost)
		rpmdb_damage(db->run, offset_of(db, first),
			     "bdb: %u pages from page %u on belong to no record", lost, first);
	return 0;
}

static int open_meta(struct bdb *db, struct err *e)
{
	struct cur c = cur_of(str_to(db->file, META_SIZE));
	uint32_t version, last;
	uint8_t encryption, flags;

	db->big = magic_of(db->file, true) == MAGIC_HASH;
	if (!db->big && magic_of(db->file, false) != MAGIC_HASH)
		return err_set(e, ERR_UNSUPPORTED, "a b-tree, where rpm keeps a hash");
	cur_skip(&c, 16);
	version = (uint32_t)cur_uint(&c, 4, db->big);
	db->page_size = (uint32_t)cur_uint(&c, 4, db->big);
	encryption = cur_u8(&c);
	cur_skip(&c, 1);
	flags = cur_u8(&c);
	cur_skip(&c, 5);
	last = (uint32_t)cur_uint(&c, 4, db->big);
	cur_seek(&c, 72);
	db->last_bucket = (uint32_t)cur_uint(&c, 4, db->big);
	cur_skip(&c, 12);
	db->keys = (uint32_t)cur_uint(&c, 4, db->big);
	cur_skip(&c, 4);
	for (int i = 0; i < SPARES; i++)
		db->spares[i] = (uint32_t)cur_uint(&c, 4, db->big);
	if (c.bad)
		return err_set(e, ERR_TRUNCATED, "its first page is cut short");
	if (version < VERSION_MIN || version > VERSION_MAX)
		return err_set(e, ERR_UNSUPPORTED, "hash version %u", version);
	if (db->page_size < PAGE_MIN || db->page_size > PAGE_MAX ||
	    (db->page_size & (db->page_size - 1)))
		return err_set(e, ERR_FORMAT, "a page size of %u", db->page_size);
	if (encryption || flags)
		return err_set(e, ERR_UNSUPPORTED, "pages with checksums or encryption");
	db->pages = (uint32_t)(db->file.len / db->page_size);
	if (last >= db->pages)
		rpmdb_damage(db->run, (int64_t)db->file.len, "bdb: ends before its last page %u",
			     last);
	else
		db->pages = last + 1;
	return 0;
}

static int read_pages(struct bdb *db, struct err *e)
{
	uint32_t buckets = db->last_bucket;

	if (buckets >= db->pages) {
		rpmdb_damage(db->run, 72, "bdb: %u buckets in %u pages", buckets, db->pages);
		buckets = db->pages;
	}
	for (uint32_t i = 0; i <= buckets; i++)
		if (read_bucket(db, i, e) < 0)
			return -1;
	if (read_unreached(db, e) < 0)
		return -1;
	if (db->found < db->keys)
		rpmdb_damage(db->run, 88, "bdb: %u of %u records found", db->found, db->keys);
	return 0;
}

static int read_database(struct rpmdb_run *run, struct err *e)
{
	struct bdb db = {.run = run, .file = run->in->main};
	size_t map_size;
	int result = -1;

	if (open_meta(&db, e) < 0)
		return -1;
	map_size = db.pages / 8 + 1;
	if (budget_charge(run->in->budget, map_size) < 0)
		return ERR_NOMEM(e);
	buf_init(&db.body, run->in->budget, RPM_HEADER_MAX);
	db.used = mem_zero(map_size, 1);
	if (db.used)
		result = read_pages(&db, e);
	else
		ERR_NOMEM(e);
	mem_free(db.used);
	buf_done(&db.body);
	budget_release(run->in->budget, map_size);
	return result;
}

const struct rpmdb_backend rpmdb_bdb = {
	.name = "bdb",
	.probe = probe,
	.read = read_database,
};
