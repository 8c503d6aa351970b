#include "test.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "advisory/database.h"
#include "advisory/format.h"
#include "advisory/ids.h"
#include "advisory/writer.h"

/* --- making files --- */

static struct partition_result written;

static int new_file(void)
{
	int fd = memfd_create("partition", 0);

	if (fd < 0)
		abort();
	return fd;
}

static struct partition_writer *start(int fd, const char *name)
{
	static struct str feeds[] = {STR_INIT("debian-tracker"), STR_INIT("osv")};
	struct partition_facts facts = {
		.name = str_of(name), .comparator = STR("debian"), .feeds = feeds, .feed_count = 2};
	struct partition_writer *w = NULL;
	struct err e = ERR_INIT;

	CHECK_OK(crypto_init(&e));
	CHECK_OK(partition_writer_open(fd, &facts, &w, &e));
	return w;
}

static void finish(struct partition_writer *w)
{
	struct err e = ERR_INIT;

	CHECK_OK(partition_writer_end(w, &written, &e));
	partition_writer_close(w);
}

/* Key i of a synthetic partition, and how many records it has. */
static struct str key_of(unsigned i, char *room)
{
	int n = snprintf(room, 64, "package-%07u%s", i * 3, i % 5 == 0 ? "-dev" : "");

	return str_make(room, (size_t)n);
}

static unsigned records_of(unsigned i)
{
	return i == 77 ? 30000 : 1 + i % 4;
}

static void record_of(unsigned i, unsigned k, struct words *words, struct buf *out)
{
	char id[32], fixed[32];
	struct str cve = str_make(id, (size_t)snprintf(id, 32, "CVE-%u-%04u", 2000 + k % 20, i));
	struct version_span span = {
		.introduced = STR("0"),
		.fixed = str_make(fixed, (size_t)snprintf(fixed, 32, "1:%u.%u-1", i, k))};
	struct advisory a = {.id = cve,
			     .cves = &cve,
			     .cve_count = 1,
			     .names = k % 2 ? NAMES_BINARY : NAMES_SOURCE,
			     .fix = FIX_AVAILABLE,
			     .severity = (enum severity)(k % SEVERITIES),
			     .severity_source = STR("debian"),
			     .feed = k % 3 ? STR("osv") : STR("debian-tracker"),
			     .spans = &span,
			     .span_count = 1};

	buf_clear(out);
	put_advisory(out, words, &a);
}

static int make_partition(unsigned keys)
{
	int fd = new_file();
	struct partition_writer *w = start(fd, "pkg/debian-12");
	struct buf record = BUF_INIT;

	for (unsigned i = 0; i < keys; i++) {
		unsigned count = records_of(i);
		struct str *records = calloc(count, sizeof(*records));
		struct arena arena = {0};
		char room[64];
		struct err e = ERR_INIT;

		for (unsigned k = 0; k < count; k++) {
			record_of(i, k, partition_writer_words(w), &record);
			records[k] = arena_str(&arena, buf_str(&record));
		}
		CHECK_OK(partition_writer_add(w, key_of(i, room), records, count, &e));
		free(records);
		arena_done(&arena);
	}
	buf_done(&record);
	finish(w);
	return fd;
}

static struct str content(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *data = malloc((size_t)size);

	if (pread(fd, data, (size_t)size, 0) != size)
		abort();
	return str_make(data, (size_t)size);
}

static int file_with(struct str bytes)
{
	int fd = new_file();

	if (write(fd, bytes.data, bytes.len) != (ssize_t)bytes.len)
		abort();
	return fd;
}

/* --- look-up --- */

struct seen {
	size_t *per_name;
	size_t total;
	char fixed[64];
};

static int count_found(void *context, size_t index, const struct advisory *a)
{
	struct seen *s = context;

	s->per_name[index]++;
	s->total++;
	snprintf(s->fixed, sizeof(s->fixed), "%.*s", STR_ARG(a->spans[0].fixed));
	return 0;
}

