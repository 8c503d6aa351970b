/*
 * Message digests over OpenSSL 3 EVP. Fetched once: a fetch loads the configuration and may load a
 * provider from disk, which the confined worker could not do. SHA-1 and MD5 may be missing where a
 * FIPS provider rules; then only hashers for them fail.
 */
#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

static struct {
	const char *const name;	 /* before the colon */
	const char *const fetch; /* what OpenSSL calls it */
	const size_t size;
	const bool oci; /* may stand in a descriptor */
	const bool must;
	EVP_MD *md;
} algorithms[] = {
	[DIGEST_NONE] = {.name = ""},
	[DIGEST_SHA256] = {"sha256", "SHA2-256", 32, true, true, NULL},
	[DIGEST_SHA512] = {"sha512", "SHA2-512", 64, true, true, NULL},
	[DIGEST_SHA1] = {"sha1", "SHA1", 20, false, false, NULL},
	[DIGEST_MD5] = {"md5", "MD5", 16, false, false, NULL},
};

enum { ALGORITHMS = sizeof(algorithms) / sizeof(algorithms[0]) };

struct hasher {
	EVP_MD_CTX *context;
	enum digest_algorithm algorithm;
	bool failed; /* sticky until hasher_end */
};

static const char *reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return text ? text : "no reason given";
}

int crypto_init(struct err *e)
{
	for (int i = DIGEST_SHA256; i < ALGORITHMS; i++) {
		if (!algorithms[i].md)
			algorithms[i].md = EVP_MD_fetch(NULL, algorithms[i].fetch, NULL);
		if (!algorithms[i].md && algorithms[i].must)
			return err_set(e, ERR_UNSUPPORTED, "OpenSSL has no %s: %s",
				       algorithms[i].name, reason());
	}
	ERR_clear_error();
	return 0;
}

size_t digest_size(enum digest_algorithm algorithm)
{
	return (unsigned)algorithm < ALGORITHMS ? algorithms[algorithm].size : 0;
}

static bool lower_hex(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(s.data[i] >= '0' && s.data[i] <= '9') &&
		    !(s.data[i] >= 'a' && s.data[i] <= 'f'))
			return false;
	return true;
}

bool digest_parse(struct str s, struct digest *ret)
{
	for (int i = DIGEST_SHA256; i < ALGORITHMS; i++) {
		struct digest d = {.algorithm = (enum digest_algorithm)i};
		struct str rest = s;

		if (!algorithms[i].oci || !str_skip(&rest, str_of(algorithms[i].name)) ||
		    !str_skip(&rest, STR(":")))
			continue;
		if (!lower_hex(rest) || !str_parse_hex(rest, d.bytes, algorithms[i].size))
			return false;
		*ret = d;
		return true;
	}
	return false;
}

static char *put_hex(char *out, const struct digest *d)
{
	static const char hex[] = "0123456789abcdef";
	size_t size = digest_size(d->algorithm);

	for (size_t i = 0; i < size; i++) {
		*out++ = hex[d->bytes[i] >> 4];
		*out++ = hex[d->bytes[i] & 15];
	}
	*out = '\0';
	return out;
}

char *digest_format(const struct digest *d, char out[DIGEST_TEXT])
{
	size_t size = digest_size(d->algorithm);
	int n = size ? snprintf(out, DIGEST_TEXT, "%s:", algorithms[d->algorithm].name) : 0;

	put_hex(out + n, d);
	return out;
}

char *digest_format_hex(const struct digest *d, char out[DIGEST_TEXT])
{
	put_hex(out, d);
	return out;
}

bool digest_eq(const struct digest *a, const struct digest *b)
{
	return a->algorithm == b->algorithm &&
	       memcmp(a->bytes, b->bytes, digest_size(a->algorithm)) == 0;
}

struct hasher *hasher_new(enum digest_algorithm algorithm, struct err *e)
{
	struct hasher *h;

	if (!digest_size(algorithm)) {
		err_set(e, ERR_INTERNAL, "no digest algorithm named");
		return NULL;
	}
	if (!algorithms[algorithm].md) {
		err_set(e, ERR_UNSUPPORTED, "OpenSSL has no %s here", algorithms[algorithm].name);
		return NULL;
	}
	h = mem_zero(1, sizeof(*h));
	if (!h) {
		ERR_NOMEM(e);
		return NULL;
	}
	h->algorithm = algorithm;
	h->context = EVP_MD_CTX_new();
	if (!h->context || !EVP_DigestInit_ex2(h->context, algorithms[algorithm].md, NULL)) {
		ERR_clear_error();
		hasher_free(h);
		ERR_NOMEM(e);
		return NULL;
	}
	return h;
}

void hasher_free(struct hasher *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->context);
	mem_free(h);
}

void hasher_add(struct hasher *h, struct str bytes)
{
	if (bytes.len && !EVP_DigestUpdate(h->context, bytes.data, bytes.len))
		h->failed = true;
}

int hasher_end(struct hasher *h, struct digest *ret, struct err *e)
{
	struct digest d = {.algorithm = h->algorithm};
	bool ok = EVP_DigestFinal_ex(h->context, d.bytes, NULL) && !h->failed;

	h->failed = !EVP_DigestInit_ex2(h->context, algorithms[h->algorithm].md, NULL);
	if (!ok)
		return err_set(e, ERR_INTERNAL, "%s: %s", algorithms[h->algorithm].name, reason());
	*ret = d;
	return 0;
}

int digest_of(enum digest_algorithm algorithm, struct str bytes, struct digest *ret, struct err *e)
{
	struct hasher *h = hasher_new(algorithm, e);
	int r;

	if (!h)
		return -1;
	hasher_add(h, bytes);
	r = hasher_end(h, ret, e);
	hasher_free(h);
	return r;
}
