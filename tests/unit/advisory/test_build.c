#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "advisory/build.h"
#include "advisory/ecosystem.h"
#include "advisory/manage.h"
#include "advisory/sink.h"
#include "base/fault.h"

/* --- places --- */

static char root[64];

static const char *place(const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *path = paths[next++ % 4];

	if (!root[0]) {
		snprintf(root, sizeof(root), "/tmp/plimsoll-build-XXXXXX");
		if (!mkdtemp(root))
			abort();
	}
	snprintf(path, 256, "%s/%s", root, name);
	return path;
}

static void remove_all(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		char below[1024];

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		if (unlink(below) < 0)
			remove_all(below);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

__attribute__((destructor)) static void clean(void)
{
	if (root[0])
		remove_all(root);
}

static const char *write_file(const char *name, const char *text)
{
	const char *path = place(name);
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
	return path;
}

/* A tracker with so many packages. */
static const char *tracker(const char *name, unsigned packages, const char *fixed)
{
	const char *path = place(name);
	FILE *f = fopen(path, "w");

	if (!f)
		abort();
	fputc('{', f);
	for (unsigned i = 0; i < packages; i++)
		fprintf(f,
			"%s\"p%05u\":{\"CVE-2024-%04u\":{\"description\":\"Text %u\",\"releases\":{"
			"\"bookworm\":{\"status\":\"resolved\",\"fixed_version\":\"%s\","
			"\"urgency\":\"low\"},\"sid\":{\"status\":\"open\",\"urgency\":\"high\"}}}"
			"}",
			i ? "," : "", i, i, i, fixed);
	fputs("}\n", f);
	if (fclose(f) != 0)
		abort();
	return path;
}

static int build(const char *out, const char *path, size_t memory, struct err *e)
{
	struct build_input input = {feed_find(STR("debian-tracker")), path};
	struct build_request request = {.out = out,
					.inputs = &input,
					.input_count = 1,
					.memory = memory,
					.in_process = true};
	struct buf report = BUF_INIT;
	int r = db_build(&request, &report, e);

	buf_done(&report);
	return r;
}

static struct str read_index(const char *database)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/index", database);
	return test_read_file(path);
}

/* --- the sorter --- */

static int spills;

static int spill(void *context, int *ret_fd, struct err *e)
{
	(void)context;
	(void)e;
	spills++;
	*ret_fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return *ret_fd < 0 ? -1 : 0;
}

static void sort_numbers(size_t memory, unsigned count)
{
	struct sorter_options options = {.memory = memory, .spill = spill};
	struct err e = ERR_INIT;
	struct sorter *s = sorter_new(&options, &e);
	struct str item, last = STR_NULL;
	char room[32], kept[32];
	unsigned seen = 0;
	int r;

	for (unsigned i = 0; i < count; i++) {
		int n = snprintf(room, sizeof(room), "%08u", i * 7919 % (count / 2));

		CHECK_OK(sorter_add(s, str_make(room, (size_t)n), &e));
	}
	CHECK_OK(sorter_sort(s, &e));
	while ((r = sorter_next(s, &item, &e)) > 0) {
		if (last.data && str_cmp(last, item) >= 0)
			test_fail(__FILE__, __LINE__, "'%.*s' comes behind '%.*s'", STR_ARG(item),
				  STR_ARG(last));
		memcpy(kept, item.data, item.len);
		last = str_make(kept, item.len);
		seen++;
	}
	CHECK_INT(r, 0);
	CHECK_INT(seen, count / 2);
	sorter_free(s);
}

TEST(items_come_sorted_and_once_from_memory_and_from_runs)
{
	spills = 0;
	sort_numbers(0, 20000);
	CHECK_INT(spills, 0);
	sort_numbers(30000, 20000);
	CHECK_INT(spills, 1);
	sort_numbers(400000, 20000);
	CHECK_INT(spills, 2);
}

TEST(nothing_to_sort)
{
	struct sorter_options options = {.spill = spill};
	struct err e = ERR_INIT;
	struct sorter *s = sorter_new(&options, &e);
	struct str item;

	CHECK_OK(sorter_sort(s, &e));
	CHECK_INT(sorter_next(s, &item, &e), 0);
	sorter_free(s);
}

/* --- dates --- */

static int32_t newest_of(const int32_t *days, size_t count)
{
	struct newest n = {0};

	for (size_t i = 0; i < count; i++)
		newest_add(&n, days[i]);
	return newest_day(&n);
}

#define NEWEST_OF(...) \
	newest_of((const int32_t[]){__VA_ARGS__}, \
		  sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t))

TEST(a_lone_day_in_the_future_is_no_date)
{
	CHECK_INT(NEWEST_OF(20000), 20000);
	CHECK_INT(NEWEST_OF(20000, 19990, 19000), 20000);
	CHECK_INT(NEWEST_OF(20600, 20000, 19990), 20000);
	CHECK_INT(NEWEST_OF(20600, 20600, 20000, 20000, 19990), 20000);
	/* all far from each other: the newest */
	CHECK_INT(NEWEST_OF(20000, 19000, 18000), 20000);
	/* so many on one day are no mistake */
	CHECK_INT(NEWEST_OF(9, 9, 9, 9, 9, 9, 9, 9, 1), 9);
	CHECK_INT(newest_of(NULL, 0), -1);
}

/* --- names --- */

