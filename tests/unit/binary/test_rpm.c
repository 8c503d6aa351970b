#include "test.h"

#include "base/buf.h"
#include "base/fault.h"
#include "binary/binary.h"
#include "binary/rpmdb.h"
#include "binary/rpmheader.h"
#include "binary/rpmmanifest.h"

#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- headers made by hand --------------------------------------------------------------------- */

enum { INT16 = 3, INT32 = 4, INT64 = 5, STRING = 6, BIN = 7, STRINGS = 8, I18N = 9 };

struct tag {
	uint32_t tag, type, count;
	const char *data; /* NULL ends the list */
	size_t len;
};

#define TEXT(tag, text) \
	{ \
		tag, STRING, 1, text, sizeof(text) \
	}
#define LIST(tag, n, text) \
	{ \
		tag, STRINGS, n, text, sizeof(text) \
	}
#define RAW(tag, type, n, raw) \
	{ \
		tag, type, n, raw, sizeof(raw) - 1 \
	}

static void add_be32(struct buf *b, uint32_t v)
{
	char bytes[4] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v};

	buf_add(b, str_make(bytes, 4));
}

/* A header without region. */
static struct buf make_header(const struct tag *tags)
{
	struct buf index = BUF_INIT, data = BUF_INIT, out = BUF_INIT;
	uint32_t count = 0;

	for (const struct tag *t = tags; t->data; t++, count++) {
		while (data.len % 8)
			buf_add_char(&data, '\0');
		add_be32(&index, t->tag);
		add_be32(&index, t->type);
		add_be32(&index, (uint32_t)data.len);
		add_be32(&index, t->count);
		buf_add(&data, str_make(t->data, t->len));
	}
	add_be32(&out, count);
	add_be32(&out, (uint32_t)data.len);
	buf_add(&out, buf_str(&index));
	buf_add(&out, buf_str(&data));
	buf_done(&index);
	buf_done(&data);
	return out;
}

#define IDENTITY TEXT(RPM_TAG_NAME, "tool"), TEXT(RPM_TAG_VERSION, "1.2")

TEST(header_gives_the_package)
{
	static const struct tag tags[] = {
		LIST(RPM_TAG_NAME, 2, "tool\0other"),
		{RPM_TAG_VERSION, I18N, 1, "1.2", 4},
		TEXT(RPM_TAG_RELEASE, "3"),
		RAW(RPM_TAG_EPOCH, INT32, 1, "\0\0\0\7"),
		RAW(RPM_TAG_SIZE, INT32, 1, "\0\0\1\0"),
		RAW(RPM_TAG_LONGSIZE, INT64, 1, "\0\0\1\0\0\0\0\0"),
		RAW(RPM_TAG_INSTALLTIME, INT16, 2, "\1\0\2\0"),
		TEXT(RPM_TAG_SOURCERPM, "(none)"),
		{0},
	};
	CLEANUP(buf_done) struct buf blob = make_header(tags);
	struct rpm_header h;
	struct rpm_package p;
	struct err e = ERR_INIT;

	CHECK_OK(rpm_header_open(buf_str(&blob), &h, &e));
	CHECK_OK(rpm_header_package(&h, &p, &e));
	CHECK_STR(p.name, "tool");
	CHECK_STR(p.version, "1.2");
	CHECK_STR(p.release, "3");
	CHECK_STR(p.source_rpm, "");
	CHECK_STR(p.license, "");
	CHECK(p.has_epoch);
	CHECK_INT(p.epoch, 7);
	CHECK_INT(p.size, 1LL << 40);
	CHECK_INT(p.install_time, 256);
}

static void check_package(const struct tag *tags, enum err_code expected)
{
	CLEANUP(buf_done) struct buf blob = make_header(tags);
	struct rpm_header h;
	struct rpm_package p;
	struct err e = ERR_INIT;
	int result = rpm_header_open(buf_str(&blob), &h, &e);

	if (result == 0)
		result = rpm_header_package(&h, &p, &e);
	if (expected == ERR_NONE)
		CHECK_OK(result);
	else
		CHECK_ERR(result, expected);
}

#define CHECK_PACKAGE(expected, ...) \
	do { \
		static const struct tag tags_[] = {__VA_ARGS__, {0}}; \
		check_package(tags_, expected); \
	} while (0)

