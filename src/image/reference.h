/*
 * The name of a source as a person types it: a prefix and a path, a path, or "-".
 */
#ifndef PLIMSOLL_IMAGE_REFERENCE_H
#define PLIMSOLL_IMAGE_REFERENCE_H

#include "image/image.h"

struct source_reference {
	const char *text; /* as typed; the slices below lie in it, path ends at its NUL or at '#' */
	struct str path;  /* "-" with standard_input */
	struct str select; /* behind '#': tag or digest, or empty */
	bool standard_input;
	bool forced;	      /* by a prefix */
	enum image_kind kind; /* valid when forced */
};

/*
 * Borrows the text. Looks at the file system: a path that exists is taken whole, so that names with
 * '#' or ':' work. ERR_USAGE with a hint for a prefix that is not known, for an empty path, and for
 * what looks like the name of an image in a registry: the hint is the line that makes an archive.
 */
int source_parse_reference(const char *text, struct source_reference *ret, struct err *e);

/* "alpine:3.19", "ghcr.io/a/b@sha256:...": the form of a name in a registry, not of a path. */
bool source_looks_like_image(struct str text);

#endif