TEST(code_names_have_releases)
{
	CHECK_STR(debian_release_of(STR("bookworm")), "12");
	CHECK_STR(debian_release_of(STR("jammy")), "");
	CHECK_STR(ubuntu_release_of(STR("jammy")), "22.04");
	CHECK_STR(str_of(ecosystem_comparator(STR("debian-12"))), "debian");
	CHECK_STR(str_of(ecosystem_comparator(STR("debianish"))), "");
	CHECK_STR(str_of(ecosystem_comparator(STR("pypi"))), "pypi");
	CHECK(is_cve_id(STR("CVE-2024-1234")) && is_cve_id(STR("CVE-1999-0001")));
	CHECK(!is_cve_id(STR("CVE-2024-123")) && !is_cve_id(STR("CVE-2024-12x4")) &&
	      !is_cve_id(STR("cve-2024-1234")) && !is_cve_id(STR("")));
}

/* --- builds --- */

TEST(runs_on_disk_give_the_same_database_as_memory)
{
	const char *feed = tracker("runs.json", 3000, "1.2-3");
	const char *a = place("memory"), *b = place("runs");
	struct err e = ERR_INIT;
	struct str x, y;

	CHECK_OK(build(a, feed, 0, &e));
	CHECK_OK(build(b, feed, 40000, &e));
	x = read_index(a);
	y = read_index(b);
	CHECK(str_eq(x, y));
	free((void *)x.data);
	free((void *)y.data);
}

/* --- faults --- */

static enum fault_kind failing;
static long countdown;
static bool hit;

static bool hook(enum fault_kind kind)
{
	if (kind != failing || countdown-- != 0)
		return false;
	hit = true;
	return true;
}

/* The k-th call of a kind fails, for each k: the build says so and the old database stays as it
 * was. */
static void fail_each(enum fault_kind kind, long step)
{
	const char *db = place("faults"), *old = tracker("old.json", 20, "1"),
		   *new = tracker("new.json", 120, "2");
	struct err e = ERR_INIT;
	struct buf out = BUF_INIT;
	struct str before, after, wanted;
	long k = 0, mended = 0;

	CHECK_OK(build(db, new, 0, &e));
	wanted = read_index(db);
	CHECK_OK(build(db, old, 0, &e));
	before = read_index(db);
	failing = kind;
	for (;; k += step) {
		int r;

		countdown = k;
		hit = false;
		e = ERR_INIT;
		fault_hook = hook;
		r = build(db, new, 8000, &e);
		fault_hook = NULL;
		if (!hit)
			break;
		after = read_index(db);
		/* an arena takes a smaller chunk when a large one is not to be had: that is no
		 * failure */
		if (r == 0 && !str_eq(after, wanted))
			test_fail(__FILE__, __LINE__, "failure %ld went unnoticed", k);
		if (r < 0 && !e.message[0])
			test_fail(__FILE__, __LINE__, "failure %ld has no message", k);
		/* the folder is synced behind the replacement: then the new one stands */
		if (r < 0 && !str_eq(before, after) && !str_eq(wanted, after))
			test_fail(__FILE__, __LINE__, "failure %ld: neither old nor new", k);
		if (r < 0 && !str_eq(before, after) && kind != FAULT_WRITE)
			test_fail(__FILE__, __LINE__, "failure %ld changed the index", k);
		free((void *)after.data);
		mended += r == 0;
		buf_clear(&out);
		e = ERR_INIT;
		CHECK_OK(db_verify(db, &out, &e));
		if (r == 0) {
			e = ERR_INIT;
			CHECK_OK(build(db, old, 0, &e));
		}
	}
	CHECK(k > 0);
	printf("# %ld places, %ld of them mended\n", k / step, mended);
	CHECK_OK(build(db, old, 0, &e));
	after = read_index(db);
	CHECK(str_eq(before, after));
	free((void *)before.data);
	free((void *)after.data);
	free((void *)wanted.data);
	buf_done(&out);
}

TEST(each_failing_write_leaves_a_whole_database)
{
	fail_each(FAULT_WRITE, 1);
}

TEST(each_failing_read_leaves_the_old_database)
{
	fail_each(FAULT_READ, 1);
}

TEST(each_failing_allocation_leaves_the_old_database)
{
	fail_each(FAULT_ALLOC, 5);
}

TEST(each_failing_allocation_of_a_look_up_is_an_error)
{
	const char *db = place("look-ups");
	struct str names[] = {STR_INIT("p00001"), STR_INIT("p00002"), STR_INIT("none")};
	struct err e = ERR_INIT;

	write_file("unused", "");
	CHECK_OK(build(db, tracker("look.json", 200, "1"), 0, &e));
	failing = FAULT_ALLOC;
	for (long k = 0, errors = 0;; k++) {
		struct database_folder *f = NULL;
		struct partition *p = NULL;
		struct arena arena = {0};
		struct id_info infos[3] = {0};
		int r;

		countdown = k;
		hit = false;
		e = ERR_INIT;
		fault_hook = hook;
		r = database_folder_open(db, &f, &e);
		if (r == 0)
			r = database_folder_partition(f, STR("id/cve"), NULL, &p, &e);
		if (r == 0)
			r = partition_find_ids(p, names, 3, &arena, infos, &e);
		fault_hook = NULL;
		partition_close(p);
		database_folder_close(f);
		arena_done(&arena);
		if (!hit) {
			CHECK(errors > 3);
			break;
		}
		if (r < 0)
			CHECK_INT(e.code, ERR_MEMORY);
		errors += r < 0;
	}
}