TEST(every_name_gives_its_records_and_no_other)
{
	enum { KEYS = 3000, NAMES = 2 * KEYS };
	static char rooms[NAMES][64];
	static struct str names[NAMES];
	static size_t counts[NAMES];
	struct seen seen = {.per_name = counts};
	struct partition *p = NULL;
	struct err e = ERR_INIT;
	int fd = make_partition(KEYS);

	CHECK_OK(partition_open(fd, NULL, &p, &e));
	/* in an order of their own: descending, with names that are not there between them */
	for (unsigned i = 0; i < KEYS; i++) {
		names[2 * i] = key_of(KEYS - 1 - i, rooms[2 * i]);
		names[2 * i + 1] = str_make(rooms[2 * i + 1],
					    (size_t)snprintf(rooms[2 * i + 1], 64, "zz%u", i));
	}
	memset(counts, 0, sizeof(counts));
	CHECK_OK(partition_find_packages(p, names, NAMES, NULL, count_found, &seen, &e));
	for (unsigned i = 0; i < KEYS; i++) {
		CHECK_INT(counts[2 * i], records_of(KEYS - 1 - i));
		CHECK_INT(counts[2 * i + 1], 0);
	}
	CHECK_INT(seen.total, partition_records(p));
	CHECK_INT(written.records, partition_records(p));
	CHECK_STR(partition_name(p), "pkg/debian-12");
	CHECK_STR(partition_comparator(p), "debian");
	partition_close(p);
}

TEST(a_name_asked_for_twice_is_answered_twice)
{
	struct partition *p = NULL;
	struct err e = ERR_INIT;
	char room[64];
	struct str names[3] = {key_of(7, room), STR("nothing"), key_of(7, room)};
	size_t counts[3] = {0};
	struct seen seen = {.per_name = counts};

	CHECK_OK(partition_open(make_partition(100), NULL, &p, &e));
	CHECK_OK(partition_find_packages(p, names, 3, NULL, count_found, &seen, &e));
	CHECK_INT(counts[0], records_of(7));
	CHECK_INT(counts[1], 0);
	CHECK_INT(counts[2], records_of(7));
	CHECK_OK(partition_find_packages(p, names, 0, NULL, count_found, &seen, &e));
	partition_close(p);
}

static int keep_first(void *context, size_t index, const struct advisory *a)
{
	struct advisory *kept = context;

	(void)index;
	if (!kept->id.len)
		*kept = *a;
	return 0;
}

