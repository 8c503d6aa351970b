/*
 * What findings cost in an image: places, history, bytes.
 */
#include "dockerfile/waste.h"

#include "dockerfile/waste_match.h"
#include "lint_check.h"

static uint64_t places_of_code(const char *code)
{
	uint64_t places = 0;

	for (size_t i = 0; i < waste_row_count(); i++) {
		if (strcmp(waste_rows[i].code, code) == 0)
			places |= UINT64_C(1) << i;
	}
	return places;
}

/* NULL: the file is in none of the code's places; "": its own name counts. */
static void check_place(int line, const char *code, const char *path, const char *folder)
{
	size_t len;
	bool in = waste_places(str_of(path), &len) & places_of_code(code);

	if (in != (folder != NULL))
		test_fail(__FILE__, line, "%s %s %s", code, in ? "has" : "lacks", path);
	else if (in && *folder && (len == SIZE_MAX || !str_is(str_to(str_of(path), len), folder)))
		test_fail(__FILE__, line, "the folder of %s has %zu bytes", path, len);
}
#define CHECK_PLACE(code, path, folder) check_place(__LINE__, code, path, folder)

TEST(places)
{
	CHECK_PLACE("DL3009", "var/lib/apt/lists/a", "var/lib/apt/lists");
	CHECK_PLACE("DL3009", "var/lib/apt/lists/partial/a", "var/lib/apt/lists");
	CHECK_PLACE("DL3009", "var/lib/apt/lists", NULL);
	CHECK_PLACE("DL3009", "var/lib/apt/lists2/a", NULL);
	CHECK_PLACE("DL3009", "x/var/lib/apt/lists/a", NULL);
	CHECK_PLACE("DL3042", "root/.cache/pip/http/a", "root/.cache/pip");
	CHECK_PLACE("DL3042", ".cache/pip/a", ".cache/pip");
	CHECK_PLACE("DL3042", "a/b.cache/pip/a", NULL);
	CHECK_PLACE("DL3042", "a/.cache/.cache/pip/a", "a/.cache/.cache/pip");
	CHECK_PLACE("gemUpdateNoDocument", "usr/lib/ruby/gems/3.1.0/doc/a",
		    "usr/lib/ruby/gems/3.1.0/doc");
	CHECK_PLACE("gemUpdateNoDocument", "usr/lib/ruby/gems/doc/a", NULL);
	CHECK_PLACE("DL3010", "tmp/a.tar.gz", "");
	CHECK_PLACE("DL3010", "a.zip", "");
	CHECK_PLACE("DL3010", "usr/share/man/man1/ls.1.gz", NULL);
	CHECK_PLACE("gpgVerifyAscRmAsc", "a/b.asc", "");
	CHECK_PLACE("DL3015", "a", NULL);
	CHECK_PLACE("DL3009", "", NULL);
}

static void check_run(int line, bool expected, const char *created_by, const char *script,
		      const char *shell, bool json)
{
	if (waste_is_run(str_of(created_by), str_of(script), str_of(shell), json) != expected)
		test_fail(__FILE__, line, "'%s' is %s '%s'", created_by,
			  expected ? "not taken for" : "taken for", script);
}
#define CHECK_RUN(...)	  check_run(__LINE__, true, __VA_ARGS__)
#define CHECK_NO_RUN(...) check_run(__LINE__, false, __VA_ARGS__)

TEST(what_history_says_of_run)
{
	static const char sh[] = "/bin/sh -c", bash[] = "/bin/bash -o pipefail -c";

	CHECK_RUN("RUN /bin/sh -c a && b", "a && b", sh, false);
	CHECK_RUN("/bin/sh -c a && b", "a && b", sh, false);
	CHECK_RUN("RUN |1 V=1 /bin/sh -c a", "a", sh, false);
	CHECK_RUN("|2 V=1 W=x y /bin/sh -c a", "a", sh, false);
	CHECK_RUN("RUN a", "a", sh, false);
	CHECK_RUN("RUN /bin/bash -o pipefail -c a", "a", bash, false);
	CHECK_RUN("/bin/sh -c a", "a", bash, false);
	CHECK_RUN("a b", "a b", sh, true);
	CHECK_RUN("RUN |1 V=1 a b", "a b", sh, true);
	CHECK_NO_RUN("a", "a", sh, false);
	CHECK_NO_RUN("/bin/sh -c b && a", "a", sh, false);
	CHECK_NO_RUN("/bin/sh -c xa", "a", sh, false);
	CHECK_NO_RUN("RUN /bin/ash -c a", "a", sh, false);
	CHECK_NO_RUN("/bin/sh -c #(nop) CMD a", "a", sh, false);
	CHECK_NO_RUN("", "", sh, false);
	CHECK_NO_RUN("/bin/sh -c ", "", sh, false);
	CHECK_NO_RUN("/bin/sh -c a", "a", sh, true);
	CHECK_NO_RUN("x a", "a", sh, true);
}

