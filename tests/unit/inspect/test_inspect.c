/*
 * The path table, the look-up of globs, and inspectors fed in every way.
 */
#include "image/walk.h"
#include "inspect/glob_index.h"

#include "test.h"

/* --- path table ----------------------------------------------------------------------------------
 */

TEST(paths_come_back_as_they_went_in)
{
	static const char *const paths[] = {
		"a",
		"a/b",
		"a/b/c",
		"b",
		"a.b",
		"ab/a",
		"\xff\x01/x",
		"usr/share/doc/a-very-long-name-that-is-longer-than-one-"
		"hundred-and-twenty-eight-bytes-so-that-its-length-takes-"
		"two-bytes-in-the-table-of-names/copyright"};
	struct budget budget = {0};
	struct path_table *t = path_table_new(&budget);
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		path_id id = path_table_add(t, str_of(paths[i]));

		CHECK(id != PATH_NONE);
		CHECK_INT(path_table_add(t, str_of(paths[i])), id);
		CHECK_INT(path_table_find(t, str_of(paths[i])), id);
		buf_clear(&out);
		path_table_format(t, id, &out);
		CHECK_STR(buf_str(&out), paths[i]);
		CHECK(path_table_parent(t, id) < id);
	}
	CHECK_INT(path_table_find(t, STR("a/c")), PATH_NONE);
	CHECK_INT(path_table_find(t, STR("")), 0);
	buf_clear(&out);
	path_table_format(t, 0, &out);
	CHECK_INT(out.len, 0);
	buf_done(&out);
	path_table_free(t);
	CHECK_INT(budget.bytes, 0);
}

TEST(a_path_table_without_memory_says_so)
{
	struct budget budget = {.bytes_max = 20000};
	struct path_table *t = path_table_new(&budget);
	path_id id = 0;
	unsigned n = 0;

	for (; id != PATH_NONE && n < 10000; n++) {
		char path[32];

		snprintf(path, sizeof(path), "folder%u/file", n);
		id = path_table_add(t, str_of(path));
	}
	CHECK_INT(id, PATH_NONE);
	CHECK(n > 100 && n < 2000);
	CHECK(path_table_find(t, STR("folder7/file")) != PATH_NONE);
	path_table_free(t);
	CHECK_INT(budget.bytes, 0);
}

/* --- globs ---------------------------------------------------------------------------------------
 */

TEST(every_glob_of_every_inspector_is_found_by_the_index)
{
	struct err e = ERR_INIT;
	struct glob_index *g = glob_index_new(inspectors, &e);

	for (unsigned i = 0; inspectors[i]; i++)
		for (const char *const *glob = inspectors[i]->globs; *glob; glob++) {
			char path[256];
			size_t n = 0;

			/* a path that the glob matches: every wildcard some letters */
			for (const char *p = *glob; *p; p++) {
				const char *part = *p == '*' ? "xyz" : NULL;

				for (; part && *part; part++)
					path[n++] = *part;
				if (*p != '*')
					path[n++] = *p;
			}
			if (!(glob_index_match(g, str_make(path, n)) & (UINT64_C(1) << i)))
				test_fail(__FILE__, __LINE__, "%s is not found", *glob);
			CHECK(!(glob_index_match(g, str_make(path, n - 1)) & (UINT64_C(1) << i)) ||
			      path[n - 2] == 'y');
		}
	CHECK_INT(glob_index_match(g, STR("")), 0);
	CHECK_INT(glob_index_match(g, STR("status")), 0);
	CHECK_INT(glob_index_match(g, STR("vcpkg/status")), 0);
	CHECK_INT(glob_index_match(g, STR("usr/share/doc/dpkg/var/lib/dpkg/status")), 0);
	glob_index_free(g);
}

