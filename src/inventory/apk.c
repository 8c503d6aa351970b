/*
 * The packages of apk's database: each file tells its own.
 */
#include "inventory/resolution.h"

extern const struct inspector inspector_apk;

static int resolve(struct resolution *r, struct err *e)
{
	return resolution_add_databases(r, &inspector_apk, e);
}

const struct resolver resolver_apk = {.name = "apk", .resolve = resolve};