TEST(bytes_as_people_read_them)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {{0, "0 B"},
		     {999, "999 B"},
		     {1000, "1.0 kB"},
		     {18400000, "18.4 MB"},
		     {999949, "999.9 kB"},
		     {999999, "1.0 MB"},
		     {1500000000, "1.5 GB"},
		     {UINT64_MAX, "18446.7 PB"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		waste_bytes(cases[i].bytes, &out);
		if (!str_is(buf_str(&out), cases[i].text))
			test_fail(__FILE__, __LINE__, "%.*s is not %s", STR_ARG(buf_str(&out)),
				  cases[i].text);
	}
}

/* --- an image and a file --- */

enum { LAYERS = 8 };

/* Each layer adds 1, 2, 4, ... bytes of apt's lists, and 1000 times as many in a.tgz. */
static void make_image(const char *const *history, struct waste_image *image,
		       struct waste_layer layers[LAYERS], struct waste_group groups[2 * LAYERS])
{
	size_t folder, n = 0;

	for (; n < LAYERS && history[n]; n++) {
		struct waste_group *g = &groups[2 * n];

		g[0] = (struct waste_group){waste_places(STR("var/lib/apt/lists/a"), &folder),
					    STR("var/lib/apt/lists"), UINT64_C(1) << n, 1};
		g[1] = (struct waste_group){waste_places(STR("a.tgz"), &folder), STR("a.tgz"),
					    UINT64_C(1000) << n, 1};
		layers[n] = (struct waste_layer){.created_by = str_of(history[n]),
						 .complete = true,
						 .groups = g,
						 .group_count = 2};
	}
	*image = (struct waste_image){layers, (uint32_t)n};
}

static void describe(const struct lint_result *r, struct buf *out)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct lint_waste *w = r->findings[i]->waste;

		buf_printf(out, "%s%u:", i ? " " : "", r->findings[i]->start.line);
		if (!w)
			buf_add_cstr(out, "none");
		else if (!w->known)
			buf_add_cstr(out, "?");
		else
			buf_printf(out, "%llu@%d", (unsigned long long)w->bytes, w->layer);
	}
	buf_printf(out, " sum %llu", (unsigned long long)r->wasted);
}

/* "LINE:BYTES@LAYER" of each finding, "?" where the bytes are not known, and the sum. */
static void check_waste(int line, const char *text, const char *code, const char *expected,
			const char *const *history)
{
	struct waste_layer layers[LAYERS] = {0};
	struct waste_group groups[2 * LAYERS];
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;
	CLEANUP(buf_done) struct buf got = BUF_INIT;
	struct lint_config config = {0};
	struct waste_image image, read;
	struct str only = str_of(code);
	struct err e = ERR_INIT;
	struct arena arena = {0};
	struct linter *l;
	struct lint_result result;

	config.only = &only;
	config.only_count = 1;
	make_image(history, &image, layers, groups);
	waste_image_write(&image, &bytes);
	l = linter_new(&config, NULL, &e);
	if (waste_image_read(buf_str(&bytes), &arena, &read, &e) < 0 ||
	    lint_text(l, &(struct lint_input){.text = str_of(text), .image = &read}, &result, &e) <
		    0) {
		test_fail(__FILE__, line, "%s", e.message);
	} else {
		describe(&result, &got);
		if (!str_is(buf_str(&got), expected))
			test_fail(__FILE__, line, "%.*s", STR_ARG(buf_str(&got)));
	}
	linter_free(l);
	arena_done(&arena);
}
#define CHECK_WASTE(text, code, expected, ...) \
	check_waste(__LINE__, text, code, expected, (const char *const[]){__VA_ARGS__, NULL})

#define INSTALL "apt-get update && apt-get install -y a"

