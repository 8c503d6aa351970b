/*
 * Sources, a family: the forms in which an image can be given.
 *
 * To add one:
 *  1. src/image/NAME.c ending in `const struct source source_NAME = {...};`
 *  2. its line in src/image/sources.def (sorted): SOURCE(NAME)
 *  3. a fixture in tests/golden/test_sources.py, an anchor in docs/formats/images.md.
 */
#ifndef PLIMSOLL_IMAGE_SOURCE_H
#define PLIMSOLL_IMAGE_SOURCE_H

#include "image/image.h"

struct walk;
struct plan;

struct source {
	const char *name;     /* MUST: the prefix that people type */
	enum image_kind kind; /* MUST: of the images it gives, one member a kind */
	bool folder;	      /* MUST: given as a folder; false: as a file or standard input */
	/*
	 * MAY. How sure it is that the members of a tar are an image of this form, 0 not at all.
	 * Where nobody is, the tar is taken as one layer.
	 */
	int (*probe)(struct walk *w);
	/*
	 * MAY. Reads manifest and configuration from w->store and lists the layers. NULL: there is
	 * no manifest, the source itself is the one layer.
	 */
	int (*plan)(struct walk *w, struct plan *ret, struct err *e);
	/* MAY. Walks the source itself, instead of layers of a plan. */
	int (*run)(struct walk *w, const struct layer_visitor *visitor, struct err *e);
	/* MAY. The second pass of who has a `run`. */
	int (*again)(struct walk *w, const struct str *paths, size_t path_count,
		     const struct layer_visitor *visitor, struct err *e);
};

extern const struct source *const sources[]; /* NULL-ended, in the order of sources.def */
const struct source *source_find(struct str name);
const struct source *source_of_kind(enum image_kind kind);

#endif
