/*
 * The writer of partition files. Where a block ends is decided by the key that would follow: it
 * opens a new one when its hash is below a threshold that grows with the size of its records, so
 * that blocks have BLOCK_TARGET bytes on average and a changed record changes its own block and no
 * other.
 */
#include "advisory/writer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

#include "base/fault.h"

enum {
	BLOCK_TARGET = 8 << 10, /* mean size of a block, unpacked */
	BLOCK_LONG =
		4 *
		BLOCK_TARGET, /* from here a block may end inside a key, by its records' hashes */
	BLOCK_HARD = 32 * BLOCK_TARGET, /* and here it does */
	FILTER_BITS = 12,		/* a key: about 0.4 % false positives */
	ZSTD_LEVEL = 12,
	WRITE_ROOM = 256 << 10,
};

struct partition_writer {
	int fd;
	struct arena arena; /* facts, words */
	struct partition_facts facts;
	struct words words;
	ZSTD_CCtx *zstd;
	struct hasher *file;  /* of all bytes so far */
	struct hasher *block; /* for one block or the tail */
	struct buf out;	      /* not written yet */
	uint64_t offset;      /* of the file, with `out` */
	struct buf raw;	      /* the block that grows */
	struct buf entry;     /* records of the key that grows */
	struct buf packed;
	size_t entry_records;
	struct buf key;	      /* of the entry */
	struct buf previous;  /* key of the last entry of the block, "" none */
	struct buf block_key; /* first of the block */
	struct buf index_key; /* first of the block before */
	struct buf index;     /* rows of the tail */
	uint64_t blocks, records;
	VEC(uint64_t) hashes; /* of the keys, for the filter */
};