TEST(a_record_comes_back_as_it_was_written)
{
	struct str cves[] = {STR_INIT("CVE-1999-0001"), STR_INIT("CVE-2024-123456"),
			     STR_INIT("CVE-2024-00001"), STR_INIT("CVE-123-4")};
	struct str aliases[] = {STR_INIT("GHSA-aaaa-bbbb-cccc"), STR_INIT("")};
	struct str versions[] = {STR_INIT("1.0"), STR_INIT("1.1~rc1")};
	struct version_span spans[] = {{STR_INIT("0"), STR_INIT("2"), STR_INIT("")},
				       {STR_INIT("3"), STR_INIT(""), STR_INIT("4")},
				       {STR_INIT(""), STR_INIT(""), STR_INIT("")}};
	struct advisory a = {.id = STR("ALSA-2024:1"),
			     .cves = cves,
			     .cve_count = 4,
			     .aliases = aliases,
			     .alias_count = 2,
			     .names = NAMES_BINARY,
			     .state = STATE_UNDER_INVESTIGATION,
			     .fix = FIX_END_OF_LIFE,
			     .spans = spans,
			     .span_count = 3,
			     .versions = versions,
			     .version_count = 2,
			     .severity = SEVERITY_CRITICAL,
			     .severity_source = STR("almalinux"),
			     .arches = STR("x86_64 aarch64"),
			     .module = STR("nodejs:18"),
			     .feed = STR("osv"),
			     .fix_date = STR("2024-05-01")};
	struct partition_writer *w;
	struct partition *p = NULL;
	struct advisory back = {0};
	struct arena arena = {0};
	struct buf record = BUF_INIT;
	struct str bytes, name = STR("nodejs");
	struct err e = ERR_INIT;
	int fd = new_file();

	w = start(fd, "pkg/almalinux-8");
	put_advisory(&record, partition_writer_words(w), &a);
	bytes = buf_str(&record);
	CHECK_OK(partition_writer_add(w, name, &bytes, 1, &e));
	finish(w);
	buf_done(&record);
	CHECK_OK(partition_open(fd, NULL, &p, &e));
	CHECK_OK(partition_find_packages(p, &name, 1, &arena, keep_first, &back, &e));
	partition_close(p);
	CHECK_STR(back.id, "ALSA-2024:1");
	CHECK_STR(back.package, "nodejs");
	CHECK_INT(back.cve_count, 4);
	for (int i = 0; i < 4; i++)
		CHECK(str_eq(back.cves[i], cves[i]));
	CHECK_INT(back.alias_count, 2);
	CHECK(str_eq(back.aliases[0], aliases[0]));
	CHECK_INT(back.state, STATE_UNDER_INVESTIGATION);
	CHECK_INT(back.fix, FIX_END_OF_LIFE);
	CHECK_INT(back.names, NAMES_BINARY);
	CHECK_INT(back.severity, SEVERITY_CRITICAL);
	CHECK_INT(back.span_count, 3);
	CHECK_STR(back.spans[0].introduced, "0");
	CHECK_STR(back.spans[0].fixed, "2");
	CHECK_STR(back.spans[1].introduced, "3");
	CHECK_STR(back.spans[1].last_affected, "4");
	CHECK_STR(back.spans[2].introduced, "");
	CHECK_INT(back.version_count, 2);
	CHECK_STR(back.versions[1], "1.1~rc1");
	CHECK_STR(back.severity_source, "almalinux");
	CHECK_STR(back.arches, "x86_64 aarch64");
	CHECK_STR(back.module, "nodejs:18");
	CHECK_STR(back.feed, "osv");
	CHECK_STR(back.fix_date, "2024-05-01");
	arena_done(&arena);
}

TEST(the_same_entries_give_the_same_bytes)
{
	int a = make_partition(500), b = make_partition(500);
	struct str x = content(a), y = content(b);
	struct digest digest;
	struct partition *p = NULL;
	struct err e = ERR_INIT;

	CHECK(str_eq(x, y));
	CHECK_INT(written.size, x.len);
	CHECK_OK(digest_of(DIGEST_SHA256, x, &digest, &e));
	CHECK(digest_eq(&digest, &written.digest));
	CHECK_OK(partition_open(a, NULL, &p, &e));
	memset(&digest, 0, sizeof(digest));
	CHECK_OK(partition_verify(p, &digest, &e));
	CHECK(digest_eq(&digest, &written.digest));
	partition_close(p);
	close(b);
	free((void *)x.data);
	free((void *)y.data);
}

static int write_with_change(unsigned changed)
{
	int fd = new_file();
	struct partition_writer *w = start(fd, "pkg/debian-12");
	struct buf record = BUF_INIT;
	struct err e = ERR_INIT;

	for (unsigned i = 0; i < 4000; i++) {
		char room[64];
		struct str bytes;

		record_of(i, i == changed ? 5 : 1, partition_writer_words(w), &record);
		bytes = buf_str(&record);
		CHECK_OK(partition_writer_add(w, key_of(i, room), &bytes, 1, &e));
	}
	buf_done(&record);
	finish(w);
	return fd;
}

TEST(a_changed_record_changes_one_block)
{
	int a = write_with_change(UINT32_MAX), b = write_with_change(2000);
	struct str x = content(a), y = content(b);
	size_t head = 0, tail = 0;

	/* the words differ in order when the changed record is the first; it is not */
	while (head < x.len && head < y.len && x.data[head] == y.data[head])
		head++;
	CHECK(head > x.len / 4);
	/* compare the blocks behind: they end where the tails begin */
	{
		struct cur cx = cur_of(str_from(x, x.len - 64)),
			   cy = cur_of(str_from(y, y.len - 64));
		uint64_t ex = cur_le64(&cx), ey = cur_le64(&cy);

		while (tail < ex - head && x.data[ex - 1 - tail] == y.data[ey - 1 - tail])
			tail++;
		CHECK(ex - head - tail < 16 << 10);
		CHECK(tail > ex / 4);
	}
	CHECK(written.blocks > 8);
	close(a);
	close(b);
	free((void *)x.data);
	free((void *)y.data);
}

