/*
 * hadolint DL3060: yarn keeps every package that it fetched a second time in its cache; it stays in
 * the layer unless the same RUN removes it. Stages that nothing builds on are thrown away.
 */
#include "dockerfile/rules/cleanup.h"

static const struct cleanup cleanup = {
	.commands = (const char *const[]){"yarn", "yarnpkg", NULL},
	.subs = (const char *const[]){"install", NULL},
	.cleaners = (const char *const[]){"cache clean", NULL},
	.folders = (const char *const[]){"/root/.cache/yarn", "/usr/local/share/.cache", NULL},
	.mounts = (const char *const[]){".cache/yarn", "/usr/local/share/.cache", NULL},
	.message = "Use yarn cache clean behind yarn install in the same RUN",
	.repair = "yarn cache clean",
	.safe_reason = "only what was downloaded goes; it is fetched again where it is needed",
	.unsafe_reason = "it runs where the command may not have run, or may not be there",
	.by_stage = true,
};

const struct rule rule_dl3060 = {
	.code = "DL3060",
	.title = "Use yarn cache clean behind yarn install",
	.level = LEVEL_INFO,
	.shell = cleanup_check,
	.data = &cleanup,
};
