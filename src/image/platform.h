/*
 * Platforms of images: "os/architecture[/variant]".
 */
#ifndef PLIMSOLL_IMAGE_PLATFORM_H
#define PLIMSOLL_IMAGE_PLATFORM_H

#include "base/buf.h"
#include "base/err.h"

struct platform {
	struct str os, architecture, variant;
};
/* "os/arch[/variant]"; ERR_USAGE. Empty: linux on this machine's architecture. */
int platform_parse(struct str text, struct platform *ret, struct err *e);
/* How well `have` serves who wants `want`: 0 best, <0 not at all. */
int platform_rank(const struct platform *want, const struct platform *have);
/* "linux/arm64/v8" added to a list "a, b" unless it is there. */
void platform_add_name(struct buf *list, const struct platform *p);

#endif
