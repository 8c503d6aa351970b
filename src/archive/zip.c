/*
 * The directory stands at the end: an end record (found from the back, behind it only its comment),
 * with zip64 a second one before it that a locator names. Bytes in front of the archive shift all
 * offsets; the shift follows from where the directory really lies.
 */
#include "archive/zip.h"

#include <isa-l/crc.h>

#include "base/buf.h"
#include "base/cur.h"
#include "base/date.h"

enum {
	END_SIZE = 22,
	END_SEARCH = END_SIZE + 65535,
	LOCATOR_SIZE = 20,
	END64_SIZE = 56,
	DIRECTORY_HEAD = 46,
	LOCAL_HEAD = 30,
	WINDOW = 64 << 10, /* of the directory, read at once */
	VARIABLE_MAX = 3 * 65535,
	STORED = 0,
	DEFLATED = 8,
	FLAG_ENCRYPTED = 1 | 1 << 6 | 1 << 13,
};

struct zip {
	struct stream *stream;
	uint64_t size, shift;
	uint64_t at, end;     /* of the directory: what is not in the window yet */
	uint64_t count, seen; /* members */
	uint64_t claimed;     /* bytes that members seen so far take */
	struct buf window;
	size_t used; /* of the window */
	struct zip_entry entry;
	unsigned flags, method;
};

bool zip_probe(struct str head)
{
	return str_starts(head, STR("PK\3\4")) || str_starts(head, STR("PK\5\6"));
}

static int read_exactly(struct zip *z, uint64_t offset, void *bytes, size_t len, struct err *e)
{
	int64_t n = z->stream->ops->read_at(z->stream, offset, bytes, len, e);

	if (n < 0)
		return -1;
	return (size_t)n == len ? 0
				: err_set(e, ERR_TRUNCATED, "zip: ends at %llu",
					  (unsigned long long)offset + (uint64_t)n);
}

/* --- the end record ------------------------------------------------------------------------------
 */

static int read_end64(struct zip *z, uint64_t end_at, uint64_t *ret_size, uint64_t *ret_offset,
		      uint64_t *ret_at, struct err *e)
{
	uint8_t locator[LOCATOR_SIZE], bytes[END64_SIZE];
	struct cur c = cur_of(str_make(locator, sizeof(locator)));
	uint64_t at = 0;

	if (end_at < LOCATOR_SIZE + END64_SIZE)
		return 0;
	if (read_exactly(z, end_at - LOCATOR_SIZE, locator, sizeof(locator), e) < 0)
		return -1;
	if (cur_le32(&c) != 0x07064b50)
		return 0;
	cur_skip(&c, 4);
	at = cur_le64(&c);
	/* the record that the locator names; with bytes in front of the archive the one just before
	 */
	if (at > end_at - LOCATOR_SIZE - END64_SIZE)
		return err_set(e, ERR_FORMAT, "zip: the zip64 end record lies outside");
	for (int attempt = 0; attempt < 2; attempt++) {
		if (read_exactly(z, at, bytes, sizeof(bytes), e) < 0)
			return -1;
		c = cur_of(str_make(bytes, sizeof(bytes)));
		if (cur_le32(&c) == 0x06064b50)
			break;
		if (attempt)
			return err_set(e, ERR_FORMAT, "zip: the zip64 end record is missing");
		at = end_at - LOCATOR_SIZE - END64_SIZE;
	}
	cur_skip(&c, 8 + 2 + 2);
	if (cur_le32(&c) != 0 || cur_le32(&c) != 0)
		return err_set(e, ERR_UNSUPPORTED, "zip: in several volumes");
	cur_skip(&c, 8);
	z->count = cur_le64(&c);
	*ret_size = cur_le64(&c);
	*ret_offset = cur_le64(&c);
	*ret_at = at;
	return 1;
}

