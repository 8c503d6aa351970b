/*
 * The packages of opkg's database: each file tells its own.
 */
#include "inventory/resolution.h"

extern const struct inspector inspector_opkg;

static int resolve(struct resolution *r, struct err *e)
{
	return resolution_add_databases(r, &inspector_opkg, e);
}

const struct resolver resolver_opkg = {.name = "opkg", .resolve = resolve};