/* --- hostile files --- */

/* Everything a reader does; <0 when any of it fails. */
static int use_all(int fd, struct err *e)
{
	struct partition *p = NULL;
	struct digest digest;
	int r;

	if (partition_open(fd, NULL, &p, e) < 0)
		return -1;
	r = partition_verify(p, &digest, e);
	partition_close(p);
	return r;
}

TEST(each_flipped_bit_is_found)
{
	int fd = make_partition(40);
	struct str good = content(fd);
	char *bytes = malloc(good.len);
	struct err e = ERR_INIT;

	close(fd);
	for (size_t i = 0; i < good.len; i++) {
		memcpy(bytes, good.data, good.len);
		bytes[i] ^= (char)(1 << i % 8);
		e = ERR_INIT;
		if (use_all(file_with(str_make(bytes, good.len)), &e) == 0)
			test_fail(__FILE__, __LINE__, "bit %zu of byte %zu is not missed", i % 8,
				  i);
		else if (e.code != ERR_DIGEST && e.code != ERR_FORMAT && e.code != ERR_TRUNCATED &&
			 e.code != ERR_UNSUPPORTED)
			test_fail(__FILE__, __LINE__, "byte %zu: %s", i, e.message);
	}
	free(bytes);
	free((void *)good.data);
}

TEST(each_cut_is_found)
{
	int fd = make_partition(40);
	struct str good = content(fd);

	close(fd);
	for (size_t i = 0; i < good.len; i++) {
		struct err e = ERR_INIT;

		if (use_all(file_with(str_to(good, i)), &e) == 0)
			test_fail(__FILE__, __LINE__, "a cut at %zu is not missed", i);
	}
	free((void *)good.data);
}

TEST(a_newer_format_says_so)
{
	int fd = make_partition(3);
	struct err e = ERR_INIT;
	struct partition *p;

	CHECK_INT(pwrite(fd, "\2", 1, 8), 1);
	CHECK_ERR(partition_open(fd, NULL, &p, &e), ERR_UNSUPPORTED);
	CHECK(strstr(e.message, "format 2 is newer") != NULL);
}

TEST(a_flipped_block_names_its_place)
{
	int fd = make_partition(100);
	char room[64];
	struct str name = key_of(50, room);
	size_t count = 0;
	struct seen seen = {.per_name = &count};
	struct partition *p = NULL;
	struct err e = ERR_INIT;

	for (int i = 16; i < 400; i += 7) {
		char c;

		CHECK_INT(pread(fd, &c, 1, i), 1);
		c ^= 1;
		CHECK_INT(pwrite(fd, &c, 1, i), 1);
	}
	CHECK_OK(partition_open(fd, NULL, &p, &e));
	CHECK_ERR(partition_find_packages(p, &name, 1, NULL, count_found, &seen, &e), ERR_DIGEST);
	CHECK(strstr(e.message, "pkg/debian-12: block at 16: differs from its checksum") != NULL);
	CHECK_INT(count, 0);
	partition_close(p);
}

TEST(other_files_are_no_partitions)
{
	struct err e = ERR_INIT;
	struct partition *p;
	static const char zeros[1024];

	CHECK_ERR(partition_open(file_with(STR("")), NULL, &p, &e), ERR_TRUNCATED);
	CHECK_ERR(partition_open(file_with(str_make(zeros, 1024)), NULL, &p, &e), ERR_FORMAT);
	CHECK_ERR(partition_open(open("/", O_RDONLY), NULL, &p, &e), ERR_FORMAT);
	CHECK_ERR(partition_open(open("/dev/null", O_RDONLY), NULL, &p, &e), ERR_FORMAT);
}