static int use_end(struct zip *z, struct str record, uint64_t at, struct err *e)
{
	struct cur c = cur_of(record);
	uint64_t size, offset, before = at;
	unsigned disk, start_disk;
	int r;

	cur_skip(&c, 4);
	disk = cur_le16(&c);
	start_disk = cur_le16(&c);
	cur_skip(&c, 2);
	z->count = cur_le16(&c);
	size = cur_le32(&c);
	offset = cur_le32(&c);
	r = read_end64(z, at, &size, &offset, &before, e);
	if (r < 0)
		return -1;
	if (r == 0 && (disk != 0 || start_disk != 0))
		return err_set(e, ERR_UNSUPPORTED, "zip: in several volumes");
	if (size > before || offset > before - size || z->count > size / DIRECTORY_HEAD)
		return err_set(e, ERR_FORMAT, "zip: the directory lies outside of the archive");
	z->shift = before - size - offset;
	z->at = before - size;
	z->end = before;
	return 0;
}

static int find_end(struct zip *z, struct err *e)
{
	size_t len = z->size < END_SEARCH ? (size_t)z->size : END_SEARCH;
	CLEANUP(mem_free_ptr) char *tail = mem_alloc(len);

	if (!tail)
		return ERR_NOMEM(e);
	if (read_exactly(z, z->size - len, tail, len, e) < 0)
		return -1;
	for (size_t i = len >= END_SIZE ? len - END_SIZE + 1 : 0; i-- > 0;) {
		struct cur c = cur_of(str_make(tail + i, len - i));

		if (cur_le32(&c) != 0x06054b50)
			continue;
		cur_skip(&c, 16);
		if (cur_le16(&c) == len - i - END_SIZE)
			return use_end(z, str_make(tail + i, END_SIZE), z->size - len + i, e);
	}
	return err_set(e, ERR_TRUNCATED, "zip: no end record: cut short?");
}

struct zip *zip_open(struct stream *s, uint64_t size, struct err *e)
{
	struct zip *z = mem_zero(1, sizeof(*z));

	if (!z) {
		ERR_NOMEM(e);
		return NULL;
	}
	z->stream = s;
	z->size = size;
	if (!stream_is_random(s))
		err_set(e, ERR_UNSUPPORTED, "zip: has to be read from a file");
	else if (find_end(z, e) == 0)
		return z;
	zip_close(z);
	return NULL;
}

void zip_close(struct zip *z)
{
	if (!z)
		return;
	buf_done(&z->window);
	mem_free(z);
}

uint64_t zip_count(const struct zip *z)
{
	return z->count;
}

/* --- the directory -------------------------------------------------------------------------------
 */

/* `need` unread bytes in the window. */
static int fill(struct zip *z, size_t need, struct err *e)
{
	size_t have = z->window.len - z->used, more;

	if (have >= need)
		return 0;
	if (have)
		memmove(z->window.data, z->window.data + z->used, have);
	z->window.len = have;
	z->used = 0;
	more = need - have > WINDOW ? need - have : WINDOW;
	if (more > z->end - z->at)
		more = (size_t)(z->end - z->at);
	if (have + more < need)
		return err_set(e, ERR_FORMAT, "zip: the directory is cut short");
	if (!buf_reserve(&z->window, more))
		return ERR_NOMEM(e);
	if (read_exactly(z, z->at, z->window.data + have, more, e) < 0)
		return -1;
	buf_used(&z->window, more);
	z->at += more;
	return 0;
}

static int64_t dos_time(unsigned time, unsigned date)
{
	char text[40];
	int64_t seconds = 0;

	snprintf(text, sizeof(text), "%04u-%02u-%02uT%02u:%02u:%02uZ", 1980 + (date >> 9),
		 date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2);
	return date_parse(str_of(text), &seconds) ? seconds : 0;
}

/* Sizes and offset of more than 32 bits stand in an extra field, those that are all ones. */
static bool apply_zip64(struct zip_entry *entry, struct str extra)
{
	struct cur c = cur_of(extra);

	while (!c.bad && cur_left(&c) >= 4) {
		unsigned id = cur_le16(&c);
		struct cur field = cur_of(cur_take(&c, cur_le16(&c)));

		if (c.bad)
			return true; /* junk behind the last field is common */
		if (id != 1)
			continue;
		if (entry->size == UINT32_MAX)
			entry->size = cur_le64(&field);
		if (entry->packed_size == UINT32_MAX)
			entry->packed_size = cur_le64(&field);
		if (entry->offset == UINT32_MAX)
			entry->offset = cur_le64(&field);
		return !field.bad;
	}
	return true;
}

