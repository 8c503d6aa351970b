#include "test.h"

#include "base/fault.h"
#include "crypto/digest.h"

/* FIPS 180-4 and RFC 1321 vectors: "", "abc", and a million times 'a'. */
static const struct {
	enum digest_algorithm algorithm;
	const char *empty, *abc, *million;
} vectors[] = {
	{DIGEST_SHA256, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	 "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	 "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
	{DIGEST_SHA512,
	 "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	 "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
	 "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	 "sha512:e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
	 "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"},
	{DIGEST_SHA1, "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
	 "sha1:a9993e364706816aba3e25717850c26c9cd0d89d",
	 "sha1:34aa973cd4c4daa4f61eeb2bdbad27316534016f"},
	{DIGEST_MD5, "md5:d41d8cd98f00b204e9800998ecf8427e", "md5:900150983cd24fb0d6963f7d28e17f72",
	 "md5:7707d6ae4e027c70eea2a935c2296f21"},
};

enum { VECTORS = sizeof(vectors) / sizeof(vectors[0]) };

static void check(const struct digest *d, const char *expected)
{
	char text[DIGEST_TEXT];

	CHECK_STR(str_of(digest_format(d, text)), expected);
	CHECK_STR(str_of(digest_format_hex(d, text)), strchr(expected, ':') + 1);
}

TEST(known_answers)
{
	struct err e = ERR_INIT;
	struct digest d;
	char block[1000];

	CHECK_OK(crypto_init(&e));
	CHECK_OK(crypto_init(&e));
	memset(block, 'a', sizeof(block));
	for (int i = 0; i < VECTORS; i++) {
		struct hasher *h = hasher_new(vectors[i].algorithm, &e);

		CHECK(h != NULL);
		if (!h)
			continue;
		CHECK_OK(hasher_end(h, &d, &e));
		check(&d, vectors[i].empty);
		hasher_add(h, STR("a"));
		hasher_add(h, STR_NULL);
		hasher_add(h, STR("bc"));
		CHECK_OK(hasher_end(h, &d, &e));
		check(&d, vectors[i].abc);
		for (int n = 0; n < 1000; n++)
			hasher_add(h, str_make(block, sizeof(block)));
		CHECK_OK(hasher_end(h, &d, &e));
		check(&d, vectors[i].million);
		hasher_free(h);
		CHECK_OK(digest_of(vectors[i].algorithm, STR("abc"), &d, &e));
		check(&d, vectors[i].abc);
	}
}

TEST(only_oci_digests_in_lower_case_are_parsed)
{
	struct digest d, other;
	char text[DIGEST_TEXT], upper[DIGEST_TEXT];

	for (int i = 0; i < VECTORS; i++) {
		bool oci = vectors[i].algorithm == DIGEST_SHA256 ||
			   vectors[i].algorithm == DIGEST_SHA512;
		struct str s = str_of(vectors[i].abc);

		CHECK_INT(digest_parse(s, &d), oci);
		if (!oci)
			continue;
		CHECK_STR(str_of(digest_format(&d, text)), vectors[i].abc);
		CHECK(digest_parse(s, &other) && digest_eq(&d, &other));
		CHECK(digest_parse(str_of(vectors[i].empty), &other) && !digest_eq(&d, &other));
		for (size_t n = 0; n < s.len; n++)
			CHECK(!digest_parse(str_to(s, n), &d));
		snprintf(upper, sizeof(upper), "%s", vectors[i].abc);
		upper[s.len - 1] = 'F';
		CHECK(!digest_parse(str_of(upper), &d));
		upper[s.len - 1] = 'g';
		CHECK(!digest_parse(str_of(upper), &d));
	}
	CHECK(!digest_parse(STR(""), &d));
	CHECK(!digest_parse(STR("sha256-"), &d));
	CHECK(!digest_parse(str_make(vectors[0].abc, 72), &d));
}

TEST(no_algorithm_is_an_error)
{
	struct err e = ERR_INIT;
	struct digest d = {0};
	char text[DIGEST_TEXT] = "x";

	CHECK(hasher_new(DIGEST_NONE, &e) == NULL && e.code == ERR_INTERNAL);
	CHECK_INT(digest_size(DIGEST_NONE), 0);
	CHECK_STR(str_of(digest_format(&d, text)), "");
}

static bool fail(enum fault_kind kind)
{
	return kind == FAULT_ALLOC;
}

TEST(failed_allocation_is_reported)
{
	struct err e = ERR_INIT;
	struct digest d;

	CHECK_OK(crypto_init(&e));
	fault_hook = fail;
	CHECK_ERR(digest_of(DIGEST_SHA256, STR("abc"), &d, &e), ERR_MEMORY);
	fault_hook = NULL;
}
