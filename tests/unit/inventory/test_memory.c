/*
 * Every allocation of a squash fails once: it ends in an error or a gap, or with all that there is;
 * never with a clean list that lacks something, and nothing is leaked or stays charged.
 */
#include "feeder.h"

#include "base/fault.h"
#include "test.h"

#define L(...) \
	(const struct line[]) \
	{ \
		__VA_ARGS__, END_ \
	}
#define P(name) "Package: " name "\nVersion: 1\n\n"

static const struct line *const layers[] = {
	L(FILE_("etc/os-release", "ID=x\nVERSION_ID=1\n"), DIR_("var", 0755),
	  FILE_("opt/x", P("a")), FILE_("lib/apk/db/installed", "P:b\nV:1\n\nP:c\n\n"),
	  LINK_("l", "opt"), FILE_("l/y", "")),
	L(LINK_("var/lib/dpkg/status", "/opt/x"), FILE_("var/lib/dpkg/status.d/c", P("c")),
	  FILE_("opt/.wh.y", ""), HARD_("opt/z", "var/lib/dpkg/status.d/c")),
	L(FILE_("var/lib/dpkg/status.d/d", P("d")), FILE_("var/lib/dpkg/status.d/.wh.c", ""),
	  LINK_("var/lib/dpkg/status.d/e", "../../../../opt/z")),
};
static const char expected[] = "apk b 0, deb a 1, deb c 1, deb d 2, x 1";

static unsigned long until;

static bool fail_once(enum fault_kind kind)
{
	return kind == FAULT_ALLOC && until && --until == 0;
}

static int count_file(void *context, const struct inventory_file *file, struct err *e)
{
	(void)file;
	(void)e;
	++*(size_t *)context;
	return 0;
}

static void describe(struct feed *f, struct buf *out)
{
	size_t count;
	const struct package *p = inventory_packages(f->inv, &count);

	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s %.*s %d, ", package_type_name(p[i].type), STR_ARG(p[i].name),
			   p[i].layer);
	buf_printf(out, "%.*s %.*s", STR_ARG(inventory_distro(f->inv)->id),
		   STR_ARG(inventory_distro(f->inv)->version_id));
}

/* False when nothing failed any more. */
static bool run(unsigned long k)
{
	struct feed *f = malloc(sizeof(*f));
	struct buf out = BUF_INIT;
	bool ok = true;
	size_t files = 0;

	feed_init(f, true);
	diags_done(&f->diags);
	diags_init(&f->diags, &f->budget);
	until = k;
	fault_hook = fail_once;
	for (size_t i = 0; i < sizeof(layers) / sizeof(*layers); i++)
		if (feed_layer(f, (struct layer_source){.lines = layers[i]}) < 0)
			ok = false;
	if (feed_build(f) < 0 || inventory_each_file(f->inv, count_file, &files, &f->e) < 0)
		ok = false;
	fault_hook = NULL;
	if (ok && diags_count(&f->diags, DIAG_GAP) == 0) {
		describe(f, &out);
		if (!str_is(buf_str(&out), expected) || files != 17)
			test_fail(__FILE__, __LINE__, "allocation %lu: '%.*s', %zu files", k,
				  STR_ARG(buf_str(&out)), files);
	}
	if (!ok && f->e.code != ERR_MEMORY)
		test_fail(__FILE__, __LINE__, "allocation %lu: %s", k, f->e.message);
	buf_done(&out);
	feed_done(f);
	CHECK_INT(f->budget.bytes, 0);
	free(f);
	return until == 0;
}

TEST(each_allocation_that_fails_is_an_error_a_gap_or_harmless)
{
	unsigned long k = 1;

	while (run(k))
		k++;
	printf("# %lu allocations\n", k - 1);
	CHECK(k > 100);
}

/* The same with less and less memory for the whole scan. */
TEST(each_budget_that_is_too_small_is_an_error_or_a_gap)
{
	for (uint64_t max = 400000; max > 1000; max -= 500) {
		struct feed *f = malloc(sizeof(*f));
		struct buf out = BUF_INIT;
		bool ok = true;

		feed_init(f, false);
		f->budget.bytes_max = max;
		for (size_t i = 0; i < sizeof(layers) / sizeof(*layers); i++)
			if (feed_layer(f, (struct layer_source){.lines = layers[i]}) < 0)
				ok = false;
		ok = feed_build(f) == 0 && ok;
		if (ok && diags_count(&f->diags, DIAG_GAP) == 0) {
			describe(f, &out);
			if (!str_is(buf_str(&out), expected))
				test_fail(__FILE__, __LINE__, "%llu bytes: '%.*s'",
					  (unsigned long long)max, STR_ARG(buf_str(&out)));
		}
		buf_done(&out);
		feed_done(f);
		CHECK_INT(f->budget.bytes, 0);
		free(f);
	}
}
