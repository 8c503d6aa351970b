/*
 * From the facts of the layers to what the image holds: squash, links, resolvers, attribution.
 */
#ifndef PLIMSOLL_INVENTORY_INVENTORY_H
#define PLIMSOLL_INVENTORY_INVENTORY_H

#include "image/image.h"
#include "inspect/inspector.h"
#include "model/package.h"

struct inventory;

struct inventory_options {
	struct image *image;
	struct inspect_run *run;
	struct budget *budget;
	struct diags *diags;
	struct progress *progress;
};

/* A node of the squashed file system. */
struct tree_node {
	struct str name;
	struct tree_node *parent;
	struct tree_node *children; /* sorted by name after the squash */
	struct tree_node *next;
	int layer;		     /* that brought it; of implied folders the first member's */
	const struct layer_entry *entry; /* NULL: a folder no member names */
	const struct facts *facts;   /* of that layer */
};

/*
 * Squashes (what the container runtime shows, decision 3), finds the wanted paths through links, runs
 * the one second pass if needed, resolves packages and the distribution, attributes layers.
 */
int inventory_build(const struct inventory_options *options, struct inventory **ret, struct err *e);
void inventory_free(struct inventory *inv);

const struct distro *inventory_distro(const struct inventory *inv);
const struct package *inventory_packages(const struct inventory *inv, size_t *ret_count);
const struct tree_node *inventory_root(const struct inventory *inv);

/* --- for resolvers ----------------------------------------------------------------------------- */

/*
 * The file at a path in the image as it is after layer `upto` (inclusive; -1: all), links followed as
 * in the running container (at most 40). NULL when there is none. ret_path (may be NULL) gets the real path.
 */
const struct tree_node *inventory_find(struct inventory *inv, struct str path, int upto,
				       struct str *ret_path);

#endif
