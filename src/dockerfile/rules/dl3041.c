/*
 * hadolint DL3041: dnf install takes what is newest on the day of the build. name-version pins,
 * name:stream a module.
 */
#include "dockerfile/rules/pin.h"

static const struct pin pin = {
	.message = "Pin versions in dnf install, as in name-version",
	.subs = (const struct pin_sub[]){{"install", is_rpm_pinned},
					 {"in", is_rpm_pinned},
					 {"module install", is_module_pinned},
					 {NULL, NULL}},
};

const struct rule rule_dl3041 = {
	.code = "DL3041",
	.title = "Pin versions in dnf install",
	.level = LEVEL_WARNING,
	.commands = (const char *const[]){"dnf", "dnf5", "microdnf", NULL},
	.state_size = sizeof(struct word_cache),
	.command = pin_check,
	.data = &pin,
};
