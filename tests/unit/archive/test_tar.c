#include "test.h"
#include "tiny.h"

#include <fcntl.h>
#include <unistd.h>

#include "archive/tar.h"
#include "archive/tar_parts.h"
#include "base/fault.h"

/* --- archives made here ------------------------------------------------------------------------
 */

static void add_header(struct buf *b, const char *name, char type, uint64_t size, const char *link)
{
	char block[512] = {0};
	unsigned sum = 0;

	snprintf(block, 100, "%s", name);
	snprintf(block + 100, 8, "%07o", 0644);
	snprintf(block + 108, 8, "%07o", 0);
	snprintf(block + 116, 8, "%07o", 0);
	snprintf(block + 124, 12, "%011llo", (unsigned long long)size);
	snprintf(block + 136, 12, "%011o", 1);
	block[156] = type;
	snprintf(block + 157, 100, "%s", link);
	memcpy(block + 257, "ustar\00000", 8);
	memset(block + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += (uint8_t)block[i];
	snprintf(block + 148, 7, "%06o", sum);
	buf_add(b, str_make(block, 512));
}

static void add_padding(struct buf *b)
{
	while (b->len % 512)
		buf_add_char(b, 0);
}

static void add_file(struct buf *b, const char *name, struct str data)
{
	add_header(b, name, '0', data.len, "");
	buf_add(b, data);
	add_padding(b);
}

static void add_record(struct buf *b, const char *key, const char *value)
{
	size_t len = strlen(key) + strlen(value) + 3, size = len + 1;
	char digits[24];

	while ((size_t)snprintf(digits, sizeof(digits), "%zu", size) + len != size)
		size++;
	buf_printf(b, "%zu %s=%s\n", size, key, value);
}

static void add_pax(struct buf *b, const char *key, const char *value)
{
	struct buf records = BUF_INIT;

	add_record(&records, key, value);
	add_header(b, "PaxHeaders/x", 'x', records.len, "");
	buf_add(b, buf_str(&records));
	add_padding(b);
	buf_done(&records);
}

static void add_end(struct buf *b)
{
	char zeros[1024] = {0};

	buf_add(b, str_make(zeros, sizeof(zeros)));
}

/* A bit of everything, 9.5 KiB. */
static struct buf everything(void)
{
	struct buf b = BUF_INIT;
	char big[3000];

	memset(big, 'x', sizeof(big));
	add_file(&b, "etc/os-release", STR("ID=debian\n"));
	add_pax(&b, "path", "a/name/by/record");
	add_file(&b, "short", STR("hello"));
	add_header(&b, "././@LongLink", 'L', 12, "");
	buf_add(&b, str_make("a long name\0", 12));
	add_padding(&b);
	add_file(&b, "shorter", str_make(big, sizeof(big)));
	add_header(&b, "link", '2', 0, "etc/os-release");
	add_header(&b, "sparse-header", 'x', 0, "");
	add_pax(&b, "GNU.sparse.map", "0,5,1000,5");
	add_file(&b, "plain", STR(""));
	add_end(&b);
	return b;
}

/* Two runs of data, at 1000 and at 2000, of a content of 3000 bytes: form 1.0. */
static struct buf sparse_archive(void)
{
	struct buf b = BUF_INIT, records = BUF_INIT;
	char body[512 + 10] = "2\n1000\n6\n2000\n4\n";

	add_record(&records, "GNU.sparse.major", "1");
	add_record(&records, "GNU.sparse.minor", "0");
	add_record(&records, "GNU.sparse.name", "holes");
	add_record(&records, "GNU.sparse.realsize", "3000");
	add_header(&b, "PaxHeaders/x", 'x', records.len, "");
	buf_add(&b, buf_str(&records));
	add_padding(&b);
	memcpy(body + 512, "first.last", 10);
	add_file(&b, "stored", str_make(body, sizeof(body)));
	add_file(&b, "behind", STR("1"));
	add_end(&b);
	buf_done(&records);
	return b;
}

/* --- the walk ----------------------------------------------------------------------------------
 */

struct walked {
	size_t entries;
	size_t bytes;
	uint64_t hash; /* of paths and contents */
	int result;
};

static struct walked walk(struct stream *s, const struct tar_options *options, struct err *e)
{
	struct tar *t = tar_open(s, options, e);
	struct walked w = {0};
	struct tar_entry entry;
	struct tar_end end;
	struct str chunk;

	w.result = t ? 1 : -1;
	while (w.result > 0 && (w.result = tar_next(t, &entry, e)) > 0) {
		w.hash = str_hash(entry.entry.path, w.hash);
		while ((w.result = tar_read_chunk(t, &chunk, e)) > 0) {
			for (size_t i = 0; i < chunk.len; i++)
				w.hash = w.hash * 31 + (uint8_t)chunk.data[i];
			w.bytes += chunk.len;
		}
		w.result = w.result < 0 ? -1 : 1;
		w.entries += w.result > 0;
	}
	if (w.result == 0)
		w.result = tar_finish(t, &end, e);
	tar_close(t);
	stream_close(s);
	return w;
}

static struct walked walk_bytes(struct str data, size_t chunk, struct err *e)
{
	*e = ERR_INIT;
	return walk(tiny_open(data, chunk), &tar_options_default, e);
}

TEST(chunks_of_any_size_read_the_same)
{
	struct buf b = everything();
	struct err e;
	struct walked all = walk_bytes(buf_str(&b), b.len, &e);

	CHECK_INT(all.result, -1); /* the sparse records at the end disagree with an empty file */
	CHECK_INT(all.entries, 4);
	for (size_t chunk = 1; chunk < 1100; chunk++) {
		struct walked w = walk_bytes(buf_str(&b), chunk, &e);

		CHECK_INT(w.entries, all.entries);
		CHECK_INT(w.bytes, all.bytes);
		CHECK(w.hash == all.hash);
		CHECK_INT(e.code, ERR_FORMAT);
	}
	buf_done(&b);
}

TEST(cut_at_every_byte_is_truncated_or_a_plain_end)
{
	struct buf b = BUF_INIT;
	size_t plain_ends = 0;

	add_file(&b, "a", STR("hello"));
	add_pax(&b, "path", "other");
	add_file(&b, "b", STR("1"));
	add_end(&b);
	for (size_t cut = 0; cut < b.len; cut++) {
		struct err e;
		struct walked w = walk_bytes(str_to(buf_str(&b), cut), 100, &e);
		/* inside padding, between headers, or between and in front of the zero blocks */
		bool plain = cut == 0 || (cut >= 512 + 5 && cut <= 1024) ||
			     (cut >= 1536 + 14 && cut <= 2048) ||
			     (cut >= 2560 + 1 && cut <= 3072) || cut == 3584;

		plain_ends += plain;
		if (w.result != (plain ? 0 : -1) || (!plain && e.code != ERR_TRUNCATED))
			test_fail(__FILE__, __LINE__, "cut at %zu: %d %s", cut, w.result,
				  e.message);
		CHECK_INT(w.entries, cut >= 2561 ? 2 : cut >= 517);
	}
	CHECK(plain_ends > 1000);
	buf_done(&b);
}

TEST(flipped_bits_do_no_harm)
{
	struct buf b = everything();
	struct err e;

	for (size_t bit = 0; bit < b.len * 8; bit += 3) {
		b.data[bit / 8] ^= (char)(1 << bit % 8);
		walk_bytes(buf_str(&b), 1000, &e);
		b.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	buf_done(&b);
}

TEST(diagnostics_have_class_path_and_offset)
{
	struct tar_options options = tar_options_default;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct diags d;

	diags_init(&d, NULL);
	add_file(&b, "good", STR("1"));
	add_file(&b, "../up", STR("2"));
	add_file(&b, "../up2", STR("2"));
	add_header(&b, "link", '1', 5, "good");
	add_header(&b, "link2", '1', 5, "good");
	add_end(&b);
	options.diags = &d;
	options.layer = 3;
	CHECK_INT(walk(tiny_open(buf_str(&b), 99), &options, &e).entries, 5);
	diags_sort(&d);
	/* each gap, but a note once */
	CHECK_INT(d.list.count, 3);
	CHECK_INT(d.per_code[DIAG_ambiguous_archive], 2);
	CHECK_INT(d.per_code[DIAG_archive_note], 1);
	CHECK_INT(d.list.items[0].layer, 3);
	CHECK_STR(d.list.items[0].path, "../up");
	CHECK_INT(d.list.items[0].offset, 1024);
	diags_done(&d);
	buf_done(&b);
}

TEST(path_limits_are_gaps_and_the_entry_is_stepped_over)
{
	struct tar_options options = tar_options_default;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct diags d;

	diags_init(&d, NULL);
	add_file(&b, "0123456789", STR("1"));
	add_file(&b, "01234567890", STR("2"));
	add_file(&b, "a/b/c", STR("3"));
	add_file(&b, "a/b/c/d", STR("4"));
	add_header(&b, "link", '2', 0, "01234567890");
	add_end(&b);
	options.diags = &d;
	options.path_max = 10;
	options.depth_max = 2;
	CHECK_INT(walk(tiny_open(buf_str(&b), 99), &options, &e).entries, 2);
	CHECK_INT(d.per_code[DIAG_path_limit], 3);
	CHECK_INT(diags_count(&d, DIAG_GAP), 3);
	diags_done(&d);
	buf_done(&b);
}

TEST(meta_limit_is_an_error)
{
	struct tar_options options = tar_options_default;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;

	add_pax(&b, "comment", "0123456789012345678901234567890123456789");
	add_file(&b, "a", STR("1"));
	add_end(&b);
	options.meta_max = 40;
	CHECK_INT(walk(tiny_open(buf_str(&b), 99), &options, &e).result, -1);
	CHECK_INT(e.code, ERR_LIMIT);
	buf_done(&b);
}

TEST(whole_body_has_a_limit_before_reading)
{
	struct err e = ERR_INIT;
	struct buf b = sparse_archive();
	struct arena a = {0};
	struct stream *s = tiny_open(buf_str(&b), 100);
	struct tar *t = tar_open(s, &tar_options_default, &e);
	struct tar_entry entry;
	struct str all;

	CHECK_INT(tar_next(t, &entry, &e), 1);
	CHECK_STR(entry.entry.path, "holes");
	CHECK_ERR(tar_read_all(t, &a, 2999, &all, &e), ERR_LIMIT);
	CHECK_OK(tar_read_all(t, &a, 3000, &all, &e));
	CHECK_INT(all.len, 3000);
	CHECK(memcmp(all.data + 1000, "first.", 6) == 0 && all.data[1006] == 0);
	CHECK(memcmp(all.data + 2000, "last", 4) == 0);
	CHECK_INT(tar_next(t, &entry, &e), 1);
	CHECK_OK(tar_read_all(t, &a, 1, &all, &e));
	CHECK_STR(all, "1");
	CHECK(!tar_is_random(t));
	CHECK_INT(tar_next(t, &entry, &e), 0);
	CHECK_INT(tar_next(t, &entry, &e), 0);
	tar_close(t);
	stream_close(s);
	arena_done(&a);
	buf_done(&b);
}

TEST(random_access_sees_holes_and_moves_nothing)
{
	struct err e = ERR_INIT;
	struct buf b = sparse_archive();
	struct stream *s = stream_open_memory(buf_str(&b), &e);
	struct tar *t = tar_open(s, &tar_options_default, &e);
	struct tar_entry entry;
	char buf[3001];
	struct arena a = {0};
	struct str all;

	CHECK_INT(tar_next(t, &entry, &e), 1);
	CHECK(tar_is_random(t) && entry.sparse);
	CHECK_INT(tar_read_at(t, 0, buf, sizeof(buf), &e), 3000);
	CHECK_OK(tar_read_all(t, &a, 3000, &all, &e));
	CHECK(str_eq(all, str_make(buf, 3000)));
	for (uint64_t at = 0; at < 3010; at += 7) {
		int64_t n = tar_read_at(t, at, buf, 50, &e);

		CHECK_INT(n, at >= 3000 ? 0 : at > 2950 ? 3000 - (int64_t)at : 50);
		CHECK(n == 0 || memcmp(buf, all.data + at, (size_t)n) == 0);
	}
	CHECK_INT(tar_next(t, &entry, &e), 1);
	CHECK_INT(tar_read_at(t, 0, buf, 50, &e), 1);
	CHECK(buf[0] == '1');
	tar_close(t);
	stream_close(s);
	arena_done(&a);
	buf_done(&b);
}

TEST(skipping_does_not_read_bodies_of_plain_files)
{
	struct err e = ERR_INIT;
	char path[] = "/tmp/plimsoll-test-XXXXXX";
	int fd = mkstemp(path);
	struct buf b = BUF_INIT;
	struct stream *s;
	struct tar *t;
	struct tar_entry entry;
	size_t n = 0;

	/* ten bodies of 1 GiB that are holes of the file: reading them would take seconds */
	unlink(path);
	add_header(&b, "big", '0', 1 << 30, "");
	for (off_t i = 0; i < 10; i++)
		CHECK_INT(pwrite(fd, b.data, 512, i * ((1LL << 30) + 512)), 512);
	CHECK(ftruncate(fd, 10 * ((1LL << 30) + 512) + 1024) == 0);
	s = stream_open_fd(fd, true, 0, UINT64_MAX, &e);
	t = tar_open(s, &tar_options_default, &e);
	while (tar_next(t, &entry, &e) > 0)
		n++;
	CHECK_INT(n, 10);
	CHECK_INT(e.code, ERR_NONE);
	tar_close(t);
	stream_close(s);
	buf_done(&b);
}

static int allocations_left;
static bool fail_an_allocation(enum fault_kind kind)
{
	return kind == FAULT_ALLOC && allocations_left-- == 0;
}

TEST(every_failed_allocation_is_an_error_and_the_budget_is_given_back)
{
	struct buf archives[] = {everything(), sparse_archive()};

	for (size_t i = 0; i < 2; i++) {
		int k = 0;

		for (; k < 100; k++) {
			struct budget budget = {0};
			struct tar_options options = tar_options_default;
			struct err e = ERR_INIT;
			struct walked w;

			options.budget = &budget;
			allocations_left = k;
			fault_hook = fail_an_allocation;
			w = walk(tiny_open(buf_str(&archives[i]), 200), &options, &e);
			fault_hook = NULL;
			CHECK_INT(budget.bytes, 0);
			if (allocations_left >= 0)
				break;
			CHECK_INT(w.result, -1);
			CHECK_INT(e.code, ERR_MEMORY);
		}
		CHECK(k > 3 && k < 100);
		buf_done(&archives[i]);
	}
}

TEST(paths_are_cleaned_as_text)
{
	static const struct {
		const char *path, *clean;
		bool dotdot;
	} rows[] = {
		{"", "", false},
		{"/", "", false},
		{"./", "", false},
		{".", "", false},
		{"a", "a", false},
		{"a/", "a", false},
		{"/a//b/./c/", "a/b/c", false},
		{"a/..", "", true},
		{"../..", "", true},
		{"../a", "a", true},
		{"a/../../b", "b", true},
		{"a/b/../c", "a/c", true},
		{"..a/b..", "..a/b..", false},
		{"...", "...", false},
		{"/../../etc/passwd", "etc/passwd", true},
		{"ab/cd/../../e", "e", true},
		{"a b/\xff\n", "a b/\xff\n", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char out[64];
		bool dotdot = false;
		size_t len = tar_clean_path(str_of(rows[i].path), out, &dotdot);

		if (!str_is(str_make(out, len), rows[i].clean) || dotdot != rows[i].dotdot)
			test_fail(__FILE__, __LINE__, "'%s' gives '%.*s'", rows[i].path, (int)len,
				  out);
	}
}

TEST(numbers_of_headers)
{
	static const struct {
		const char *field;
		size_t len;
		bool ok;
		int64_t value;
	} rows[] = {
		{"0000644\0", 8, true, 0644},
		{"  644 \0\0", 8, true, 0644},
		{"\0\0\0\0\0\0\0\0", 8, true, 0},
		{"        ", 8, true, 0},
		{"77777777", 8, true, 077777777},
		{"12\0"
		 "99999",
		 8, true, 012},
		{"00000008", 8, false, 0},
		{"12 4    ", 8, false, 0},
		{"-0000001", 8, false, 0},
		{"\x80\0\0\0\0\0\0\x05", 8, true, 5},
		{"\xff\xff\xff\xff\xff\xff\xff\xfb", 8, true, -5},
		{"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", 12, true, INT64_MAX},
		{"\x80\0\0\0\x80\0\0\0\0\0\0\0", 12, false, 0},
		{"\xff\xff\xff\xff\x80\0\0\0\0\0\0\0", 12, true, INT64_MIN},
		{"\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 12, false, 0},
		{"\x81\0\0\0\0\0\0\0\0\0\0\0", 12, false, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t value = 0;
		bool ok = tar_number(str_make(rows[i].field, rows[i].len), &value);

		if (ok != rows[i].ok || (ok && value != rows[i].value))
			test_fail(__FILE__, __LINE__, "row %zu gives %d %lld", i, ok,
				  (long long)value);
	}
}

TEST(decimals_and_times_of_records)
{
	int64_t v;

	CHECK(tar_decimal(STR("9223372036854775807"), &v) && v == INT64_MAX);
	CHECK(tar_decimal(STR("-9223372036854775808"), &v) && v == INT64_MIN);
	CHECK(!tar_decimal(STR("9223372036854775808"), &v));
	CHECK(!tar_decimal(STR("-9223372036854775809"), &v));
	CHECK(tar_decimal(STR("+7"), &v) && v == 7);
	CHECK(!tar_decimal(STR(""), &v) && !tar_decimal(STR("-"), &v) &&
	      !tar_decimal(STR(" 1"), &v));
	CHECK(tar_pax_time(STR("-12.5"), &v) && v == -12);
	CHECK(tar_pax_time(STR("12."), &v) && v == 12);
	CHECK(!tar_pax_time(STR(".5"), &v) && !tar_pax_time(STR("1.5x"), &v));
}

TEST(probe_knows_a_tar_by_its_first_block)
{
	struct buf b = everything();
	char zeros[512] = {0};

	CHECK(tar_probe(buf_str(&b)));
	CHECK(tar_probe(str_to(buf_str(&b), 512)));
	CHECK(!tar_probe(str_to(buf_str(&b), 511)));
	CHECK(tar_probe(str_make(zeros, 512)));
	b.data[0] ^= 1;
	CHECK(!tar_probe(buf_str(&b)));
	buf_done(&b);
}

TEST(oddities_are_sorted_and_have_words)
{
	for (int i = 0; i < TAR_ODDITIES; i++) {
		CHECK(strlen(tar_oddity_text((enum tar_oddity)i)) > 10);
		CHECK(tar_oddity_class((enum tar_oddity)i) != DIAG_DEGRADED);
		CHECK(!i || strcmp(tar_oddity_name((enum tar_oddity)(i - 1)),
				   tar_oddity_name((enum tar_oddity)i)) < 0);
	}
	CHECK(TAR_ODDITIES <= 64);
}
