/*
 * Where a zip's directory is (APPNOTE 4.3.6, 4.3.14-16): the end record is looked for backwards
 * from the end of the file, and points to the directory, over the zip64 records where its own
 * fields are too small. Bytes before the archive (a start script, a program) shift all offsets: how
 * far is seen from the place of the end record.
 */
#include "archive/zip_parts.h"

enum { SEARCH = ZIP_END + 65535 };

#define SIGNATURE_END	  "PK\5\6"
#define SIGNATURE_END64	  "PK\6\6"
#define SIGNATURE_LOCATOR "PK\6\7"
#define SIGNATURE_CENTRAL "PK\1\2"

int zip_read_exactly(struct zip *z, uint64_t offset, void *buf, size_t len, struct err *e)
{
	int64_t n = 0;

	if (offset <= z->source.size && len <= z->source.size - offset)
		n = z->source.read_at(z->source.context, offset, buf, len, e);
	if (n < 0)
		return -1;
	if ((size_t)n < len)
		return err_set(e, ERR_TRUNCATED, "zip: cut short at byte %llu",
			       (unsigned long long)(offset + (uint64_t)n));
	return 0;
}

/*
 * The last end record whose comment reaches exactly to the end of the tail; else the last one at
 * all, as Python takes it. -1: none.
 */
static ptrdiff_t find_end(struct str tail)
{
	ptrdiff_t last = -1;

	for (size_t i = tail.len; i-- > 0;) {
		struct str record = str_from(tail, i);
		size_t comment;

		if (record.len < ZIP_END || !str_starts(record, STR(SIGNATURE_END)))
			continue;
		comment = (uint8_t)record.data[20] | (size_t)(uint8_t)record.data[21] << 8;
		if (record.len == ZIP_END + comment)
			return (ptrdiff_t)i;
		if (last < 0)
			last = (ptrdiff_t)i;
	}
	return last;
}

struct end {
	uint64_t at; /* of the record that ends the directory: the end record, or the zip64 one */
	uint64_t count, size, offset;
	bool wide;
};

static int parse_end(struct str record, struct end *ret, struct err *e)
{
	struct cur c = cur_of(record);
	unsigned disk, directory_disk, count_here;

	cur_skip(&c, 4);
	disk = cur_le16(&c);
	directory_disk = cur_le16(&c);
	count_here = cur_le16(&c);
	ret->count = cur_le16(&c);
	ret->size = cur_le32(&c);
	ret->offset = cur_le32(&c);
	if ((disk != 0 && disk != UINT16_MAX) ||
	    (directory_disk != 0 && directory_disk != UINT16_MAX) || count_here != ret->count)
		return err_set(e, ERR_UNSUPPORTED, "zip: an archive in several parts");
	return 0;
}

/* 1 when there is a zip64 record, 0 none. The one a locator names, or the one right before it. */
static int read_end64(struct zip *z, struct end *end, struct err *e)
{
	char locator[ZIP_LOCATOR], record[ZIP_END64];
	uint64_t at, here, places[2];
	struct cur c;

	if (end->at < ZIP_LOCATOR + ZIP_END64)
		return 0;
	at = end->at - ZIP_LOCATOR;
	if (zip_read_exactly(z, at, locator, sizeof(locator), e) < 0)
		return -1;
	if (memcmp(locator, SIGNATURE_LOCATOR, 4) != 0)
		return 0;
	c = cur_of(str_make(locator, sizeof(locator)));
	cur_skip(&c, 8);
	places[0] = at - ZIP_END64;
	places[1] = cur_le64(&c);
	for (int i = 0; i < 2; i++) {
		if (places[i] > at - ZIP_END64 ||
		    zip_read_exactly(z, places[i], record, sizeof(record), e) < 0 ||
		    memcmp(record, SIGNATURE_END64, 4) != 0)
			continue;
		c = cur_of(str_make(record, sizeof(record)));
		cur_skip(&c, 24);
		here = cur_le64(&c);
		end->at = places[i];
		end->count = cur_le64(&c);
		end->size = cur_le64(&c);
		end->offset = cur_le64(&c);
		end->wide = true;
		return here == end->count
			       ? 1
			       : err_set(e, ERR_UNSUPPORTED, "zip: an archive in several parts");
	}
	return err_set(e, ERR_FORMAT, "zip: a zip64 locator that points nowhere");
}

static bool directory_is_at(struct zip *z, uint64_t at, const struct end *end)
{
	char signature[4];

	if (end->size == 0)
		return true;
	return zip_read_exactly(z, at, signature, 4, NULL) == 0 &&
	       memcmp(signature, SIGNATURE_CENTRAL, 4) == 0;
}

/* The directory ends where its end record begins; else it is where the record says. */
static int place_directory(struct zip *z, const struct end *end, struct err *e)
{
	uint64_t before = end->at - (end->size < end->at ? end->size : end->at);

	z->directory_size = end->size;
	z->count = end->count;
	z->count_is_16 = !end->wide;
	if (end->size <= end->at && end->offset <= before && directory_is_at(z, before, end)) {
		z->directory = before;
		z->base = before - end->offset;
		return 0;
	}
	if (end->offset <= end->at && end->size <= end->at - end->offset &&
	    directory_is_at(z, end->offset, end)) {
		z->directory = end->offset;
		return 0;
	}
	return err_set(e, ERR_TRUNCATED, "zip: the directory is not where the archive's end says");
}

int zip_find_directory(struct zip *z, struct err *e)
{
	size_t len = z->source.size < SEARCH ? (size_t)z->source.size : SEARCH;
	uint64_t tail_at = z->source.size - len;
	struct end end = {0};
	ptrdiff_t i;
	char head[4];

	/* the window serves for the tail: it is larger */
	if (zip_read_exactly(z, tail_at, z->window, len, e) < 0)
		return -1;
	i = find_end(str_make(z->window, len));
	if (i < 0) {
		bool begins =
			zip_read_exactly(z, 0, head, 4, NULL) == 0 && zip_probe(str_make(head, 4));

		return err_set(e, begins ? ERR_TRUNCATED : ERR_FORMAT,
			       begins ? "zip: cut short before its directory"
				      : "zip: no directory");
	}
	end.at = tail_at + (uint64_t)i;
	if (parse_end(str_make(z->window + i, ZIP_END), &end, e) < 0 || read_end64(z, &end, e) < 0)
		return -1;
	return place_directory(z, &end, e);
}

bool zip_probe(struct str head)
{
	return str_starts(head, STR("PK\3\4")) || str_starts(head, STR(SIGNATURE_END));
}
