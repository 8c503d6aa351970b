/*
 * Time and memory grow with the entries and the layers, not with their product.
 */
#include "feeder.h"

#include <time.h>

#include "test.h"

enum { LAYERS = 500, DEPTH = 250 };

/* The limit of a layer, 2 million, with PLIMSOLL_SCALE=full in the environment: below 200 MB. */
static unsigned entry_count(void)
{
	const char *scale = getenv("PLIMSOLL_SCALE");

	return scale && strcmp(scale, "full") == 0 ? 2000000 : 500000;
}

/* The thread sanitizer makes memory accesses ten times dearer. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { SECONDS_MAX = 120 };
#else
enum { SECONDS_MAX = 20 };
#endif

/* Of CPU: others use the machine too. */
static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int add(const struct layer_visitor *v, size_t task, const struct entry *entry,
	       struct str content, struct err *e)
{
	struct body body;

	body_init_memory(&body, content);
	return v->entry(v->context, task, entry, &body, e);
}

static int add_file(const struct layer_visitor *v, size_t task, const char *path,
		    struct str content, struct err *e)
{
	struct entry entry = {.type = ENTRY_FILE, .path = str_of(path), .size = content.len};

	return add(v, task, &entry, content, e);
}

static void begin_layer(struct feed *f, const struct layer_visitor *v)
{
	size_t i = f->image.layer_count++;

	f->layers[i] = (struct image_layer){.index = (int)i, .task = i};
	CHECK(v->begin(v->context, i, &f->e) == 0);
}

static int count_file(void *context, const struct inventory_file *file, struct err *e)
{
	(void)file;
	(void)e;
	++*(size_t *)context;
	return 0;
}

/* `name` writes the n-th path. Sizes are of the budget, which counts all that is kept. */
static void one_layer(const char *what, void (*name)(char *out, size_t size, unsigned n),
		      size_t expected)
{
	struct feed *f = malloc(sizeof(*f));
	struct layer_visitor v;
	double start = seconds(), walked, built, listed;
	size_t count = 0;

	feed_init(f, false);
	v = inspect_visitor(f->run);
	begin_layer(f, &v);
	for (unsigned n = 0; n < entry_count(); n++) {
		char path[4096];

		name(path, sizeof(path), n);
		if (add_file(&v, 0, path, STR_NULL, &f->e) < 0) {
			test_fail(__FILE__, __LINE__, "%s: %s", what, f->e.message);
			break;
		}
	}
	v.end(v.context, 0, true);
	walked = seconds();
	CHECK_INT(feed_build(f), 0);
	built = seconds();
	CHECK_INT(inventory_each_file(f->inv, count_file, &count, &f->e), 0);
	listed = seconds();
	CHECK_INT(count, expected);
	printf("# %s: walk %.2f s, squash %.2f s, list %.2f s, %llu MB\n", what, walked - start,
	       built - walked, listed - built, (unsigned long long)f->budget.bytes_peak >> 20);
	CHECK(f->budget.bytes_peak < 100ull * entry_count());
	feed_done(f);
	free(f);
}

static void name_ordinary(char *out, size_t size, unsigned n)
{
	snprintf(out, size, "usr/lib/node_modules/package%u/lib/file%u.js", n / 100, n);
}

static void name_one_folder(char *out, size_t size, unsigned n)
{
	snprintf(out, size, "var/lib/spool/%08x", n * 2654435761u);
}

static void name_again(char *out, size_t size, unsigned n)
{
	snprintf(out, size, "a/b/c%u", n % 10);
}

TEST(a_large_layer_of_many_folders)
{
	one_layer("many folders", name_ordinary, entry_count() + entry_count() / 100 * 2 + 3);
}

TEST(a_large_layer_of_one_folder)
{
	one_layer("one folder", name_one_folder, entry_count() + 3);
}

TEST(a_large_layer_of_the_same_ten_paths)
{
	one_layer("the same paths", name_again, 12);
}

