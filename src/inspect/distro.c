/*
 * The files that name the distribution, kept whole for the resolver of the same name, which knows
 * which one counts (os-release(5)).
 */
#include "inspect/inspector.h"

enum { RELEASE_MAX = 64 << 10 };

static int inspect(struct inspection *in, struct facts *out, struct err *e)
{
	if (facts_add_blob(out, in->by, in->entry, in->bytes) < 0)
		return ERR_NOMEM(e);
	return 0;
}

static const char *const globs[] = {
	"etc/os-release",	 "usr/lib/os-release", "etc/alpine-release",
	"etc/debian_version",	 "etc/redhat-release", "etc/centos-release",
	"etc/fedora-release",	 "etc/oracle-release", "etc/rocky-release",
	"etc/almalinux-release", "etc/system-release", "etc/SuSE-release",
	"etc/lsb-release",	 "etc/arch-release",   NULL,
};

const struct inspector inspector_distro = {
	.name = "distro",
	.version = 1,
	.globs = globs,
	.need = NEED_WHOLE,
	.max = RELEASE_MAX,
	.linked = true,
	.inspect = inspect,
};
