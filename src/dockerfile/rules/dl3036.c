/*
 * hadolint DL3036: zypper keeps packages in /var/cache/zypp; they stay in the layer unless the same
 * RUN removes them.
 */
#include "dockerfile/rules/cleanup.h"

static const struct cleanup cleanup = {
	.commands = (const char *const[]){"zypper", NULL},
	.subs = (const char *const[]){"install", "in", NULL},
	.cleaners = (const char *const[]){"clean", "cc", NULL},
	.folders = (const char *const[]){"/var/cache/zypp", NULL},
	.mounts = (const char *const[]){"/var/cache/zypp", NULL},
	.message = "Use zypper clean behind zypper install in the same RUN",
	.repair = "zypper clean",
	.safe_reason = "only what was downloaded goes; it is fetched again where it is needed",
	.unsafe_reason = "it runs where the command may not have run, or may not be there",
};

const struct rule rule_dl3036 = {
	.code = "DL3036",
	.title = "Use zypper clean behind zypper install",
	.level = LEVEL_WARNING,
	.shell = cleanup_check,
	.data = &cleanup,
};
