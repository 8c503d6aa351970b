/*
 * The inventory from inside: inventory.c, databases.c, files.c and resolution.c share it.
 */
#ifndef PLIMSOLL_INVENTORY_PRIVATE_H
#define PLIMSOLL_INVENTORY_PRIVATE_H

#include "inventory/squash.h"

struct inventory {
	struct inventory_options options;
	struct arena arena;
	struct squash squash;
	struct look look;
	VEC(struct database_file) databases; /* sorted by inspector, path, first */
	struct package *packages;
	size_t package_count;
	struct distro distro;
};

/* inventory_find with a trail (MAY be NULL) and without a copy of the real path. */
struct place_found {
	enum found_kind kind;
	struct place place; /* of the file; of a dangling link or a loop the last link followed */
	uint32_t entry;
	unsigned links;
};
int inventory_locate(struct inventory *inv, struct str path, int top, struct trail *trail,
		     struct place_found *ret, struct err *e);

/*
 * Finds the files of all inspectors with `database` or `linked` in all images, says which of the
 * present one cannot be read, and sends those that no glob met on the second pass.
 */
int databases_find(struct inventory *inv, struct err *e);
int databases_read(struct inventory *inv, struct err *e);

/* All resolvers, then the order of the packages. */
int resolution_run(struct inventory *inv, struct err *e);

#endif
