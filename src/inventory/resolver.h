/*
 * Resolvers, stage 2: facts of the squashed image in, packages and settings out. Cheap, never
 * cached.
 *
 * To add one: src/inventory/NAME.c ending in `const struct resolver resolver_NAME`, its line in
 * src/inventory/resolvers.def (sorted), fixtures and an anchor in docs/formats/resolvers.md. A
 * package database whose inspector gives the packages of one file needs one call:
 * resolution_add_databases.
 */
#ifndef PLIMSOLL_INVENTORY_RESOLVER_H
#define PLIMSOLL_INVENTORY_RESOLVER_H

#include "inventory/inventory.h"

struct resolution; /* the running one: image view, output, diags; see inventory/resolution.h */

struct resolver {
	const char *name; /* MUST */
	/* MUST. Adds packages through resolution_add_packages and friends. */
	int (*resolve)(struct resolution *r, struct err *e);
};

extern const struct resolver *const resolvers[]; /* NULL-ended, sorted */

#endif
