#include "test.h"
#include "encode.h"

#include "archive/zip.h"
#include "base/fault.h"
#include "io/inflate.h"

/* --- zips made here ----------------------------------------------------------------------------
 */

static void put16(struct buf *b, unsigned v)
{
	buf_add_char(b, (char)v);
	buf_add_char(b, (char)(v >> 8));
}

/* The fields that local and central headers share, from flags to the length of the extra field. */
static void put_shared(struct buf *b, unsigned method, struct str packed, struct str data,
		       struct str name)
{
	put16(b, 0);
	put16(b, method);
	buf_add_u32(b, 0);
	buf_add_u32(b, crc32_add(0, data));
	buf_add_u32(b, (uint32_t)packed.len);
	buf_add_u32(b, (uint32_t)data.len);
	put16(b, (unsigned)name.len);
	put16(b, 0);
}

static void put_central(struct buf *b, unsigned method, struct str packed, struct str data,
			struct str name, uint32_t offset)
{
	buf_add(b, STR("PK\1\2\x14\3\x14\0"));
	put_shared(b, method, packed, data, name);
	buf_add(b, str_make("\0\0\0\0\0\0\0\0\xa4\x81", 10));
	buf_add_u32(b, offset);
	buf_add(b, name);
}

static void put_end(struct buf *b, unsigned count, size_t directory)
{
	size_t size = b->len - directory;

	buf_add(b, str_make("PK\5\6\0\0\0\0", 8));
	put16(b, count);
	put16(b, count);
	buf_add_u32(b, (uint32_t)size);
	buf_add_u32(b, (uint32_t)directory);
	put16(b, 0);
}

/* One body, and `count` entries that all are it. */
static struct buf zip_of(struct str data, bool deflate, unsigned count)
{
	struct str packed = deflate ? encode_deflate(data) : data;
	struct buf b = BUF_INIT;
	size_t directory;

	buf_add(&b, str_make("PK\3\4\x14\0", 6));
	put_shared(&b, deflate ? 8 : 0, packed, data, STR("name"));
	buf_add(&b, STR("name"));
	buf_add(&b, packed);
	directory = b.len;
	for (unsigned i = 0; i < count; i++)
		put_central(&b, deflate ? 8 : 0, packed, data, STR("name"), 0);
	put_end(&b, count, directory);
	if (deflate)
		free((char *)(uintptr_t)packed.data);
	return b;
}

/* Reads everything both ways; how many bytes, or -1. */
static int64_t read_all(struct str bytes, const struct zip_options *options, struct err *e)
{
	struct zip_source source = zip_source_memory(&bytes);
	struct zip *z = zip_open(&source, options, e);
	struct buf body = BUF_INIT;
	struct zip_entry entry;
	int64_t total = 0;
	int r = z ? 1 : -1;

	while (r > 0 && (r = zip_next(z, &entry, e)) > 0) {
		struct stream *s;
		struct str chunk;

		r = zip_read(z, &entry, 1 << 20, &body, e);
		s = r < 0 ? NULL : zip_open_body(z, &entry, e);
		r = s ? 1 : -1;
		while (s && (r = stream_next(s, &chunk, e)) > 0)
			total += (int64_t)chunk.len;
		stream_close(s);
		r = r < 0 ? -1 : 1;
	}
	buf_done(&body);
	zip_close(z);
	return r < 0 ? -1 : total;
}

/* --- tests -------------------------------------------------------------------------------------
 */

TEST(bodies_are_read_whole_and_as_streams)
{
	struct err e = ERR_INIT;
	char data[5000];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * i >> 3);
	for (int deflate = 0; deflate < 2; deflate++) {
		struct buf b = zip_of(str_make(data, sizeof(data)), deflate, 3);

		CHECK_INT(read_all(buf_str(&b), &zip_options_default, &e), 15000);
		CHECK_INT(e.code, ERR_NONE);
		buf_done(&b);
	}
}

TEST(find_and_rewind)
{
	struct buf b = zip_of(STR("data"), false, 2);
	struct str bytes = buf_str(&b);
	struct zip_source source = zip_source_memory(&bytes);
	struct err e = ERR_INIT;
	struct zip *z = zip_open(&source, &zip_options_default, &e);
	struct zip_entry entry;

	CHECK_INT(zip_find(z, STR("name"), &entry, &e), 1);
	CHECK_INT(entry.index, 0);
	CHECK_INT(zip_next(z, &entry, &e), 1);
	CHECK_INT(entry.index, 1);
	CHECK_INT(zip_find(z, STR("other"), &entry, &e), 0);
	zip_rewind(z);
	CHECK_INT(zip_next(z, &entry, &e), 1);
	CHECK_STR(entry.name, "name");
	CHECK_INT(entry.mode, 0644);
	zip_close(z);
	buf_done(&b);
}