TEST(header_refuses_malformed_tags)
{
	CHECK_PACKAGE(ERR_NONE, IDENTITY);
	CHECK_PACKAGE(ERR_FORMAT, TEXT(RPM_TAG_NAME, "tool"));
	CHECK_PACKAGE(ERR_FORMAT, TEXT(RPM_TAG_NAME, ""), TEXT(RPM_TAG_VERSION, "1"));
	CHECK_PACKAGE(ERR_FORMAT, RAW(RPM_TAG_NAME, STRING, 1, "no end"),
		      TEXT(RPM_TAG_VERSION + 9000, ""), RAW(RPM_TAG_VERSION, STRING, 1, "no end"));
	CHECK_PACKAGE(ERR_FORMAT, IDENTITY, RAW(RPM_TAG_EPOCH, STRING, 1, "1\0"));
	CHECK_PACKAGE(ERR_FORMAT, IDENTITY, RAW(RPM_TAG_ARCH, INT32, 1, "\0\0\0\1"));
	/* tags that nobody asks for are checked too */
	CHECK_PACKAGE(ERR_FORMAT, IDENTITY, RAW(5000, 10, 1, "x"));
	CHECK_PACKAGE(ERR_FORMAT, IDENTITY, RAW(5000, STRING, 2, "x\0y\0"));
	CHECK_PACKAGE(ERR_FORMAT, IDENTITY, RAW(5000, STRINGS, 0, "x\0"));
	CHECK_PACKAGE(ERR_FORMAT, IDENTITY, RAW(5000, INT32, 3, "\0\0\0\0\0\0\0\0"));
	CHECK_PACKAGE(ERR_FORMAT, IDENTITY, RAW(5000, INT32, 0x40000001, "\0\0\0\0"));
	CHECK_PACKAGE(ERR_FORMAT, IDENTITY, RAW(5000, STRINGS, 0xffffffff, "x\0"));
}

TEST(header_with_two_names_is_refused_and_the_same_twice_is_not)
{
	CHECK_PACKAGE(ERR_FORMAT, IDENTITY, TEXT(RPM_TAG_NAME, "other"));
	CHECK_PACKAGE(ERR_FORMAT, IDENTITY, TEXT(RPM_TAG_VERSION, "1.3"));
	CHECK_PACKAGE(ERR_NONE, IDENTITY, TEXT(RPM_TAG_NAME, "tool"));
	CHECK_PACKAGE(ERR_NONE, IDENTITY, TEXT(RPM_TAG_LICENSE, "MIT"),
		      TEXT(RPM_TAG_LICENSE, "GPL"));
}

TEST(header_sizes_must_agree)
{
	static const struct tag tags[] = {IDENTITY, {0}};
	CLEANUP(buf_done) struct buf blob = make_header(tags);
	struct str whole = buf_str(&blob);
	struct rpm_header h;
	struct err e = ERR_INIT;
	char *huge = calloc(1, RPM_HEADER_MAX + 1);

	for (size_t n = 0; n < whole.len; n++)
		CHECK(rpm_header_open(str_to(whole, n), &h, &e) < 0);
	buf_add_char(&blob, '\0');
	CHECK_ERR(rpm_header_open(buf_str(&blob), &h, &e), ERR_FORMAT);
	CHECK_ERR(rpm_header_open(STR("\0\0\0\0\0\0\0\0"), &h, &e), ERR_FORMAT);
	CHECK_ERR(rpm_header_open(STR("\xff\xff\xff\xff\xff\xff\xff\xff"), &h, &e), ERR_FORMAT);
	CHECK_ERR(rpm_header_open(str_make(huge, RPM_HEADER_MAX + 1), &h, &e), ERR_LIMIT);
	free(huge);
}