TEST(databases_have_globs_that_can_be_followed)
{
	for (size_t i = 0; inspectors[i]; i++)
		for (const char *const *glob = inspectors[i]->globs; *glob; glob++) {
			struct str rest = str_of(*glob), part;
			int wild = 0;

			while (str_next(&rest, '/', &part)) {
				CHECK(part.len > 0 && !str_is(part, "**"));
				wild += str_find_char(part, '*') >= 0 ||
					str_find_char(part, '?') >= 0;
			}
			if (inspectors[i]->database || inspectors[i]->linked)
				CHECK(wild <= 1);
		}
}

/* --- inspectors
 * ------------------------------------------------------------------------------------ */

/* "name version arch source source_version line; ..." and "! code message" of one file. */
static void inspect(const char *path, struct str content, size_t piece, struct buf *out)
{
	struct facts *facts = facts_new(NULL, false);
	struct arena scratch = {0};
	struct entry entry = {.type = ENTRY_FILE, .path = str_of(path), .size = content.len};
	struct inspection in = {
		.path = entry.path, .info = &entry, .scratch = &scratch, .facts = facts};
	struct err e = ERR_INIT;

	for (size_t i = 0; inspectors[i]; i++)
		for (const char *const *glob = inspectors[i]->globs; *glob; glob++)
			if (str_glob(*glob, entry.path))
				in.by = inspectors[i];
	CHECK_OK(facts_add_entry(facts, &entry, 0, &in.entry, &e));
	CHECK_OK(in.by->begin(&in, facts, &e));
	while (content.len) {
		struct str part = str_to(content, piece);
		char *copy = malloc(part.len); /* a slice is valid for one call only */

		memcpy(copy, part.data, part.len);
		CHECK_OK(in.by->chunk(&in, facts, str_make(copy, part.len), &e));
		memset(copy, 'X', part.len);
		free(copy);
		content = str_from(content, part.len);
	}
	CHECK_OK(in.by->end(&in, facts, true, &e));
	for (size_t i = 0; i < facts->packages.count; i++)
		for (size_t n = 0; n < facts->packages.items[i].count; n++) {
			const struct package *p = &facts->packages.items[i].items[n];

			buf_printf(out, "%.*s %.*s %.*s %.*s %.*s %u; ", STR_ARG(p->name),
				   STR_ARG(p->version), STR_ARG(p->arch), STR_ARG(p->source_name),
				   STR_ARG(p->source_version), p->location.line);
		}
	for (size_t i = 0; i < facts->notes.count; i++)
		buf_printf(out, "! %s %.*s; ", diag_name(facts->notes.items[i].code),
			   STR_ARG(facts->notes.items[i].message));
	arena_done(&scratch);
	facts_free(facts);
}

