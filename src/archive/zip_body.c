/* Bodies of zip entries: whole, or as a stream of range, inflate and check. */
#include "archive/zip_parts.h"

enum { RANGE_CHUNK = 64 << 10, LOCAL_SLACK = 256 };

/* Counts what is about to be unpacked. */
static int zip_charge(struct zip *z, uint64_t bytes, struct err *e)
{
	uint64_t max;

	z->unpacked += bytes;
	if (z->unpacked <= z->options.grace ||
	    __builtin_mul_overflow(z->source.size, z->options.ratio, &max) || z->unpacked <= max)
		return 0;
	return err_set(e, ERR_LIMIT, "zip: %llu bytes inflate to more than %u times as much",
		       (unsigned long long)z->source.size, z->options.ratio);
}

/* What can be said before anything is read. */
static int zip_check_entry(const struct zip_entry *entry, struct err *e)
{
	if (entry->encrypted)
		return err_set(e, ERR_UNSUPPORTED, "zip: the entry is encrypted");
	if (entry->method != ZIP_STORED && entry->method != ZIP_DEFLATED)
		return err_set(e, ERR_UNSUPPORTED, "zip: unknown method %u", entry->method);
	if (entry->method == ZIP_STORED && entry->packed != entry->size)
		return err_set(e, ERR_FORMAT, "zip: a stored entry of two sizes");
	return 0;
}

static int report_local(struct zip *z, const struct zip_entry *entry, const char *what,
			struct err *e)
{
	struct diag_place place = {z->options.layer, z->options.path, (int64_t)entry->offset};

	if (z->options.strict)
		return err_set(e, ERR_FORMAT, "zip: an entry has another %s than in the directory",
			       what);
	diag_add(z->options.diags, DIAG_ambiguous_archive, place,
		 "entry '%.*s' has another %s in its own header than in the directory",
		 STR_ARG(entry->name), what);
	return 0;
}

/* What a reader that goes by local headers would take differently; NULL: nothing. */
static const char *local_difference(const struct zip_entry *entry, struct cur c, struct str name)
{
	unsigned flags, method;
	uint32_t crc, packed, size;

	cur_seek(&c, 6);
	flags = cur_le16(&c);
	method = cur_le16(&c);
	cur_skip(&c, 4);
	crc = cur_le32(&c);
	packed = cur_le32(&c);
	size = cur_le32(&c);
	if (!str_eq(name, entry->name))
		return "name";
	if (method != entry->method || (flags ^ entry->flags) & FLAG_ENCRYPTED)
		return "method";
	/* a descriptor behind the body, or zip64: the header does not say */
	if (flags & FLAG_DESCRIPTOR)
		return NULL;
	if (crc != entry->crc || (packed != UINT32_MAX && packed != entry->packed) ||
	    (size != UINT32_MAX && size != entry->size))
		return "size or checksum";
	return NULL;
}

/* `head` starts at the local header and holds as much as the directory's name needs: its length. */
static int64_t local_length(struct zip *z, const struct zip_entry *entry, struct str head,
			    struct err *e)
{
	struct cur c = cur_of(head);
	size_t name_len, extra_len;
	const char *what;

	if (!str_eq(cur_take(&c, 4), STR("PK\3\4")))
		return err_set(e, ERR_FORMAT, "zip: no header at byte %llu",
			       (unsigned long long)entry->offset);
	cur_seek(&c, 26);
	name_len = cur_le16(&c);
	extra_len = cur_le16(&c);
	what = local_difference(entry, c, str_sub(head, ZIP_LOCAL, ZIP_LOCAL + name_len));
	if (what && report_local(z, entry, what, e) < 0)
		return -1;
	return (int64_t)(ZIP_LOCAL + name_len + extra_len);
}

/*
 * Reads the local header and `body` bytes behind it, most often at once, into z->packed; gives
 * where the body begins there.
 */
static int64_t read_local(struct zip *z, const struct zip_entry *entry, uint64_t body,
			  struct err *e)
{
	uint64_t left = entry->offset < z->source.size ? z->source.size - entry->offset : 0;
	uint64_t want = ZIP_LOCAL + entry->name.len + LOCAL_SLACK + body;
	size_t have = want < left ? (size_t)want : (size_t)left;
	int64_t len;
	char *at;

	if (have < ZIP_LOCAL + entry->name.len)
		return err_set(e, ERR_TRUNCATED, "zip: cut short in an entry at byte %llu",
			       (unsigned long long)entry->offset);
	buf_clear(&z->packed);
	at = buf_reserve(&z->packed, have);
	if (!at)
		return ERR_NOMEM(e);
	if (zip_read_exactly(z, entry->offset, at, have, e) < 0)
		return -1;
	buf_used(&z->packed, have);
	len = local_length(z, entry, buf_str(&z->packed), e);
	if (len < 0 || (uint64_t)len + body <= have)
		return len;
	/* a long extra field, of the header alone */
	at = buf_reserve(&z->packed, (size_t)((uint64_t)len + body) - have);
	if (!at)
		return ERR_NOMEM(e);
	if (zip_read_exactly(z, entry->offset + have, at, (size_t)((uint64_t)len + body) - have,
			     e) < 0)
		return -1;
	return len;
}

static int check_sizes(const struct zip_entry *entry, size_t max, struct err *e)
{
	if (entry->size > max)
		return err_set(e, ERR_LIMIT, "zip: an entry of %llu bytes",
			       (unsigned long long)entry->size);
	/* deflate adds a thousandth at worst; empty blocks could go on for ever */
	if (entry->packed > (uint64_t)max + max / 8 + 1024)
		return err_set(e, ERR_LIMIT, "zip: a packed entry of %llu bytes",
			       (unsigned long long)entry->packed);
	return 0;
}