TEST(region_is_checked_and_later_tags_replace_its_own)
{
	static const struct tag tags[] = {
		RAW(63, BIN, 16, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
		IDENTITY,
		/* the trailer: tag, type, -3 entries, count */
		RAW(2000, BIN, 16, "\0\0\0\x3f\0\0\0\7\xff\xff\xff\xd0\0\0\0\x10"),
		TEXT(RPM_TAG_NAME, "renamed"),
		{0},
	};
	CLEANUP(buf_done) struct buf blob = make_header(tags);
	struct rpm_header h;
	struct rpm_package p;
	struct err e = ERR_INIT;
	size_t trailer = 16 + 8 + 8; /* behind the region's own bytes and two strings */

	memcpy(blob.data + 8 + 8, (char[]){0, 0, 0, (char)trailer}, 4);
	CHECK_OK(rpm_header_open(buf_str(&blob), &h, &e));
	CHECK_INT(h.region_entries, 3);
	CHECK_OK(rpm_header_package(&h, &p, &e));
	CHECK_STR(p.name, "renamed");
	for (size_t i = 0; i < 16; i++) {
		size_t at = 8 + 5 * 16 + trailer + i;

		blob.data[at] ^= 0x55;
		CHECK_ERR(rpm_header_open(buf_str(&blob), &h, &e), ERR_FORMAT);
		blob.data[at] ^= 0x55;
	}
}

TEST(files_are_joined_from_folders_and_names)
{
	static const struct tag tags[] = {
		IDENTITY,
		LIST(RPM_TAG_DIRNAMES, 2, "/usr/bin/\0/etc/"),
		LIST(RPM_TAG_BASENAMES, 3, "a\0b\0c"),
		RAW(RPM_TAG_DIRINDEXES, INT32, 3, "\0\0\0\0\0\0\0\1\0\0\0\0"),
		RAW(RPM_TAG_FILEFLAGS, INT32, 3, "\0\0\0\0\0\0\0\x40\0\0\0\0"),
		{0},
	};
	static const char *const dirs[] = {"/usr/bin/", "/etc/", "/usr/bin/"}, *const bases[] = {
										       "a", "b",
										       "c"};
	CLEANUP(buf_done) struct buf blob = make_header(tags);
	CLEANUP(arena_done) struct arena a = {0};
	struct rpm_header h;
	struct rpm_files files;
	struct rpm_file file;
	struct err e = ERR_INIT;

	CHECK_OK(rpm_header_open(buf_str(&blob), &h, &e));
	CHECK_OK(rpm_files_open(&h, &a, &files, &e));
	for (int i = 0; i < 3; i++) {
		CHECK_INT(rpm_files_next(&files, &file, &e), 1);
		CHECK_STR(file.dir, dirs[i]);
		CHECK_STR(file.base, bases[i]);
		CHECK_INT(file.flags, i == 1 ? RPM_FILE_GHOST : 0);
	}
	CHECK_INT(rpm_files_next(&files, &file, &e), 0);
}

static int walk_files(const struct tag *tags, size_t *ret_count, struct err *e)
{
	CLEANUP(buf_done) struct buf blob = make_header(tags);
	CLEANUP(arena_done) struct arena a = {0};
	struct rpm_header h;
	struct rpm_files files;
	struct rpm_file file;
	int more;

	*ret_count = 0;
	if (rpm_header_open(buf_str(&blob), &h, e) < 0 || rpm_files_open(&h, &a, &files, e) < 0)
		return -1;
	while ((more = rpm_files_next(&files, &file, e)) > 0)
		++*ret_count;
	return more;
}

TEST(malformed_file_lists_are_errors)
{
	static const struct tag rows[][5] = {
		{LIST(RPM_TAG_BASENAMES, 2, "a\0b"), {0}},
		{LIST(RPM_TAG_BASENAMES, 2, "a\0b"),
		 LIST(RPM_TAG_DIRNAMES, 1, "/"),
		 RAW(RPM_TAG_DIRINDEXES, INT32, 1, "\0\0\0\0"),
		 {0}},
		{LIST(RPM_TAG_BASENAMES, 1, "a"),
		 LIST(RPM_TAG_DIRNAMES, 1, "/"),
		 RAW(RPM_TAG_DIRINDEXES, INT32, 1, "\0\0\0\1"),
		 {0}},
		{LIST(RPM_TAG_BASENAMES, 1, "a"),
		 LIST(RPM_TAG_DIRNAMES, 1, "/"),
		 RAW(RPM_TAG_DIRINDEXES, INT32, 1, "\xff\xff\xff\xff"),
		 {0}},
		{LIST(RPM_TAG_BASENAMES, 1, "a"),
		 RAW(RPM_TAG_DIRINDEXES, INT32, 1, "\0\0\0\0"),
		 RAW(RPM_TAG_DIRNAMES, STRINGS, 2, "/a\0/"),
		 {0}},
		{TEXT(RPM_TAG_BASENAMES, "a"), {0}},
	};
	static const struct tag old[] = {LIST(RPM_TAG_OLDFILENAMES, 2, "/a\0/b"), {0}};
	static const struct tag none[] = {IDENTITY, {0}};
	size_t count;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_INIT;

		CHECK_ERR(walk_files(rows[i], &count, &e), ERR_FORMAT);
	}
	struct err e = ERR_INIT;

	CHECK_OK(walk_files(old, &count, &e));
	CHECK_INT(count, 2);
	CHECK_OK(walk_files(none, &count, &e));
	CHECK_INT(count, 0);
}

