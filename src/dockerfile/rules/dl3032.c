/*
 * hadolint DL3032: yum keeps lists and packages in /var/cache/yum; they stay in the layer unless
 * the same RUN removes them.
 */
#include "dockerfile/rules/cleanup.h"

static const struct cleanup cleanup = {
	.commands = (const char *const[]){"yum", NULL},
	.subs = (const char *const[]){"install", "module install", "group install", NULL},
	.cleaners = (const char *const[]){"clean", NULL},
	.folders = (const char *const[]){"/var/cache/yum", "/var/cache/dnf", NULL},
	.mounts = (const char *const[]){"/var/cache/yum", "/var/cache/dnf", NULL},
	.message = "Use yum clean all behind yum install in the same RUN",
	.repair = "yum clean all",
	.safe_reason = "only what was downloaded goes; it is fetched again where it is needed",
	.unsafe_reason = "it runs where the command may not have run, or may not be there",
};

const struct rule rule_dl3032 = {
	.code = "DL3032",
	.title = "Use yum clean all behind yum install",
	.level = LEVEL_WARNING,
	.shell = cleanup_check,
	.data = &cleanup,
};