TEST(instructions_and_their_layers)
{
	NEEDS_SHELL();
	CHECK_WASTE("FROM a\nRUN " INSTALL "\n", "DL3009", "2:2@1 sum 2", "ADD x",
		    "RUN /bin/sh -c " INSTALL " # buildkit");
	CHECK_WASTE("FROM a\nRUN apt-get update && \\\n  # c\n\n  apt-get   install -y a\n",
		    "DL3009", "2:1@0 sum 1",
		    "/bin/sh -c apt-get update &&   apt-get   install -y a");
	CHECK_WASTE("FROM a\nRUN <<E\napt-get update\napt-get install -y a\nE\n", "DL3009",
		    "3:1@0 sum 1",
		    "RUN /bin/sh -c apt-get update\napt-get install -y a\n # buildkit");
	CHECK_WASTE("FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN " INSTALL "\n", "DL3009",
		    "3:1@0 sum 1", "RUN |1 A=b /bin/bash -c " INSTALL " # buildkit");
	/* the same text twice: in the order of the file, the latest ones */
	CHECK_WASTE("FROM a\nRUN " INSTALL "\nRUN " INSTALL "\n", "DL3009", "2:2@1 3:4@2 sum 6",
		    "/bin/sh -c " INSTALL, "/bin/sh -c " INSTALL, "/bin/sh -c " INSTALL);
	/* not known, not 0 */
	CHECK_WASTE("FROM a\nRUN " INSTALL "\n", "DL3009", "2:? sum 0", "/bin/sh -c " INSTALL " b");
	CHECK_WASTE("FROM a\nRUN " INSTALL "\n", "DL3009", "2:? sum 0", "");
	CHECK_WASTE("FROM a\nRUN " INSTALL "\n", "DL3015", "2:0@0 sum 0", "/bin/sh -c " INSTALL);
	CHECK_WASTE("FROM a\nONBUILD RUN " INSTALL "\n", "DL3009", "2:? sum 0",
		    "/bin/sh -c " INSTALL);
	/* one that is not in the image does not lead the others astray */
	CHECK_WASTE("FROM a\nRUN " INSTALL "\nRUN x\nRUN " INSTALL " b\n", "DL3009",
		    "2:1@0 4:? sum 1", "/bin/sh -c " INSTALL, "/bin/sh -c x", "/bin/sh -c y");
	/* no space is wasted by it */
	CHECK_WASTE("FROM a\nRUN apt-get install -y a\n", "DL3008", "2:none sum 0",
		    "/bin/sh -c apt-get install -y a");
}

TEST(stages_and_their_layers)
{
	NEEDS_SHELL();
	/* the last stage, and what it builds on */
	CHECK_WASTE("FROM a AS b\nRUN apt-get update\nFROM b\nRUN x\n", "PL3001", "2:1@0 sum 1",
		    "/bin/sh -c apt-get update", "/bin/sh -c x");
	CHECK_WASTE("FROM a AS b\nRUN apt-get update\nFROM a\nRUN x\n", "PL3001", "2:0@-1 sum 0",
		    "/bin/sh -c x");
	/* of --target nothing is known */
	CHECK_WASTE("FROM a AS b\nRUN apt-get update\nFROM a\nRUN x\n", "PL3001", "2:? sum 0",
		    "/bin/sh -c apt-get update");
}

TEST(archives_that_an_instruction_names)
{
	NEEDS_SHELL();
	CHECK_WASTE("FROM a\nCOPY a.tgz /tmp/\nRUN tar xzf /tmp/a.tgz\n", "DL3010",
		    "2:1000@0 sum 1000", "/bin/sh -c #(nop) COPY file:abc in /tmp/ ",
		    "/bin/sh -c tar xzf /tmp/a.tgz");
	CHECK_WASTE("FROM a\nWORKDIR /w\nCOPY a.tgz ./x/\nRUN tar xzf x/a.tgz\n", "DL3010",
		    "3:2000@1 sum 2000", "RUN x", "COPY a.tgz /w/x/ # buildkit",
		    "/bin/sh -c tar xzf x/a.tgz");
	CHECK_WASTE("FROM a\nCOPY b.tgz /tmp/\nRUN tar xzf /tmp/b.tgz\n", "DL3010", "2:0@0 sum 0",
		    "COPY b.tgz /tmp/");
	CHECK_WASTE("FROM a\nCOPY a.tgz /tmp/\nRUN tar xzf /tmp/a.tgz\n", "DL3010", "2:? sum 0",
		    "COPY ba.tgz /tmp/");
	CHECK_WASTE("FROM a\nARG V=b\nCOPY $V/a.tgz /t\nRUN tar xzf /t/a.tgz\n", "DL3010",
		    "3:1000@0 sum 1000", "COPY --chown=x b/a.tgz /t # buildkit");
}

