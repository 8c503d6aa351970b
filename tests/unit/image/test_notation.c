/* Keys as Go folds them, names of images, platforms, names of sources. */
#include "image/notation.h"
#include "image/reference.h"
#include "test.h"

TEST(keys_match_as_go_matches_them)
{
	static const struct {
		const char *key, *name;
		bool same;
	} rows[] = {
		{"Layers", "Layers", true},
		{"layers", "Layers", true},
		{"LAYERS", "Layers", true},
		{"Layer\xc5\xbf", "Layers", true}, /* long s */
		{"\xc5\xbf", "s", true},
		{"\xe2\x84\xaa", "k", true}, /* the Kelvin sign */
		{"Layer", "Layers", false},
		{"Layerss", "Layers", false},
		{"", "Layers", false},
		{"L\xc3\xa4yers", "Layers", false},
		{"rootf\xc5\xbf", "rootfs", true},
		{"diff-ids", "diff_ids", false},
		{"Layers\0", "Layers", true}, /* a C string ends there; see below */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (notation_key_is(str_of(rows[i].key), rows[i].name) != rows[i].same)
			test_fail(__FILE__, __LINE__, "row %zu", i);
	CHECK(!notation_key_is(STR("Layers\0"), "Layers"));
	CHECK(!notation_key_is(STR("\xc5"), "s"));
}

TEST(names_of_images_match_whole_without_default_host_or_by_tag)
{
	CHECK(notation_names(STR("alpine:3.19"), STR("alpine:3.19")));
	CHECK(notation_names(STR("docker.io/library/alpine:3.19"), STR("alpine:3.19")));
	CHECK(notation_names(STR("alpine:3.19"), STR("docker.io/library/alpine:3.19")));
	CHECK(notation_names(STR("docker.io/user/app:1"), STR("user/app:1")));
	CHECK(notation_names(STR("ghcr.io/a/b:1"), STR("1")));
	CHECK(!notation_names(STR("ghcr.io/a/b:1"), STR("a/b:1")));
	CHECK(!notation_names(STR("alpine:3.19"), STR("alpine")));
	CHECK(!notation_names(STR("localhost:5000/a"), STR("5000/a")));
	CHECK(!notation_names(STR(""), STR("")));
	CHECK(!notation_names(STR("a:1"), STR("")));
}

TEST(platforms_are_ranked)
{
	static const struct {
		const char *want, *have;
		int rank;
	} rows[] = {
		{"linux/amd64", "linux/amd64", 0},     {"linux/amd64", "linux/amd64/v1", 0},
		{"linux/amd64", "linux/amd64/v3", -1}, {"linux/amd64/v3", "linux/amd64/v3", 0},
		{"linux/x86_64", "linux/amd64", 0},    {"linux/arm64", "linux/arm64/v8", 0},
		{"linux/arm64/v8", "linux/arm64", 0},  {"linux/arm64", "linux/aarch64", 0},
		{"linux/arm", "linux/arm/v7", 0},      {"linux/arm", "linux/arm", 1},
		{"linux/arm", "linux/arm/v6", 2},      {"linux/arm/v6", "linux/arm/v7", -1},
		{"linux/arm/v6", "linux/arm/v6", 0},   {"linux/arm64", "linux/arm/v7", -1},
		{"linux/amd64", "windows/amd64", -1},  {"linux/amd64", "unknown/unknown", -1},
	};
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct platform want, have;

		CHECK_OK(platform_parse(str_of(rows[i].want), &want, &e));
		CHECK_OK(platform_parse(str_of(rows[i].have), &have, &e));
		if (platform_rank(&want, &have) != rows[i].rank)
			test_fail(__FILE__, __LINE__, "%s for %s: %d", rows[i].have, rows[i].want,
				  platform_rank(&want, &have));
	}
}

TEST(a_platform_that_does_not_parse_is_named)
{
	static const char *const bad[] = {"linux", "linux/", "/amd64", "linux/arm/v7/x", "/"};
	struct platform p;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_ERR(platform_parse(str_of(bad[i]), &p, &e), ERR_USAGE);
		CHECK(strstr(e.message, bad[i]));
	}
	CHECK_OK(platform_parse(STR(""), &p, &e));
	CHECK_STR(p.os, "linux");
}

TEST(a_list_of_platforms_has_each_once)
{
	struct buf b = BUF_INIT;
	struct platform p = {STR("linux"), STR("arm"), STR("v7")},
			q = {STR("linux"), STR("arm"), STR("")};

	platform_add_name(&b, &p);
	platform_add_name(&b, &q);
	platform_add_name(&b, &p);
	CHECK_STR(buf_str(&b), "linux/arm/v7, linux/arm");
	buf_done(&b);
}

TEST(what_looks_like_an_image_in_a_registry)
{
	static const char *const images[] = {
		"alpine",
		"alpine:3.19",
		"a/b",
		"ghcr.io/a/b:1",
		"localhost:5000/a:x",
		"docker.io/a/b/c",
		"a@sha256:0123456789012345678901234567890123456789012345678901234567890123",
	};
	static const char *const others[] = {
		"",	  "./alpine",	 "/alpine",   "../a", "a.tar", "x/image.tar.gz",
		"Alpine", "a b",	 "a:",	      ":a",   "a//b",  "a:1/b:2:3",
		"-x",	  "a@sha256:12", "image.oci",
	};

	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++)
		if (!source_looks_like_image(str_of(images[i])))
			test_fail(__FILE__, __LINE__, "%s", images[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i][0] && source_looks_like_image(str_of(others[i])))
			test_fail(__FILE__, __LINE__, "%s", others[i]);
}

TEST(references_are_taken_apart)
{
	struct source_reference r;
	struct err e = ERR_INIT;

	CHECK_OK(source_parse_reference("docker-archive:x.tar#a:1", &r, &e));
	CHECK(r.forced && r.kind == IMAGE_DOCKER_ARCHIVE);
	CHECK_STR(r.path, "x.tar");
	CHECK_STR(r.select, "a:1");
	CHECK_OK(source_parse_reference("oci-dir:/tmp#x#y", &r, &e));
	CHECK_STR(r.path, "/tmp#x");
	CHECK_STR(r.select, "y");
	CHECK_OK(source_parse_reference("/tmp", &r, &e));
	CHECK(!r.forced);
	CHECK_STR(r.select, "");
	CHECK_OK(source_parse_reference("-", &r, &e));
	CHECK(r.standard_input);
	CHECK_OK(source_parse_reference("file:-", &r, &e));
	CHECK(r.standard_input && r.kind == IMAGE_ARCHIVE);
	CHECK_ERR(source_parse_reference("file:", &r, &e), ERR_USAGE);
	CHECK_ERR(source_parse_reference("", &r, &e), ERR_USAGE);
	CHECK_ERR(source_parse_reference("alpine:3.19", &r, &e), ERR_USAGE);
	CHECK(strstr(e.hint,
		     "skopeo copy docker://docker.io/library/alpine:3.19 oci-archive:alpine.tar"));
	CHECK(strstr(e.hint, "docker save -o alpine.tar alpine:3.19"));
}
