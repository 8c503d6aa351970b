/*
 * JSON documents of images, read as Go reads them, because every runtime is written in it: a key
 * matches whatever its case, and the last match wins. Where that differs from what a strict reader
 * sees, a gap says so.
 */
#ifndef PLIMSOLL_IMAGE_NOTATION_H
#define PLIMSOLL_IMAGE_NOTATION_H

#include "image/platform.h"
#include "image/walk.h"
#include "text/tree.h"

struct notation {
	struct walk *walk;
	struct str name; /* of the document, for messages */
	const struct tree_node *root;
};

/* Parses a document of the store into the walk's scratch arena. ERR_FORMAT and such name it. */
int notation_parse(struct walk *w, struct str name, struct str text, struct notation *ret,
		   struct err *e);

/* A member of an object by Go's rules, NULL when absent. */
const struct tree_node *notation_find(const struct notation *n, const struct tree_node *object,
				      const char *key);
/* Its text where it is a string, else empty. */
struct str notation_str(const struct notation *n, const struct tree_node *object, const char *key);
/* "'manifest.json', line 1, column 212" in the walk's arena. */
struct str notation_place(const struct notation *n, const struct tree_node *node);
/* "manifest.json, line 1, column 7: what" as an error. */
int notation_error(const struct notation *n, const struct tree_node *node, struct err *e,
		   const char *what);

/* True when key is name in Go's folding: ASCII case, and the two letters outside ASCII that fold
 * in. */
bool notation_key_is(struct str key, const char *name);

/* Does the text name the image "docker.io/library/alpine:3.19": whole, without its host, or the
 * tag? */
bool notation_names(struct str name, struct str select);

/*
 * Compares a document with the digest that names it; a difference is the gap digest_mismatch.
 * Gives the computed digest.
 */
struct digest notation_check_digest(struct walk *w, struct str name, struct str text,
				    const struct digest *claimed);

#endif