TEST(what_the_image_tells_may_be_cut_short_or_lie)
{
	static const char *const history[] = {"/bin/sh -c x", "y", NULL};
	struct waste_layer layers[LAYERS] = {0};
	struct waste_group groups[2 * LAYERS];
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;
	struct waste_image image, read;
	struct err e = ERR_INIT;

	make_image(history, &image, layers, groups);
	waste_image_write(&image, &bytes);
	for (size_t n = 0; n < bytes.len; n++) {
		struct arena arena = {0};

		e = (struct err)ERR_INIT;
		CHECK(waste_image_read(str_make(bytes.data, n), &arena, &read, &e) < 0);
		CHECK(e.code == ERR_FORMAT);
		arena_done(&arena);
	}
	for (size_t n = 0; n < bytes.len; n++) {
		struct arena arena = {0};

		e = (struct err)ERR_INIT;
		bytes.data[n] ^= (char)0xff;
		(void)waste_image_read(buf_str(&bytes), &arena, &read, &e);
		bytes.data[n] ^= (char)0xff;
		arena_done(&arena);
	}
}

/* --- recommended packages --- */

#define S(text) STR_INIT(text)
static const struct waste_package packages[] = {
	{S("git"), S("libc6 (>= 2.34), perl, libcurl4 | libcurl3, git-man:any (>> 1)"), S(""),
	 S("patch, less | more, ssh-client"), S(""), 1},
	{S("git-man"), S(""), S("base"), S(""), S(""), 2},
	{S("perl"), S("perl-modules"), S(""), S("make"), S(""), 4},
	{S("perl-modules"), S("perl"), S(""), S(""), S(""), 8},
	{S("patch"), S(""), S(""), S(""), S(""), 16},
	{S("openssh-client"), S("libedit"), S(""), S(""), S("ssh-client, rsh-client (= 1)"), 32},
	{S("libedit"), S(""), S(""), S(""), S(""), 64},
	{S("more"), S(""), S(""), S(""), S(""), 128},
	{S("make"), S(""), S(""), S(""), S(""), 256},
	{S("g++"), S(""), S(""), S(""), S(""), 512},
	{S("stranger"), S(""), S(""), S("more"), S(""), 1024},
};

/* The bytes of a RUN of this text in a layer with these packages; UINT64_MAX: not known. */
static uint64_t recommended_bytes(const char *run, bool unknown)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(buf_done) struct buf by = BUF_INIT;
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;
	struct waste_layer layer = {.complete = true,
				    .packages_unknown = unknown,
				    .packages = packages,
				    .package_count = sizeof(packages) / sizeof(*packages)};
	struct str only = STR("DL3015");
	struct lint_config config = {.only = &only, .only_count = 1};
	struct lint_result result = {0};
	struct waste_image image;
	struct err e = ERR_INIT;
	struct arena arena = {0};
	struct linter *l = linter_new(&config, NULL, &e);
	uint64_t answer = 0;

	buf_printf(&text, "FROM a\nRUN %s\n", run);
	buf_printf(&by, "/bin/sh -c %s", run);
	layer.created_by = buf_str(&by);
	waste_image_write(&(struct waste_image){&layer, 1}, &bytes);
	CHECK_OK(waste_image_read(buf_str(&bytes), &arena, &image, &e));
	CHECK_OK(lint_text(l, &(struct lint_input){.text = buf_str(&text), .image = &image},
			   &result, &e));
	if (result.count && result.findings[0]->waste)
		answer = result.findings[0]->waste->known ? result.findings[0]->waste->bytes
							  : UINT64_MAX;
	CHECK(answer == UINT64_MAX || answer == result.wasted);
	linter_free(l);
	arena_done(&arena);
	return answer;
}

TEST(packages_that_are_only_recommended)
{
	NEEDS_SHELL();
	/* patch, more, ssh-client with what it needs, and make, which perl recommends */
	CHECK_INT(recommended_bytes("apt-get install -y git", false), 16 + 128 + 32 + 64 + 256);
	CHECK_INT(recommended_bytes("apt-get install -y git=1:2.* patch/stable", false),
		  128 + 32 + 64 + 256);
	CHECK_INT(
		recommended_bytes(
			"apt-get install -y git && apt-get install -y openssh-client:amd64", false),
		16 + 128 + 256);
	CHECK_INT(recommended_bytes("apt-get update && apt-get install -y perl=$V", false), 256);
	CHECK_INT(recommended_bytes("apt-get install -y g++ libedit patch+", false), 0);
	CHECK_INT(recommended_bytes("apt-get install -y already-there", false), 0);
	/* not known */
	CHECK(recommended_bytes("apt-get install -y $PACKAGES", false) == UINT64_MAX);
	CHECK(recommended_bytes("apt-get install -y git $(cat more)", false) == UINT64_MAX);
	CHECK(recommended_bytes("apt-get install -y 'gi*'", false) == UINT64_MAX);
	CHECK(recommended_bytes("apt-get install -y ./git.deb", false) == UINT64_MAX);
	CHECK(recommended_bytes("apt-get install -y git", true) == UINT64_MAX);
}
