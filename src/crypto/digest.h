/*
 * Message digests over OpenSSL's EVP. crypto_init fetches the algorithms, which opens files: call
 * it before confinement, once.
 */
#ifndef PLIMSOLL_CRYPTO_DIGEST_H
#define PLIMSOLL_CRYPTO_DIGEST_H

#include "base/buf.h"
#include "base/err.h"

enum digest_algorithm { DIGEST_NONE, DIGEST_SHA256, DIGEST_SHA512, DIGEST_SHA1, DIGEST_MD5 };

struct digest {
	enum digest_algorithm algorithm;
	uint8_t bytes[64];
};

enum { DIGEST_TEXT = 8 + 128 + 1 }; /* "sha512:" + hex + NUL */

int crypto_init(struct err *e);

size_t digest_size(enum digest_algorithm algorithm);
/* "sha256:<64 hex>" or "sha512:<128 hex>", lower case as OCI demands; nothing else. */
bool digest_parse(struct str s, struct digest *ret);
/* "sha256:..."; returns out. */
char *digest_format(const struct digest *d, char out[DIGEST_TEXT]);
/* Bare hex; returns out. */
char *digest_format_hex(const struct digest *d, char out[DIGEST_TEXT]);
bool digest_eq(const struct digest *a, const struct digest *b);

struct hasher;
struct hasher *hasher_new(enum digest_algorithm algorithm, struct err *e);
void hasher_free(struct hasher *h);
void hasher_add(struct hasher *h, struct str bytes);
/* Ends the computation and resets the hasher for the next one. */
int hasher_end(struct hasher *h, struct digest *ret, struct err *e);
/* The digest of one slice. */
int digest_of(enum digest_algorithm algorithm, struct str bytes, struct digest *ret, struct err *e);

#endif
