/*
 * hadolint DL3019: apk add keeps the package index in the layer unless --no-cache is given or a
 * mount holds it.
 */
#include "dockerfile/rules/mounts.h"
#include "dockerfile/rules/option.h"

static bool is_mounted(const struct lint *l, const struct command_use *use)
{
	(void)use;
	return has_mount(l->instruction, "/var/cache/apk", true);
}

static const struct wanted_option option = {
	.subs = (const char *const[]){"add", NULL},
	.options = (const char *const[]){"no-cache", NULL},
	.is_exempt = is_mounted,
	.message = "Use --no-cache, then the package index does not stay in the layer",
	.insert = " --no-cache",
	.safe = true,
	.reason = "the same packages are installed; only their index is left out",
};

const struct rule rule_dl3019 = {
	.code = "DL3019",
	.title = "Use --no-cache with apk add",
	.level = LEVEL_INFO,
	.commands = (const char *const[]){"apk", NULL},
	.command = option_check,
	.data = &option,
};