TEST(the_budget_bounds_a_reader)
{
	struct budget budget = {.bytes_max = 4096};
	struct err e = ERR_INIT;
	struct partition *p;

	CHECK_ERR(partition_open(make_partition(3000), &budget, &p, &e), ERR_MEMORY);
	CHECK_INT(budget.bytes, 0);
}

/* --- ids --- */

static int make_ids(const char *name, const char *const *keys, const struct buf *records,
		    size_t count)
{
	int fd = new_file();
	struct partition_writer *w = start(fd, name);
	struct err e = ERR_INIT;

	for (size_t i = 0; i < count; i++) {
		struct str bytes = buf_str(&records[i]);

		CHECK_OK(partition_writer_add(w, str_of(keys[i]), &bytes, 1, &e));
	}
	finish(w);
	return fd;
}

TEST(ids_are_found_in_their_partitions)
{
	static const char *const keys[] = {"CVE-2020-0001", "CVE-2021-44228"};
	struct str ids[] = {STR_INIT("CVE-2021-44228"), STR_INIT("CVE-1-1"),
			    STR_INIT("CVE-2020-0001")};
	struct str names[] = {STR_INIT("GHSA-jfh8-c2jp-5v3q")};
	struct buf records[2] = {BUF_INIT, BUF_INIT};
	struct id_info infos[3] = {0};
	struct arena arena = {0};
	struct partition *p = NULL;
	struct err e = ERR_INIT;

	put_epss(&records[0], 0.00043, 0.0789);
	put_epss(&records[1], 0.944320001, 1);
	CHECK_OK(partition_open(make_ids("id/epss", keys, records, 2), NULL, &p, &e));
	CHECK_OK(partition_find_ids(p, ids, 3, &arena, infos, &e));
	CHECK(infos[0].has_epss && !infos[1].has_epss && infos[2].has_epss);
	CHECK(infos[0].epss_score == 0.944320001 && infos[0].epss_percentile == 1);
	CHECK(infos[2].epss_score == 0.00043 && infos[2].epss_percentile == 0.0789);
	partition_close(p);

	buf_clear(&records[0]);
	buf_clear(&records[1]);
	put_kev(&records[0], &(struct kev_facts){.added = STR("2021-12-10")});
	put_kev(&records[1], &(struct kev_facts){.added = STR("2021-12-10"),
						 .due = STR("2021-12-24"),
						 .ransomware = true});
	CHECK_OK(partition_open(make_ids("id/kev", keys, records, 2), NULL, &p, &e));
	CHECK_OK(partition_find_ids(p, ids, 3, &arena, infos, &e));
	CHECK(infos[0].has_kev && infos[0].kev_ransomware && !infos[2].kev_ransomware);
	CHECK_STR(infos[0].kev_date, "2021-12-10");
	CHECK_STR(infos[0].kev_due, "2021-12-24");
	CHECK_STR(infos[2].kev_due, "");
	partition_close(p);

	buf_clear(&records[0]);
	buf_clear(&records[1]);
	put_aliases(&records[0], names, 0);
	put_aliases(&records[1], names, 1);
	CHECK_OK(partition_open(make_ids("id/alias", keys, records, 2), NULL, &p, &e));
	CHECK_OK(partition_find_ids(p, ids, 3, &arena, infos, &e));
	CHECK(infos[0].has_alias && infos[0].alias_count == 1);
	CHECK_STR(infos[0].aliases[0], "GHSA-jfh8-c2jp-5v3q");
	partition_close(p);
	buf_done(&records[0]);
	buf_done(&records[1]);
	arena_done(&arena);
}

