/*
 * dpkg's database: var/lib/dpkg/status, and the one-package files of distroless images in
 * var/lib/dpkg/status.d (the md5sums beside them are none). See paragraphs.c.
 */
#include "inspect/paragraphs.h"

static const struct package_paragraphs form = {
	.type = PACKAGE_DEB,
	.source = "Source",
	.skip = ".md5sums",
};

static int begin(struct inspection *in, struct facts *out, struct err *e)
{
	return paragraphs_begin(&form, in, out, e);
}

static const char *const globs[] = {"var/lib/dpkg/status", "var/lib/dpkg/status.d/*", NULL};

const struct inspector inspector_dpkg = {
	.name = "dpkg",
	.version = 1,
	.globs = globs,
	.need = NEED_STREAM,
	.database = true,
	.begin = begin,
	.chunk = paragraphs_chunk,
	.end = paragraphs_end,
};
