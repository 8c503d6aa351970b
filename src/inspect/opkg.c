/*
 * opkg's database (OpenWrt, Yocto, Entware below /opt): a status file as dpkg's, and beside it the
 * control file of each package, which alone tells licence and source. See paragraphs.c.
 *
 * Images without the status file (it may stand on another medium) still have the control files;
 * both name the same packages. A control file has no status: it goes with its package.
 */
#include "inspect/paragraphs.h"

static const struct package_paragraphs form = {
	.type = PACKAGE_OPKG,
	.source = "SourceName",
};

static int begin(struct inspection *in, struct facts *out, struct err *e)
{
	return paragraphs_begin(&form, in, out, e);
}

static const char *const globs[] = {"usr/lib/opkg/status",
				    "usr/lib/opkg/info/*.control",
				    "var/lib/opkg/status",
				    "var/lib/opkg/info/*.control",
				    "opt/lib/opkg/status",
				    "opt/lib/opkg/info/*.control",
				    NULL};

const struct inspector inspector_opkg = {
	.name = "opkg",
	.version = 1,
	.globs = globs,
	.need = NEED_STREAM,
	.database = true,
	.begin = begin,
	.chunk = paragraphs_chunk,
	.end = paragraphs_end,
};