/* --- manifests -------------------------------------------------------------------------------- */

struct seen {
	struct rpm_package packages[8];
	uint32_t lines[8];
	size_t count;
};

static int keep(void *context, const struct rpm_package *p, uint32_t line, struct err *e)
{
	struct seen *seen = context;

	(void)e;
	if (seen->count < 8) {
		seen->lines[seen->count] = line;
		seen->packages[seen->count++] = *p;
	}
	return 0;
}

TEST(manifest_lines_give_packages_and_others_are_told)
{
	static const char text[] =
		"filesystem-1.1-20.cm2.x86_64\n"
		"gpg-pubkey-3135ce90-5e6fda74.(none)\n"
		"a-b-1.0-2\r\n"
		"nonsense\n"
		"\n"
		"z\t1-2.cm2\t17\t16\tV\t(none)\t5\tnoarch\t4294967296\tz.src.rpm\n"
		"z\t1.5-2.cm2\t17\t16\tV\t(none)\t5\tnoarch\t3\tz.src.rpm\n"
		"z\t1-2\t17\t16\tV\t(none)\t5\tnoarch\t3\n"
		"z\t1-2\tx\t16\tV\t(none)\t5\tnoarch\t3\tz.src.rpm\textra\n";
	struct seen seen = {0};
	struct rpm_manifest_visitor visitor = {.context = &seen, .package = keep};
	struct diags diags;
	struct err e = ERR_INIT;

	diags_init(&diags, NULL);
	CHECK_OK(rpm_manifest_read(STR(text), &visitor, &diags, DIAG_NOWHERE, &e));
	CHECK_INT(seen.count, 4);
	CHECK_STR(seen.packages[0].name, "filesystem");
	CHECK_STR(seen.packages[0].release, "20.cm2");
	CHECK_STR(seen.packages[0].arch, "x86_64");
	CHECK_STR(seen.packages[1].arch, "");
	CHECK_STR(seen.packages[2].name, "a-b");
	CHECK_STR(seen.packages[2].release, "2");
	CHECK_STR(seen.packages[3].version, "1.5");
	CHECK_STR(seen.packages[3].vendor, "V");
	CHECK_STR(seen.packages[3].source_rpm, "z.src.rpm");
	CHECK_INT(seen.packages[3].epoch, 3);
	CHECK_INT(seen.packages[3].install_time, 17);
	CHECK_INT(seen.lines[3], 7);
	CHECK_INT(diags.per_code[DIAG_package_db_malformed], 4);
	CHECK_INT(diags.list.items[0].offset, 76);
	diags_done(&diags);
}

/* --- databases: the seeds of the fuzz targets --------------------------------------------------
 */

struct reading {
	struct str file; /* to be freed */
	struct rpmdb_input in;
	struct diags diags;
	size_t packages;
};

static int count_package(void *context, const struct rpm_header *h, const struct rpm_package *p,
			 struct err *e)
{
	struct reading *r = context;

	(void)h;
	(void)p;
	(void)e;
	r->packages++;
	return 0;
}

static void open_seed(struct reading *r, const char *name)
{
	bool with_log = strstr(name, "sqlite") != NULL;
	size_t log = 0;

	*r = (struct reading){.file = test_read_file(test_source(name))};
	diags_init(&r->diags, NULL);
	r->in = (struct rpmdb_input){
		.main = r->file,
		.place = DIAG_NOWHERE,
		.wal_place = DIAG_NOWHERE,
		.diags = &r->diags,
	};
	if (!with_log)
		return;
	for (int i = 3; i >= 0; i--)
		log = log << 8 | (uint8_t)r->file.data[i];
	r->in.wal = str_sub(r->file, 4, 4 + log);
	r->in.main = str_from(r->file, 4 + log);
}

static void close_seed(struct reading *r)
{
	diags_done(&r->diags);
	free((void *)r->file.data);
}

static int read_seed(struct reading *r, struct err *e)
{
	struct rpmdb_visitor visitor = {.context = r, .package = count_package};

	return rpmdb_read(&r->in, &visitor, e);
}

static const char *const seeds[] = {
	"fuzz/corpus/rpmdb_bdb/three-little",
	"fuzz/corpus/rpmdb_ndb/three",
	"fuzz/corpus/rpmdb_sqlite/log",
};
enum { SEEDS = 3 };

