/*
 * What the resolver of rpm databases shares with their inspector.
 */
#ifndef PLIMSOLL_INSPECT_RPM_H
#define PLIMSOLL_INSPECT_RPM_H

#include "binary/rpmheader.h"
#include "inspect/inspector.h"

extern const struct inspector inspector_rpm;
/* Keeps the bytes of a database as a blob: for the second pass only, in no list. */
extern const struct inspector inspector_rpm_bytes;

/* A key that rpm trusts stands among the packages, as one without architecture or source. */
bool rpm_is_key(const struct rpm_package *p);
/*
 * The package as the model has it; what is put together is made in the arena, the rest borrowed.
 * *license is where ret->licenses points.
 */
int rpm_to_package(struct arena *a, const struct rpm_package *from, struct str *license,
		   struct package *ret);

#endif