int file_write_all(int fd, struct str bytes, struct err *e)
{
	while (bytes.len) {
		ssize_t n = fault_hit(FAULT_WRITE) ? (errno = ENOSPC, -1)
						   : write(fd, bytes.data, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(e, errno, "cannot write");
		bytes = str_from(bytes, (size_t)n);
	}
	return 0;
}

int file_read_at(int fd, void *bytes, size_t len, uint64_t offset, struct err *e)
{
	char *p = bytes;

	while (len) {
		ssize_t n = fault_hit(FAULT_READ) ? (errno = EIO, -1)
						  : pread(fd, p, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(e, errno, "cannot read at %llu",
					     (unsigned long long)offset);
		if (n == 0)
			return err_set(e, ERR_TRUNCATED, "ends at %llu, %zu bytes early",
				       (unsigned long long)offset, len);
		p += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static int flush(struct partition_writer *w, struct err *e)
{
	if (file_write_all(w->fd, buf_str(&w->out), e) < 0)
		return -1;
	buf_clear(&w->out);
	return 0;
}

static int emit(struct partition_writer *w, struct str bytes, struct err *e)
{
	hasher_add(w->file, bytes);
	buf_add(&w->out, bytes);
	w->offset += bytes.len;
	if (buf_failed(&w->out))
		return ERR_NOMEM(e);
	return w->out.len >= WRITE_ROOM ? flush(w, e) : 0;
}

static int keep_facts(struct partition_writer *w, const struct partition_facts *facts)
{
	w->facts = *facts;
	w->facts.name = arena_str(&w->arena, facts->name);
	w->facts.comparator = arena_str(&w->arena, facts->comparator);
	w->facts.feeds = arena_alloc_array(&w->arena, facts->feed_count + 1, sizeof(struct str));
	if (!w->facts.name.data || !w->facts.comparator.data || !w->facts.feeds)
		return -1;
	for (size_t i = 0; i < facts->feed_count; i++) {
		w->facts.feeds[i] = arena_str(&w->arena, facts->feeds[i]);
		if (!w->facts.feeds[i].data)
			return -1;
	}
	return 0;
}

static int set_up(struct partition_writer *w, const struct partition_facts *facts, struct err *e)
{
	struct buf header = BUF_INIT;
	int r;

	w->zstd = ZSTD_createCCtx();
	w->file = hasher_new(DIGEST_SHA256, e);
	w->block = w->file ? hasher_new(DIGEST_SHA256, e) : NULL;
	if (!w->block)
		return -1;
	if (!w->zstd || keep_facts(w, facts) < 0)
		return ERR_NOMEM(e);
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_contentSizeFlag, 0);
	words_init(&w->words, &w->arena);
	buf_add(&header, str_make(partition_magic, sizeof(partition_magic)));
	buf_add_u32(&header, PARTITION_VERSION);
	buf_add_u32(&header, 0);
	r = buf_failed(&header) ? ERR_NOMEM(e) : emit(w, buf_str(&header), e);
	buf_done(&header);
	return r;
}

int partition_writer_open(int fd, const struct partition_facts *facts,
			  struct partition_writer **ret, struct err *e)
{
	struct partition_writer *w = mem_zero(1, sizeof(*w));

	if (!w)
		return ERR_NOMEM(e);
	w->fd = fd;
	if (set_up(w, facts, e) < 0) {
		partition_writer_close(w);
		return -1;
	}
	*ret = w;
	return 0;
}

void partition_writer_close(struct partition_writer *w)
{
	if (!w)
		return;
	ZSTD_freeCCtx(w->zstd);
	hasher_free(w->file);
	hasher_free(w->block);
	words_done(&w->words);
	vec_done(&w->hashes);
	buf_done(&w->out);
	buf_done(&w->raw);
	buf_done(&w->entry);
	buf_done(&w->packed);
	buf_done(&w->key);
	buf_done(&w->previous);
	buf_done(&w->block_key);
	buf_done(&w->index_key);
	buf_done(&w->index);
	arena_done(&w->arena);
	mem_free(w);
}

struct words *partition_writer_words(struct partition_writer *w)
{
	return &w->words;
}

/* A key as what it shares with the one before and the rest of it. */
static void put_key(struct buf *b, struct str before, struct str key)
{
	size_t shared = 0, most = before.len < key.len ? before.len : key.len;

	while (shared < most && before.data[shared] == key.data[shared])
		shared++;
	buf_add_varint(b, shared);
	put_str(b, str_from(key, shared));
}

static void set_key(struct buf *b, struct str key)
{
	buf_clear(b);
	buf_add(b, key);
}

static bool out_of_memory(const struct partition_writer *w)
{
	return buf_failed(&w->raw) || buf_failed(&w->entry) || buf_failed(&w->key) ||
	       buf_failed(&w->previous) || buf_failed(&w->block_key) || buf_failed(&w->index_key) ||
	       buf_failed(&w->index);
}

/* The records of one key gathered so far become an entry of the block. */
static void end_entry(struct partition_writer *w)
{
	if (w->entry_records == 0)
		return;
	put_key(&w->raw, buf_str(&w->previous), buf_str(&w->key));
	buf_add_varint(&w->raw, w->entry_records);
	put_str(&w->raw, buf_str(&w->entry));
	set_key(&w->previous, buf_str(&w->key));
	w->entry_records = 0;
	buf_clear(&w->entry);
}

static int compress(struct partition_writer *w, struct err *e)
{
	size_t room = ZSTD_compressBound(w->raw.len), n;

	buf_clear(&w->packed);
	if (!buf_reserve(&w->packed, room))
		return ERR_NOMEM(e);
	n = ZSTD_compress2(w->zstd, w->packed.data, room, w->raw.data, w->raw.len);
	if (ZSTD_isError(n))
		return err_set(e, ERR_INTERNAL, "zstd: %s", ZSTD_getErrorName(n));
	buf_used(&w->packed, n);
	return 0;
}

static int end_block(struct partition_writer *w, struct err *e)
{
	struct digest digest;

	end_entry(w);
	if (out_of_memory(w))
		return ERR_NOMEM(e);
	if (w->raw.len == 0)
		return 0;
	if (compress(w, e) < 0)
		return -1;
	hasher_add(w->block, buf_str(&w->packed));
	if (hasher_end(w->block, &digest, e) < 0)
		return -1;
	put_key(&w->index, buf_str(&w->index_key), buf_str(&w->block_key));
	buf_add_varint(&w->index, w->packed.len);
	buf_add_varint(&w->index, w->raw.len);
	buf_add(&w->index, str_make(digest.bytes, PARTITION_CHECKSUM));
	set_key(&w->index_key, buf_str(&w->block_key));
	buf_clear(&w->previous);
	w->blocks++;
	buf_clear(&w->raw);
	return emit(w, buf_str(&w->packed), e);
}

/* Whether a key with so many bytes of records opens a block. */
static bool opens_block(struct str key, uint64_t bytes)
{
	uint64_t step = 16;

	/* in powers of two, so that a record may grow a little without moving a boundary */
	while (step < bytes)
		step *= 2;
	return step >= BLOCK_TARGET || key_hash(key) < UINT64_MAX / BLOCK_TARGET * step;
}

static bool ends_inside(const struct partition_writer *w, struct str record)
{
	size_t len = w->raw.len + w->entry.len;

	return len >= BLOCK_HARD || (len >= BLOCK_LONG && key_hash(record) % 8 == 0);
}

static int begin_key(struct partition_writer *w, struct str key, uint64_t bytes, struct err *e)
{
	uint64_t *hash = vec_push(&w->hashes);

	end_entry(w);
	if (opens_block(key, bytes) && end_block(w, e) < 0)
		return -1;
	set_key(&w->key, key);
	if (w->raw.len == 0)
		set_key(&w->block_key, key);
	if (!hash || out_of_memory(w))
		return ERR_NOMEM(e);
	*hash = key_hash(key);
	return 0;
}

int partition_writer_add(struct partition_writer *w, struct str key, const struct str *records,
			 size_t count, struct err *e)
{
	uint64_t bytes = key.len;

	if (key.len > PARTITION_KEY_MAX)
		return err_set(e, ERR_LIMIT, "a key of %zu bytes", key.len);
	if (w->hashes.count && str_cmp(buf_str(&w->key), key) >= 0)
		return err_set(e, ERR_INTERNAL, "keys out of order");
	for (size_t i = 0; i < count; i++)
		bytes += records[i].len;
	if (begin_key(w, key, bytes, e) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (records[i].len > PARTITION_RECORD_MAX)
			return err_set(e, ERR_LIMIT, "a record of %zu bytes", records[i].len);
		if (i && ends_inside(w, records[i])) {
			if (end_block(w, e) < 0)
				return -1;
			set_key(&w->block_key, key);
		}
		buf_add(&w->entry, records[i]);
		w->entry_records++;
		w->records++;
	}
	return out_of_memory(w) ? ERR_NOMEM(e) : 0;
}

static void put_filter(struct partition_writer *w, struct buf *tail)
{
	size_t units = (w->hashes.count * FILTER_BITS + 255) / 256;
	char *filter;

	buf_add_varint(tail, units);
	filter = buf_reserve(tail, units * PARTITION_FILTER_UNIT);
	if (!filter)
		return;
	memset(filter, 0, units * PARTITION_FILTER_UNIT);
	for (size_t i = 0; i < w->hashes.count; i++)
		filter_add((uint8_t *)filter, units, w->hashes.items[i]);
	buf_used(tail, units * PARTITION_FILTER_UNIT);
}

static void put_tail(struct partition_writer *w, struct buf *tail)
{
	put_str(tail, w->facts.name);
	put_str(tail, w->facts.comparator);
	buf_add_varint(tail, w->records);
	buf_add_varint(tail, w->hashes.count);
	buf_add_varint(tail, w->facts.feed_count);
	for (size_t i = 0; i < w->facts.feed_count; i++)
		put_str(tail, w->facts.feeds[i]);
	buf_add_varint(tail, w->words.list.count);
	for (size_t i = 0; i < w->words.list.count; i++)
		put_str(tail, w->words.list.items[i]);
	put_filter(w, tail);
	buf_add_varint(tail, w->blocks);
	buf_add(tail, buf_str(&w->index));
}

static int write_tail(struct partition_writer *w, struct partition_result *r, struct err *e)
{
	CLEANUP(buf_done) struct buf tail = BUF_INIT;
	CLEANUP(buf_done) struct buf footer = BUF_INIT;

	put_tail(w, &tail);
	if (buf_failed(&tail))
		return ERR_NOMEM(e);
	if (tail.len > PARTITION_TAIL_MAX)
		return err_set(e, ERR_LIMIT, "too many keys for one partition");
	hasher_add(w->block, buf_str(&tail));
	if (hasher_end(w->block, &r->root, e) < 0)
		return -1;
	buf_add_u64(&footer, w->offset);
	buf_add_u64(&footer, tail.len);
	buf_add(&footer, str_make(r->root.bytes, 32));
	buf_add_u32(&footer, PARTITION_VERSION);
	buf_add_u32(&footer, 0);
	buf_add(&footer, str_make(partition_magic, sizeof(partition_magic)));
	if (buf_failed(&footer))
		return ERR_NOMEM(e);
	return emit(w, buf_str(&tail), e) < 0 || emit(w, buf_str(&footer), e) < 0 ? -1 : 0;
}

int partition_writer_end(struct partition_writer *w, struct partition_result *ret, struct err *e)
{
	struct partition_result r = {0};

	if (end_block(w, e) < 0 || write_tail(w, &r, e) < 0 || flush(w, e) < 0 ||
	    hasher_end(w->file, &r.digest, e) < 0)
		return -1;
	r.size = w->offset;
	r.records = w->records;
	r.keys = w->hashes.count;
	r.blocks = w->blocks;
	*ret = r;
	return 0;
}
