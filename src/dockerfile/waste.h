/*
 * What findings cost in an image that was built from the file. Of the image this module knows only
 * what struct waste_image says: for each layer the command that made it, and the bytes that it adds
 * in the places of waste.def. Who has the image fills it (scan/lint.c).
 *
 * An instruction belongs to the layer whose history says its text; what cannot be told is said to
 * be not known, and never 0. Bytes are those of the files that the layer adds, also where a later
 * layer hides them: they are shipped all the same.
 */
#ifndef PLIMSOLL_DOCKERFILE_WASTE_H
#define PLIMSOLL_DOCKERFILE_WASTE_H

#include "base/buf.h"

struct lint;
struct lint_result;

/* --- places --- */

enum {
	WASTE_PLACES_MAX = 64,	 /* rows of waste.def */
	WASTE_GROUPS_MAX = 2000, /* a layer */
	WASTE_LAYERS_MAX = 4096, /* of an image */
	WASTE_STEPS_MAX =
		2000,	      /* instructions of a file that make layers; more than an image has */
	WASTE_WORDS_MAX = 64, /* file names that an instruction speaks of */
	WASTE_PACKAGES_MAX = 20000, /* a layer */
	WASTE_PATHS_MAX = 20,	    /* that are listed for a finding */
	WASTE_LOOKS_MAX = 1 << 18,  /* comparisons of such names a file */
};

/*
 * The rows of waste.def that a file of an image belongs to, as bits; 0: none. `path` is clean, as
 * in struct entry. *ret_folder: length of the folder that the first of them names; SIZE_MAX when
 * only the file's own name counts.
 */
uint64_t waste_places(struct str path, size_t *ret_folder);
/* The bits whose files count only when an instruction names them. */
uint64_t waste_named_places(void);

/* --- the image --- */

/* Files of one layer in the same places. */
struct waste_group {
	uint64_t places;
	struct str path; /* the folder; where an instruction must name the file, the file */
	uint64_t bytes;
	uint64_t files;
};

/* A Debian package that came with a layer. Relations are as dpkg writes them: "a (>= 1) | b, c". */
struct waste_package {
	struct str name;
	struct str depends, pre_depends, recommends, provides;
	uint64_t bytes; /* Installed-Size, as the package says */
};

struct waste_layer {
	struct str created_by; /* "" unknown */
	bool missing;	       /* nothing of it could be read */
	bool complete;	       /* all of it was */
	const struct waste_group *groups;
	uint32_t group_count;
	uint64_t bytes; /* of all files */
	uint64_t files;
	bool packages_unknown; /* dpkg's database could not be read, here or below */
	const struct waste_package *packages;
	uint32_t package_count;
};

struct waste_image {
	const struct waste_layer *layers; /* from the bottom */
	uint32_t layer_count;
};

/* As bytes, for the way from the worker that read the image to those that lint. */
void waste_image_write(const struct waste_image *image, struct buf *out);
/* Copies into the arena; created_by is trimmed, its blanks are single, "# buildkit" is taken off.
 */
int waste_image_read(struct str bytes, struct arena *arena, struct waste_image *ret, struct err *e);

/* --- findings --- */

struct lint_waste {
	bool known;
	bool at_least; /* more may be there: the layer could not be read to its end */
	uint64_t bytes;
	uint64_t files;
	int layer;		 /* -1: none */
	const struct str *paths; /* where they are */
	uint32_t path_count;
	const struct str *packages; /* or which packages; by name, not all when there are many */
	uint32_t package_count;
	struct str reason; /* not known, or 0 without a layer: why */
};

/* Fills `waste` of the findings that have a place, and what they waste together. */
int waste_find(struct lint *l, const struct waste_image *image, struct lint_result *result,
	       struct err *e);

/* "18.4 MB" */
void waste_bytes(uint64_t bytes, struct buf *out);

#endif
