/*
 * The packages of pacman's database: each file tells its own.
 */
#include "inventory/resolution.h"

extern const struct inspector inspector_pacman;

static int resolve(struct resolution *r, struct err *e)
{
	return resolution_add_databases(r, &inspector_pacman, e);
}

const struct resolver resolver_pacman = {.name = "pacman", .resolve = resolve};