TEST(databases_are_known_by_their_first_bytes)
{
	CHECK(!rpmdb_probe(STR("")));
	CHECK(!rpmdb_probe(STR("SQLite format 2\0")));
	CHECK(!strcmp(rpmdb_probe(STR("SQLite format 3\0")), "sqlite"));
	CHECK(!strcmp(rpmdb_probe(STR("RpmP")), "ndb"));
	CHECK(!strcmp(rpmdb_probe(STR("............\x61\x15\x06\0")), "bdb"));
	CHECK(!strcmp(rpmdb_probe(STR("............\0\x06\x15\x61")), "bdb"));
}

/* The sanitizers' own run time needs more calls than the filter has. */
#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static void allow(scmp_filter_ctx filter, int call)
{
	if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) < 0)
		_exit(3);
}

/* What a computation needs and no more: everything else kills the process. */
static void confine(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	static const int calls[] = {
		SCMP_SYS(brk),	    SCMP_SYS(mmap),    SCMP_SYS(munmap), SCMP_SYS(mremap),
		SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(futex),	 SCMP_SYS(exit_group),
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		allow(filter, calls[i]);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || seccomp_load(filter) < 0)
		_exit(3);
}

TEST(databases_are_read_without_any_file_or_clock)
{
	struct err e = ERR_INIT;

	CHECK_OK(binary_init(&e));
	if (SANITIZED) {
		test_skip("not with a sanitizer");
		return;
	}
	for (int i = 0; i < SEEDS; i++) {
		struct reading r;
		int status;
		pid_t child;

		open_seed(&r, seeds[i]);
		child = fork();
		if (child == 0) {
			confine();
			_exit(read_seed(&r, &e) == 0 && r.packages == 3 && r.diags.list.count == 0
				      ? 7
				      : 1);
		}
		waitpid(child, &status, 0);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 3)
			test_skip("no seccomp here");
		else if (!WIFEXITED(status) || WEXITSTATUS(status) != 7)
			test_fail(__FILE__, __LINE__, "%s: status %x", seeds[i], status);
		close_seed(&r);
	}
}

static long failing;

static bool fail_once(enum fault_kind kind)
{
	return kind == FAULT_ALLOC && failing-- == 0;
}

TEST(a_failed_allocation_is_an_error_or_told_and_never_a_lost_package)
{
	struct err e = ERR_INIT;

	CHECK_OK(binary_init(&e));
	for (int i = 0; i < SEEDS; i++) {
		long k = 0, left;

		do {
			struct budget budget = {0};
			struct reading r;
			int result;

			open_seed(&r, seeds[i]);
			r.in.budget = &budget;
			failing = k++;
			fault_hook = fail_once;
			result = read_seed(&r, &e);
			fault_hook = NULL;
			left = failing;
			if (result < 0)
				CHECK_INT(e.code, ERR_MEMORY);
			else if (r.packages != 3 && !r.diags.per_code[DIAG_package_db_malformed])
				test_fail(__FILE__, __LINE__, "%s: allocation %ld lost a package",
					  seeds[i], k - 1);
			CHECK_INT(budget.bytes, 0);
			close_seed(&r);
		} while (left < 0 && k < 100000);
		CHECK(k > 1);
	}
}

TEST(a_spent_budget_is_an_error)
{
	struct err e = ERR_INIT;

	CHECK_OK(binary_init(&e));
	for (int i = 0; i < SEEDS; i++) {
		struct budget budget = {.bytes_max = 30};
		struct reading r;

		open_seed(&r, seeds[i]);
		r.in.budget = &budget;
		CHECK_ERR(read_seed(&r, &e), ERR_MEMORY);
		CHECK_INT(budget.bytes, 0);
		close_seed(&r);
	}
}

static int refuse(void *context, const struct rpm_header *h, const struct rpm_package *p,
		  struct err *e)
{
	(void)context;
	(void)h;
	(void)p;
	return err_set(e, ERR_CANCELLED, "stop");
}

TEST(the_visitor_can_stop)
{
	struct err e = ERR_INIT;

	CHECK_OK(binary_init(&e));
	for (int i = 0; i < SEEDS; i++) {
		struct rpmdb_visitor visitor = {.package = refuse};
		struct budget budget = {0};
		struct reading r;

		open_seed(&r, seeds[i]);
		r.in.budget = &budget;
		CHECK_ERR(rpmdb_read(&r.in, &visitor, &e), ERR_CANCELLED);
		CHECK_INT(budget.bytes, 0);
		close_seed(&r);
	}
}
