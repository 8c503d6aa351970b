/*
 * The packages of dpkg's database: each file tells its own.
 */
#include "inventory/resolution.h"

extern const struct inspector inspector_dpkg;

static int resolve(struct resolution *r, struct err *e)
{
	return resolution_add_databases(r, &inspector_dpkg, e);
}

const struct resolver resolver_dpkg = {.name = "dpkg", .resolve = resolve};