static int unpack(struct zip *z, const struct zip_entry *entry, struct str packed, char *out,
		  struct err *e)
{
	size_t size = (size_t)entry->size;

	if (entry->method == ZIP_STORED) {
		if (size)
			memcpy(out, packed.data, size);
	} else {
		if (!z->inflater)
			z->inflater = inflater_new(e);
		if (!z->inflater || inflater_run(z->inflater, packed, out, size, e) < 0)
			return -1;
	}
	if (crc32_add(0, str_make(out, size)) != entry->crc)
		return err_set(e, ERR_FORMAT, "zip: the checksum of an entry differs");
	return 0;
}

int zip_read(struct zip *z, const struct zip_entry *entry, size_t max, struct buf *to,
	     struct err *e)
{
	int64_t begin;
	char *out;

	buf_clear(to);
	if (zip_check_entry(entry, e) < 0 || check_sizes(entry, max, e) < 0 ||
	    zip_charge(z, entry->size, e) < 0)
		return -1;
	begin = read_local(z, entry, entry->packed, e);
	if (begin < 0)
		return -1;
	out = buf_reserve(to, (size_t)entry->size);
	if (!out)
		return ERR_NOMEM(e);
	if (unpack(z, entry, str_make(z->packed.data + begin, (size_t)entry->packed), out, e) < 0)
		return -1;
	buf_used(to, (size_t)entry->size);
	return 0;
}

/* --- as a stream: range, inflate, check ----------------------------------------------------------
 */

struct range_stream {
	struct stream stream;
	struct zip *zip;
	uint64_t at, end;
	char chunk[RANGE_CHUNK];
};

static int range_next(struct stream *s, struct str *ret_chunk, struct err *e)
{
	struct range_stream *r = (struct range_stream *)s;
	uint64_t left = r->end - r->at;
	size_t len = left < RANGE_CHUNK ? (size_t)left : RANGE_CHUNK;

	if (!len)
		return 0;
	if (zip_read_exactly(r->zip, r->at, r->chunk, len, e) < 0)
		return -1;
	r->at += len;
	*ret_chunk = str_make(r->chunk, len);
	return 1;
}

static void range_close(struct stream *s)
{
	budget_release(((struct range_stream *)s)->zip->options.budget,
		       sizeof(struct range_stream));
	mem_free(s);
}

static const struct stream_ops range_ops = {
	.name = "zip range",
	.next = range_next,
	.close = range_close,
};

static struct stream *open_range(struct zip *z, uint64_t at, uint64_t len, struct err *e)
{
	struct range_stream *r;

	if (budget_charge(z->options.budget, sizeof(*r)) < 0) {
		ERR_NOMEM(e);
		return NULL;
	}
	r = mem_alloc(sizeof(*r));
	if (!r) {
		budget_release(z->options.budget, sizeof(*r));
		ERR_NOMEM(e);
		return NULL;
	}
	stream_init(&r->stream, &range_ops, 1);
	r->zip = z;
	r->at = at;
	r->end = at + len;
	return &r->stream;
}

struct check_stream {
	struct stream stream;
	struct stream *below;
	struct zip *zip;
	uint64_t left;
	uint32_t crc, expected;
};

static int check_next(struct stream *s, struct str *ret_chunk, struct err *e)
{
	struct check_stream *c = (struct check_stream *)s;
	int r = stream_next(c->below, ret_chunk, e);

	if (r < 0)
		return -1;
	if (r == 0 && c->left)
		return err_set(e, ERR_FORMAT, "zip: an entry is shorter than its directory says");
	if (r == 0 && c->crc != c->expected)
		return err_set(e, ERR_FORMAT, "zip: the checksum of an entry differs");
	if (r == 0)
		return 0;
	if (ret_chunk->len > c->left)
		return err_set(e, ERR_FORMAT, "zip: an entry is longer than its directory says");
	c->left -= ret_chunk->len;
	c->crc = crc32_add(c->crc, *ret_chunk);
	return zip_charge(c->zip, ret_chunk->len, e) < 0 ? -1 : 1;
}

static void check_close(struct stream *s)
{
	stream_close(((struct check_stream *)s)->below);
	mem_free(s);
}

static const struct stream_ops check_ops = {
	.name = "zip",
	.next = check_next,
	.close = check_close,
};

static struct stream *open_check(struct zip *z, const struct zip_entry *entry, struct stream *below,
				 struct err *e)
{
	struct check_stream *c = mem_zero(1, sizeof(*c));

	if (!c) {
		stream_close(below);
		ERR_NOMEM(e);
		return NULL;
	}
	stream_init(&c->stream, &check_ops, below->ring);
	c->below = below;
	c->zip = z;
	c->left = entry->size;
	c->expected = entry->crc;
	return &c->stream;
}

struct stream *zip_open_body(struct zip *z, const struct zip_entry *entry, struct err *e)
{
	struct stream *s;
	int64_t begin;

	if (zip_check_entry(entry, e) < 0)
		return NULL;
	begin = read_local(z, entry, 0, e);
	if (begin < 0)
		return NULL;
	if (entry->packed > z->source.size) {
		err_set(e, ERR_TRUNCATED, "zip: an entry of %llu bytes in a file of %llu",
			(unsigned long long)entry->packed, (unsigned long long)z->source.size);
		return NULL;
	}
	s = open_range(z, entry->offset + (uint64_t)begin, entry->packed, e);
	if (s && entry->method == ZIP_DEFLATED)
		s = stream_open_inflate(s, z->options.budget, e);
	return s ? open_check(z, entry, s, e) : NULL;
}
