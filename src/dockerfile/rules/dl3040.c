/*
 * hadolint DL3040: dnf keeps lists and packages in /var/cache; they stay in the layer unless the
 * same RUN removes them.
 */
#include "dockerfile/rules/cleanup.h"

static const struct cleanup cleanup = {
	.commands = (const char *const[]){"dnf", "dnf5", "microdnf", NULL},
	.subs = (const char *const[]){"install",
				      "in",
				      "localinstall",
				      "groupinstall",
				      "group install",
				      "module install",
				      "upgrade",
				      "up",
				      "update",
				      "upgrade-minimal",
				      "up-min",
				      "update-minimal",
				      "reinstall",
				      "rei",
				      "downgrade",
				      "dg",
				      "distro-sync",
				      "dsync",
				      "builddep",
				      "swap",
				      NULL},
	.cleaners = (const char *const[]){"clean", NULL},
	.folders = (const char *const[]){"/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/yum",
					 NULL},
	.mounts = (const char *const[]){"/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/yum",
					NULL},
	.message = "Use dnf clean all behind dnf install in the same RUN",
	.safe_reason = "only what was downloaded goes; it is fetched again where it is needed",
	.unsafe_reason = "it runs where the command may not have run, or may not be there",
};

const struct rule rule_dl3040 = {
	.code = "DL3040",
	.title = "Use dnf clean all behind dnf install",
	.level = LEVEL_WARNING,
	.shell = cleanup_check,
	.data = &cleanup,
};