TEST(entries_that_share_their_bytes_stop_at_the_ratio)
{
	struct zip_options options = zip_options_default;
	char *data = calloc(1, 100000);
	struct buf b = zip_of(str_make(data, 100000), true, 1000);
	struct err e = ERR_INIT;

	options.grace = 1 << 20;
	options.ratio = 20;
	CHECK_ERR(read_all(buf_str(&b), &options, &e) < 0 ? -1 : 0, ERR_LIMIT);
	buf_done(&b);
	free(data);
}

TEST(entry_limit)
{
	struct zip_options options = zip_options_default;
	struct buf b = zip_of(STR("data"), false, 11);
	struct err e = ERR_INIT;

	options.entries_max = 11;
	CHECK_INT(read_all(buf_str(&b), &options, &e), 44);
	options.entries_max = 10;
	CHECK_ERR(read_all(buf_str(&b), &options, &e) < 0 ? -1 : 0, ERR_LIMIT);
	buf_done(&b);
}

TEST(cut_at_every_byte_is_an_error)
{
	struct buf b = zip_of(STR("data data data data"), true, 2);
	struct err e;

	for (size_t cut = 0; cut < b.len; cut++) {
		e = ERR_INIT;
		CHECK_INT(read_all(str_to(buf_str(&b), cut), &zip_options_default, &e), -1);
		CHECK(e.code == ERR_TRUNCATED || (cut < 4 && e.code == ERR_FORMAT));
	}
	buf_done(&b);
}

TEST(flipped_bits_do_no_harm)
{
	struct buf b = zip_of(STR("data data data data"), true, 2);

	for (size_t bit = 0; bit < b.len * 8; bit++) {
		struct err e = ERR_INIT;

		b.data[bit / 8] ^= (char)(1 << bit % 8);
		read_all(buf_str(&b), &zip_options_default, &e);
		b.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	buf_done(&b);
}

static int allocations_left;
static bool fail_an_allocation(enum fault_kind kind)
{
	return kind == FAULT_ALLOC && allocations_left-- == 0;
}

TEST(every_failed_allocation_is_an_error_and_the_budget_is_given_back)
{
	struct buf b = zip_of(STR("data data data data"), true, 2);
	int k = 0;

	for (; k < 100; k++) {
		struct zip_options options = zip_options_default;
		struct budget budget = {0};
		struct err e = ERR_INIT;
		int64_t n;

		options.budget = &budget;
		allocations_left = k;
		fault_hook = fail_an_allocation;
		n = read_all(buf_str(&b), &options, &e);
		fault_hook = NULL;
		CHECK_INT(budget.bytes, 0);
		if (allocations_left >= 0)
			break;
		CHECK_INT(n, -1);
		CHECK_INT(e.code, ERR_MEMORY);
	}
	CHECK(k > 5 && k < 100);
	buf_done(&b);
}

TEST(inflater_wants_the_stated_size)
{
	struct str packed = encode_deflate(STR("twelve bytes")), empty = encode_deflate(STR(""));
	struct err e = ERR_INIT;
	struct inflater *f = inflater_new(&e);
	char out[20];

	CHECK_OK(inflater_run(f, packed, out, 12, &e));
	CHECK(memcmp(out, "twelve bytes", 12) == 0);
	CHECK_ERR(inflater_run(f, packed, out, 11, &e), ERR_FORMAT);
	CHECK_ERR(inflater_run(f, packed, out, 13, &e), ERR_FORMAT);
	CHECK_OK(inflater_run(f, empty, out, 0, &e));
	CHECK_ERR(inflater_run(f, empty, out, 1, &e), ERR_FORMAT);
	for (size_t cut = 0; cut < packed.len; cut++)
		CHECK_ERR(inflater_run(f, str_to(packed, cut), out, 12, &e), ERR_FORMAT);
	inflater_free(f);
	free((char *)(uintptr_t)packed.data);
	free((char *)(uintptr_t)empty.data);
}
