/*
 * The reader of partition files (format.h, docs/formats/database.md). All of it may be hostile or
 * damaged: the footer names the tail, the tail is read whole and checked against its digest, and a
 * block is checked against the tail before it is unpacked. What a length says is believed only when
 * the bytes are there.
 */
#include "advisory/partition.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

#include "advisory/writer.h"

/* Decoded records cost up to 48 times their bytes; this answers a block made to cost the most. */
enum { RECORDS_MAX = 256 << 20 };

static int bad(const struct partition *p, struct err *e, const char *what)
{
	return err_set(e, ERR_FORMAT, "%.*s: %s", PARTITION_ARG(p), what);
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

struct partition *partition_new(struct budget *budget)
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
	struct partition *p = partition_new(budget);

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
	return err_set(e, code, "%.*s: block at %llu: %s", PARTITION_ARG(p),
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
		return err_wrap(e, "%.*s", PARTITION_ARG(p));
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
			       PARTITION_ARG(p));
	if (row->size != p->size || memcmp(row->root, p->root, 32) != 0)
		return err_set(e, ERR_DIGEST, "%.*s: another file than the index names",
			       PARTITION_ARG(p));
	memcpy(p->digest, row->digest.data, row->digest.len);
	p->feeds = row->feeds;
	p->feed_count = row->feed_count;
	return 0;
}