TEST(the_newest_cvss_decides_and_nvd_before_others)
{
	static const char *const keys[] = {"CVE-2021-44228"};
	struct id_score scores[] = {
		{STR_INIT("github"), STR_INIT("AV:N/AC:L/Au:N/C:P/I:P/A:P")},
		{STR_INIT("github"), STR_INIT("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H")},
		{STR_INIT("nvd"), STR_INIT("CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N")},
		{STR_INIT("x"), STR_INIT("CVSS:4.0/nonsense")},
	};
	struct cve_facts facts = {.title = STR("Log4Shell"), .scores = scores, .score_count = 4};
	struct str id = STR("CVE-2021-44228");
	struct buf record = BUF_INIT;
	struct id_info info = {0};
	struct arena arena = {0};
	struct partition *p = NULL;
	struct err e = ERR_INIT;

	put_cve(&record, NULL, &facts);
	CHECK_OK(partition_open(make_ids("id/cve", keys, &record, 1), NULL, &p, &e));
	CHECK_OK(partition_find_ids(p, &id, 1, &arena, &info, &e));
	CHECK(info.has_cve);
	CHECK_STR(info.title, "Log4Shell");
	CHECK_STR(info.cvss_source, "nvd");
	CHECK_INT(info.severity, SEVERITY_LOW);
	CHECK_INT(info.score_count, 4);
	partition_close(p);
	buf_done(&record);
	arena_done(&arena);
}

TEST(a_release_falls_to_its_shorter_number)
{
	static const char *const keys[] = {"alpine/3.19", "alpine/edge", "debian/12"};
	struct buf records[3] = {BUF_INIT, BUF_INIT, BUF_INIT};
	struct arena arena = {0};
	struct partition *p = NULL;
	struct str day, codename;
	struct err e = ERR_INIT;

	put_eol(&records[0], &(struct eol_facts){STR("2025-11-01"), STR("")});
	put_eol(&records[1], &(struct eol_facts){STR(""), STR("")});
	put_eol(&records[2], &(struct eol_facts){STR("2028-06-30"), STR("bookworm")});
	CHECK_OK(partition_open(make_ids("id/eol", keys, records, 3), NULL, &p, &e));
	CHECK_OK(partition_find_eol(p, STR("alpine"), STR("3.19.1"), &arena, &day, &codename, &e));
	CHECK_STR(day, "2025-11-01");
	CHECK_OK(partition_find_eol(p, STR("debian"), STR("12"), &arena, &day, &codename, &e));
	CHECK_STR(day, "2028-06-30");
	CHECK_STR(codename, "bookworm");
	CHECK_OK(partition_find_eol(p, STR("debian"), STR("99"), &arena, &day, &codename, &e));
	CHECK_STR(day, "");
	CHECK_OK(partition_find_eol(p, STR("nix"), STR(""), &arena, &day, &codename, &e));
	CHECK_STR(day, "");
	partition_close(p);
	for (int i = 0; i < 3; i++)
		buf_done(&records[i]);
	arena_done(&arena);
}

TEST(records_in_memory_answer_alike)
{
	struct advisory records[] = {{.id = STR_INIT("B"), .package = STR_INIT("b")},
				     {.id = STR_INIT("A1"), .package = STR_INIT("a")},
				     {.id = STR_INIT("A2"), .package = STR_INIT("a")}};
	struct version_span none = {0};
	struct str names[] = {STR_INIT("a"), STR_INIT("c"), STR_INIT("b"), STR_INIT("a")};
	size_t counts[4] = {0};
	struct seen seen = {.per_name = counts};
	struct partition *p = NULL;
	struct err e = ERR_INIT;

	for (int i = 0; i < 3; i++) {
		records[i].spans = &none;
		records[i].span_count = 1;
	}
	CHECK_OK(partition_open_records(records, 3, STR("notices"), &p, &e));
	CHECK_OK(partition_find_packages(p, names, 4, NULL, count_found, &seen, &e));
	CHECK_INT(counts[0], 2);
	CHECK_INT(counts[1], 0);
	CHECK_INT(counts[2], 1);
	CHECK_INT(counts[3], 2);
	CHECK_STR(partition_name(p), "notices");
	partition_close(p);
}

/* --- the index --- */