/* Each layer has its own package, in the database and in a folder of one-package files. */
TEST(five_hundred_layers)
{
	struct feed *f = malloc(sizeof(*f));
	struct layer_visitor v;
	double start = seconds();
	struct buf status = BUF_INIT;
	size_t count = 0;
	const struct package *packages;

	feed_init(f, false);
	v = inspect_visitor(f->run);
	for (unsigned layer = 0; layer < LAYERS; layer++) {
		char path[256], text[256];

		begin_layer(f, &v);
		buf_printf(&status, "Package: p%u\nStatus: install ok installed\nVersion: 1\n\n",
			   layer);
		CHECK(add_file(&v, layer, "var/lib/dpkg/status", buf_str(&status), &f->e) == 0);
		snprintf(path, sizeof(path), "var/lib/dpkg/status.d/q%u", layer);
		snprintf(text, sizeof(text), "Package: q%u\nVersion: 2\n", layer);
		CHECK(add_file(&v, layer, path, str_of(text), &f->e) == 0);
		for (unsigned n = 0; n < 100; n++) {
			snprintf(path, sizeof(path), "opt/%u/%u/file", layer, n);
			CHECK(add_file(&v, layer, path, STR_NULL, &f->e) == 0);
		}
		v.end(v.context, layer, true);
	}
	CHECK_INT(feed_build(f), 0);
	packages = inventory_packages(f->inv, &count);
	CHECK_INT(count, 2 * LAYERS);
	for (size_t i = 0; i < count; i++) {
		uint64_t brought = 0;

		str_parse_u64(str_from(packages[i].name, 1), &brought);
		CHECK_INT(packages[i].layer, brought);
	}
	printf("# 500 layers: %.2f s, %llu MB\n", seconds() - start,
	       (unsigned long long)f->budget.bytes_peak >> 20);
	CHECK(seconds() - start < SECONDS_MAX);
	buf_done(&status);
	feed_done(f);
	free(f);
}

/* A database of 100,000 one-package files, and 499 layers that each add one. */
TEST(a_large_folder_of_packages_under_many_layers)
{
	struct feed *f = malloc(sizeof(*f));
	struct layer_visitor v;
	double start = seconds();
	size_t count = 0;

	feed_init(f, false);
	v = inspect_visitor(f->run);
	for (unsigned layer = 0; layer < LAYERS; layer++) {
		unsigned files = layer ? 1 : 100000;

		begin_layer(f, &v);
		for (unsigned n = 0; n < files; n++) {
			char path[256], text[256];

			snprintf(path, sizeof(path), "var/lib/dpkg/status.d/p%u-%u", layer, n);
			snprintf(text, sizeof(text), "Package: p%u-%u\nVersion: 2\n", layer, n);
			CHECK(add_file(&v, layer, path, str_of(text), &f->e) == 0);
		}
		v.end(v.context, layer, true);
	}
	CHECK_INT(feed_build(f), 0);
	inventory_packages(f->inv, &count);
	CHECK_INT(count, 100000 + LAYERS - 1);
	printf("# 100,000 files: %.2f s, %llu MB\n", seconds() - start,
	       (unsigned long long)f->budget.bytes_peak >> 20);
	CHECK(seconds() - start < SECONDS_MAX);
	feed_done(f);
	free(f);
}

/* 250 folders deep, each path new from its third folder on: all of them count as entries. */
TEST(deep_paths_are_entries_too)
{
	struct image_limits limits = {.entries_layer_max = 100000};
	struct inspect_options options = {.limits = &limits};
	struct err e = ERR_INIT;
	struct inspect_run *run = inspect_run_new(&options, &e);
	struct layer_visitor v = inspect_visitor(run);
	unsigned n = 0;
	int r = 0;

	CHECK_OK(v.begin(v.context, 0, &e));
	for (; n < 1000 && r == 0; n++) {
		char path[4096] = "x";
		size_t len = (size_t)snprintf(path, sizeof(path), "x/%u", n);

		for (unsigned d = 0; d < DEPTH; d++)
			len += (size_t)snprintf(path + len, sizeof(path) - len, "/d");
		r = add_file(&v, 0, path, STR_NULL, &e);
	}
	v.end(v.context, 0, false);
	CHECK_ERR(r, ERR_LIMIT);
	CHECK_INT(n, 100000 / (DEPTH + 1) + 1);
	CHECK_INT(inspect_facts(run, 0)->diags.per_code[DIAG_entry_limit], 1);
	inspect_run_free(run);
}
