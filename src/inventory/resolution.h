/*
 * What a resolver works on and writes to.
 *
 * Attribution: a package's layer is the first one after which its database held that name, version
 * and architecture. So a resolver tells what the databases held and when (resolution_see) and what
 * they hold now (resolution_add_packages, first); the rest is done when all resolvers have run.
 */
#ifndef PLIMSOLL_INVENTORY_RESOLUTION_H
#define PLIMSOLL_INVENTORY_RESOLUTION_H

#include "inventory/resolver.h"

struct resolution {
	struct inventory *inv;
	struct arena *arena; /* of the inventory: what is added lives here, or in facts */
	struct diags *diags;
	int layers;

	/* private */
	struct map listed; /* key of a package -> struct listed */
	struct buf key;
	VEC(struct package) packages;
	struct distro distro;
};

/*
 * The whole work for an inspector whose facts are the packages of one file each: all of its files
 * in all images, seen and added.
 */
int resolution_add_databases(struct resolution *r, const struct inspector *by, struct err *e);

/* The image after layer `layer` held these: counts for packages that are added already. */
int resolution_see(struct resolution *r, const struct package *items, size_t count, int layer,
		   struct err *e);
/*
 * The image holds these, in the database `file`: location.path and location.layer are filled in
 * here (file NULL: they are there already); a package that is listed already (type, name, version,
 * architecture) is not listed again. The strings must live as long as the inventory or its facts.
 */
int resolution_add_packages(struct resolution *r, const struct package *items, size_t count,
			    const struct database_file *file, struct err *e);
/* The blob that `by` made of the file, or an empty slice. */
struct str resolution_blob(const struct database_file *file, const struct inspector *by);
void resolution_set_distro(struct resolution *r, const struct distro *distro);

#endif