static const struct {
	const char *name, *path, *content, *expected;
} cases[] = {
	{"plain", "var/lib/dpkg/status",
	 "Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:2-3\n\n"
	 "Package: b\nStatus: install ok installed\nSource: c (9)\nVersion: 4\n",
	 "a 1:2-3 amd64 a 1:2-3 1; b 4  c 9 6; "},
	{"states", "var/lib/dpkg/status",
	 "Package: a\nStatus: deinstall ok config-files\nVersion: 1\n\n"
	 "Package: b\nStatus: purge ok not-installed\nVersion: 1\n\n"
	 "Package: c\nStatus: install reinstreq half-installed\nVersion: 1\n\n"
	 "Package: d\nStatus: install ok unpacked\nVersion: 1\n\n"
	 "Package: e\nStatus: install ok half-configured\nVersion: 1\n\n"
	 "Package: f\nStatus: install ok triggers-awaited\nVersion: 1\n\n"
	 "Package: g\nStatus: install ok triggers-pending\nVersion: 1\n\n"
	 "Package: h\nStatus: hold ok installed\nVersion: 1\n\n"
	 "Package: i\nVersion: 1\n\n"
	 "Package: j\nStatus: what is this\nVersion: 1\n",
	 "c 1  c 1 9; d 1  d 1 13; e 1  e 1 17; f 1  f 1 21; g 1  g 1 25; h 1  h 1 29; i 1  i 1 "
	 "33; "
	 "j 1  j 1 36; "},
	{"one broken, the rest goes on", "var/lib/dpkg/status",
	 "Package: a\nVersion: 1\n\nPackage: b\n\nVersion: 3\n\nnonsense\n\nPackage: c\nVersion: "
	 "4\n",
	 "a 1  a 1 1; c 4  c 4 10; ! package_incomplete dpkg: line 4: a package without a version; "
	 "! package_incomplete dpkg: line 6: a package without a name; "
	 "! package_incomplete dpkg: line 8: a line is neither a field nor a continuation; "
	 "! package_incomplete dpkg: line 8: a package without a name; "},
	{"absent packages need no version", "var/lib/dpkg/status",
	 "Package: a\nStatus: unknown ok not-installed\n\n", ""},
	{"a field twice", "var/lib/dpkg/status", "Package: a\nVersion: 1\nVersion: 2\n",
	 "a 1  a 1 1; ! package_db_malformed dpkg: line 3: a field stands twice in a paragraph; "},
	{"odd forms of the source", "var/lib/dpkg/status.d/x",
	 "Package: a\nVersion: 1\nSource: (3)\n\nPackage: b\nVersion: 1\nSource: s ()\n\n"
	 "Package: c\nVersion: 1\nSource: s (2\n",
	 "a 1  (3) 1 1; b 1  s 1 5; c 1  s 2 9; "},
	{"checksums are none", "var/lib/dpkg/status.d/x.md5sums", "Package: a\nVersion: 1\n", ""},
	{"empty", "var/lib/dpkg/status", "", ""},
	{"junk alone", "var/lib/dpkg/status",
	 "\x7f"
	 "ELF",
	 "! package_incomplete dpkg: line 1: a line is neither a field nor a continuation; "
	 "! package_incomplete dpkg: line 1: a package without a name; "
	 "! package_db_malformed dpkg: line 1: no package in it was understood; "},
	{"apk", "lib/apk/db/installed",
	 "C:Q1abc\nP:musl\nV:1.2-r0\nA:x86_64\nL:MIT\no:musl-src\nF:lib\nR:x\na:0:0:755\n\n"
	 "P:b\nV:2\n",
	 "musl 1.2-r0 x86_64 musl-src 1.2-r0 1; b 2  b 2 11; "},
	{"apk: broken records", "usr/lib/apk/db/installed",
	 "P:a\n\nV:1\n\nnonsense\nP:b\nV:2\n\n\n\n",
	 "b 2  b 2 5; ! package_incomplete apk: line 1: a package without a version; "
	 "! package_incomplete apk: line 3: a package without a name; "
	 "! package_incomplete apk: line 5: not a key and a value; "},
	{"apk: a key twice", "lib/apk/db/installed", "P:a\nV:1\nV:2\n\n",
	 "a 2  a 2 1; ! package_db_malformed apk: line 3: a key stands twice in a record; "},
	{"apk: junk alone", "lib/apk/db/installed", "junk\n",
	 "! package_incomplete apk: line 1: not a key and a value; "
	 "! package_incomplete apk: line 1: a package without a name; "
	 "! package_db_malformed apk: line 1: no package in it was understood; "},
};

TEST(databases_are_read_the_same_in_pieces_of_any_size)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (size_t piece = 1; piece < 2000; piece = piece * 3 + 1) {
			struct buf out = BUF_INIT;

			inspect(cases[i].path, str_of(cases[i].content), piece, &out);
			if (!str_is(buf_str(&out), cases[i].expected))
				test_fail(__FILE__, __LINE__, "%s, by %zu: '%.*s', expected '%s'",
					  cases[i].name, piece, STR_ARG(buf_str(&out)),
					  cases[i].expected);
			buf_done(&out);
		}
	}
}

/* --- the visitor
 * ------------------------------------------------------------------------------------ */