static int parse_entry(struct zip *z, struct err *e)
{
	struct cur c = cur_of(str_make(z->window.data + z->used, DIRECTORY_HEAD));
	struct zip_entry entry = {0};
	unsigned time, name, extra, comment;
	struct str rest;

	if (cur_le32(&c) != 0x02014b50)
		return err_set(e, ERR_FORMAT, "zip: member %llu: malformed directory",
			       (unsigned long long)z->seen);
	cur_skip(&c, 4);
	z->flags = cur_le16(&c);
	z->method = cur_le16(&c);
	time = cur_le16(&c);
	entry.time = dos_time(time, cur_le16(&c));
	entry.crc = cur_le32(&c);
	entry.packed_size = cur_le32(&c);
	entry.size = cur_le32(&c);
	name = cur_le16(&c);
	extra = cur_le16(&c);
	comment = cur_le16(&c);
	cur_skip(&c, 8);
	entry.offset = cur_le32(&c);
	if (fill(z, DIRECTORY_HEAD + (size_t)name + extra + comment, e) < 0)
		return -1;
	rest = str_make(z->window.data + z->used + DIRECTORY_HEAD, (size_t)name + extra);
	entry.name = str_to(rest, name);
	entry.folder = str_ends(entry.name, STR("/"));
	if (!apply_zip64(&entry, str_from(rest, name)))
		return err_set(e, ERR_FORMAT, "zip: '%.*s': malformed zip64 sizes",
			       STR_ARG(entry.name));
	z->used += DIRECTORY_HEAD + (size_t)name + extra + comment;
	z->entry = entry;
	return 0;
}

/* Members lie side by side: together they are not larger than the archive. */
static int claim(struct zip *z, struct err *e)
{
	const struct zip_entry *entry = &z->entry;
	uint64_t before = z->end - z->shift; /* a bound for offsets and sizes alike */

	if (entry->offset > before || entry->packed_size > before - entry->offset)
		return err_set(e, ERR_FORMAT, "zip: '%.*s' lies outside of the archive",
			       STR_ARG(entry->name));
	z->claimed += entry->packed_size + LOCAL_HEAD + entry->name.len;
	if (z->claimed > z->size)
		return err_set(e, ERR_FORMAT, "zip: '%.*s' lies in the bytes of another member",
			       STR_ARG(entry->name));
	return 0;
}

int zip_next(struct zip *z, struct zip_entry *ret, struct err *e)
{
	if (z->seen == z->count) {
		if (z->used == z->window.len && z->at == z->end)
			return 0;
		return err_set(e, ERR_FORMAT,
			       "zip: the directory has more members than its end record says");
	}
	if (fill(z, DIRECTORY_HEAD, e) < 0 || parse_entry(z, e) < 0 || claim(z, e) < 0)
		return -1;
	z->seen++;
	*ret = z->entry;
	return 1;
}

/* --- members -------------------------------------------------------------------------------------
 */

/* The packed bytes of a member. */
struct packed {
	struct stream stream;
	struct zip *zip;
	uint64_t at, end;
	char chunk[WINDOW];
};

static int packed_next(struct stream *s, struct str *ret_chunk, struct err *e)
{
	struct packed *p = (struct packed *)s;
	size_t n = p->end - p->at < sizeof(p->chunk) ? (size_t)(p->end - p->at) : sizeof(p->chunk);

	if (n == 0)
		return 0;
	if (read_exactly(p->zip, p->at, p->chunk, n, e) < 0)
		return -1;
	p->at += n;
	*ret_chunk = str_make(p->chunk, n);
	return 1;
}

static void packed_close(struct stream *s)
{
	mem_free(s);
}

static const struct stream_ops packed_ops = {
	.name = "zip member", .next = packed_next, .close = packed_close};

/* The unpacked bytes, counted and checked at their end. */
struct checked {
	struct stream stream;
	struct stream *below;
	uint64_t size, seen;
	uint32_t crc, expected;
};