static const char *index_text(struct buf *out)
{
	struct partition_feed feeds[] = {{STR_INIT("osv"), STR_INIT("2026-08-21")},
					 {STR_INIT("x"), STR_INIT("")}};
	struct index_partition partitions[] = {
		{.name = STR_INIT("id/cve"),
		 .digest =
			 STR_INIT("sha256:00000000000000000000000000000000000000000000000000000000"
				  "00000001"),
		 .size = 7,
		 .records = 3},
		{.name = STR_INIT("pkg/debian-12"),
		 .digest =
			 STR_INIT("sha256:00000000000000000000000000000000000000000000000000000000"
				  "00000002"),
		 .size = 1234,
		 .records = 99,
		 .comparator = STR_INIT("debian"),
		 .feeds = feeds,
		 .feed_count = 2}};
	struct index_input inputs[] = {{STR_INIT("osv"), STR_INIT("2026-08-21"), 100, 2, 1}};
	struct database_index index = {
		.partitions = partitions, .partition_count = 2, .inputs = inputs, .input_count = 1};

	buf_clear(out);
	database_index_format(&index, out);
	return out->data;
}

TEST(the_index_comes_back_as_it_was_written)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct database_index index;
	const struct index_partition *p;
	struct err e = ERR_INIT;

	CHECK_OK(crypto_init(&e));
	index_text(&text);
	CHECK_OK(database_index_parse(buf_str(&text), NULL, &index, &e));
	CHECK_INT(index.partition_count, 2);
	CHECK_INT(index.input_count, 1);
	CHECK_INT(index.inputs[0].records, 100);
	CHECK_INT(index.inputs[0].left_out, 1);
	p = database_index_find(&index, STR("pkg/debian-12"));
	CHECK(p != NULL);
	if (p) {
		CHECK_INT(p->feed_count, 2);
		CHECK_STR(p->feeds[0].date, "2026-08-21");
		CHECK_STR(p->feeds[1].date, "");
		CHECK_INT(p->records, 99);
		CHECK_STR(p->comparator, "debian");
	}
	CHECK(database_index_find(&index, STR("pkg/debian-13")) == NULL);
	database_index_done(&index);
}

TEST(a_damaged_index_is_refused)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct database_index index;
	struct err e = ERR_INIT;

	CHECK_OK(crypto_init(&e));
	index_text(&text);
	for (size_t i = 0; i < text.len; i++) {
		if (database_index_parse(str_to(buf_str(&text), i), NULL, &index, &e) == 0)
			test_fail(__FILE__, __LINE__, "a cut at %zu is not missed", i);
		text.data[i] ^= 4;
		if (database_index_parse(buf_str(&text), NULL, &index, &e) == 0)
			test_fail(__FILE__, __LINE__, "a flip at %zu is not missed", i);
		text.data[i] ^= 4;
	}
	text.data[18] = '2';
	CHECK_ERR(database_index_parse(buf_str(&text), NULL, &index, &e), ERR_UNSUPPORTED);
}

TEST(a_bound_partition_is_the_one_that_the_index_names)
{
	struct index_partition row = {.name = STR("pkg/debian-12"), .digest = STR("sha256:x")};
	struct partition_feed feed = {STR("osv"), STR("2026-01-01")};
	struct database_index index = {.partitions = &row, .partition_count = 1};
	struct partition *p = NULL;
	struct err e = ERR_INIT;
	size_t count;

	CHECK_OK(partition_open(make_partition(10), NULL, &p, &e));
	CHECK_ERR(partition_bind(p, &index, &e), ERR_DIGEST);
	row.size = written.size;
	memcpy(row.root, written.root.bytes, 32);
	row.feeds = &feed;
	row.feed_count = 1;
	CHECK_INT(partition_digest(p).len, 71);
	CHECK_OK(partition_bind(p, &index, &e));
	CHECK_STR(partition_feeds(p, &count)[0].date, "2026-01-01");
	row.name = STR("pkg/other");
	CHECK_ERR(partition_bind(p, &index, &e), ERR_NOT_FOUND);
	partition_close(p);
}