static int hand(const struct layer_visitor *v, const char *path, struct str content, struct err *e)
{
	struct entry entry = {.type = ENTRY_FILE, .path = str_of(path), .size = content.len};
	struct body body;

	body_init_memory(&body, content);
	return v->entry(v->context, 0, &entry, &body, e);
}

TEST(a_database_that_the_budget_does_not_hold_is_a_gap)
{
	struct budget budget = {.bytes_max = 4 << 20};
	struct inspect_options options = {.budget = &budget};
	struct err e = ERR_INIT;
	struct inspect_run *run = inspect_run_new(&options, &e);
	struct layer_visitor v = inspect_visitor(run);
	struct buf status = BUF_INIT;
	struct facts *facts;

	for (unsigned i = 0; i < 50000; i++)
		buf_printf(&status, "Package: p%u\nVersion: 1\n\n", i);
	CHECK_OK(v.begin(v.context, 0, &e));
	CHECK_OK(hand(&v, "var/lib/dpkg/status", buf_str(&status), &e));
	CHECK_OK(hand(&v, "etc/os-release", STR("ID=x\n"), &e)); /* the rest goes on */
	v.end(v.context, 0, true);
	facts = inspect_facts(run, 0);
	CHECK_INT(facts->notes_of[DIAG_memory_limit], 1);
	CHECK_INT(facts->blobs.count, 1);
	inspect_run_free(run);
	CHECK_INT(budget.bytes, 0);
	buf_done(&status);
}

TEST(a_release_file_over_its_limit_is_a_gap)
{
	struct inspect_options options = {0};
	struct err e = ERR_INIT;
	struct inspect_run *run = inspect_run_new(&options, &e);
	struct layer_visitor v = inspect_visitor(run);
	char *text = malloc(1 << 20);

	memset(text, '#', 1 << 20);
	CHECK_OK(v.begin(v.context, 0, &e));
	CHECK_OK(hand(&v, "etc/os-release", str_make(text, 1 << 20), &e));
	v.end(v.context, 0, true);
	CHECK_INT(inspect_facts(run, 0)->notes_of[DIAG_file_too_large], 1);
	inspect_run_free(run);
	free(text);
}

TEST(a_layer_over_its_entries_ends_there)
{
	struct image_limits limits = {.entries_layer_max = 10};
	struct inspect_options options = {.limits = &limits};
	struct err e = ERR_INIT;
	struct inspect_run *run = inspect_run_new(&options, &e);
	struct layer_visitor v = inspect_visitor(run);
	int r = 0, n = 0;

	CHECK_OK(v.begin(v.context, 0, &e));
	for (; r == 0 && n < 100; n++)
		r = hand(&v, "a", STR_NULL, &e); /* the same path again: an entry each time */
	v.end(v.context, 0, false);
	CHECK_ERR(r, ERR_LIMIT);
	CHECK_INT(n, 11);
	CHECK(!inspect_facts(run, 0)->complete);
	CHECK_INT(inspect_facts(run, 0)->diags.per_code[DIAG_entry_limit], 1);
	inspect_run_free(run);
}

TEST(the_entries_of_a_scan_are_limited_together)
{
	struct budget budget = {.entries_max = 15};
	struct inspect_options options = {.budget = &budget};
	struct err e = ERR_INIT;
	struct inspect_run *run = inspect_run_new(&options, &e);
	struct layer_visitor v = inspect_visitor(run);
	int r = 0, n = 0;

	CHECK_OK(v.begin(v.context, 0, &e));
	for (; r == 0 && n < 100; n++) {
		char path[16];

		snprintf(path, sizeof(path), "d/%d", n);
		r = hand(&v, path, STR_NULL, &e);
	}
	v.end(v.context, 0, false);
	CHECK_ERR(r, ERR_LIMIT);
	CHECK_INT(n, 15); /* the folder counts too */
	inspect_run_free(run);
}