static int checked_next(struct stream *s, struct str *ret_chunk, struct err *e)
{
	struct checked *c = (struct checked *)s;
	int r = stream_next(c->below, ret_chunk, e);

	if (r < 0)
		return -1;
	if (r > 0) {
		c->seen += ret_chunk->len;
		c->crc = crc32_gzip_refl(c->crc, (const uint8_t *)ret_chunk->data, ret_chunk->len);
		return c->seen > c->size
			       ? err_set(e, ERR_FORMAT, "zip: a member is longer than it says")
			       : 1;
	}
	if (c->seen != c->size)
		return err_set(e, ERR_TRUNCATED, "zip: a member is %llu bytes short",
			       (unsigned long long)(c->size - c->seen));
	if (c->crc != c->expected)
		return err_set(e, ERR_DIGEST, "zip: a member differs from its checksum");
	return 0;
}

static void checked_close(struct stream *s)
{
	struct checked *c = (struct checked *)s;

	stream_close(c->below);
	mem_free(c);
}

static const struct stream_ops checked_ops = {
	.name = "zip member", .next = checked_next, .close = checked_close};

/* Where the bytes of the member begin: behind its local header, which has to agree. */
static int find_body(struct zip *z, uint64_t *ret, struct err *e)
{
	const struct zip_entry *entry = &z->entry;
	uint64_t at = z->shift + entry->offset;
	uint8_t head[LOCAL_HEAD];
	CLEANUP(mem_free_ptr) char *name = mem_alloc(entry->name.len);
	struct cur c = cur_of(str_make(head, sizeof(head)));
	unsigned method, name_len, extra_len;

	if (!name)
		return ERR_NOMEM(e);
	if (read_exactly(z, at, head, sizeof(head), e) < 0 ||
	    read_exactly(z, at + LOCAL_HEAD, name, entry->name.len, e) < 0)
		return -1;
	c.bad = cur_le32(&c) != 0x04034b50;
	cur_seek(&c, 8);
	method = cur_le16(&c);
	cur_seek(&c, 26);
	name_len = cur_le16(&c);
	extra_len = cur_le16(&c);
	if (c.bad || method != z->method || name_len != entry->name.len ||
	    memcmp(name, entry->name.data, name_len) != 0)
		return err_set(e, ERR_FORMAT,
			       "zip: '%.*s': the header at %llu and the directory differ",
			       STR_ARG(entry->name), (unsigned long long)at);
	at += LOCAL_HEAD + (uint64_t)name_len + extra_len;
	if (at > z->end || entry->packed_size > z->end - at)
		return err_set(e, ERR_FORMAT, "zip: '%.*s' lies outside of the archive",
			       STR_ARG(entry->name));
	*ret = at;
	return 0;
}

static struct stream *open_packed(struct zip *z, uint64_t at, struct err *e)
{
	struct packed *p = mem_alloc(sizeof(*p));

	if (!p) {
		ERR_NOMEM(e);
		return NULL;
	}
	stream_init(&p->stream, &packed_ops, 1);
	p->zip = z;
	p->at = at;
	p->end = at + z->entry.packed_size;
	return &p->stream;
}

struct stream *zip_member(struct zip *z, struct err *e)
{
	struct stream *below;
	struct checked *c;
	uint64_t at = 0;

	if (z->flags & FLAG_ENCRYPTED || (z->method != STORED && z->method != DEFLATED)) {
		err_set(e, ERR_UNSUPPORTED, "zip: '%.*s' is %s", STR_ARG(z->entry.name),
			z->flags & FLAG_ENCRYPTED ? "encrypted" : "packed by an unknown method");
		return NULL;
	}
	if (find_body(z, &at, e) < 0)
		return NULL;
	below = open_packed(z, at, e);
	if (below && z->method == DEFLATED)
		below = stream_open_inflate(below, NULL, e);
	c = below ? mem_zero(1, sizeof(*c)) : NULL;
	if (!c) {
		if (below)
			ERR_NOMEM(e);
		stream_close(below);
		return NULL;
	}
	stream_init(&c->stream, &checked_ops, 1);
	c->below = below;
	c->size = z->entry.size;
	c->expected = z->entry.crc;
	return &c->stream;
}
