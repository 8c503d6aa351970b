/*
 * COPY . before packages of the system are installed: they need nothing of the source, and a change
 * of any file installs them again.
 */
#include "dockerfile/rules/copied_source.h"

static const struct copied_kind kinds[] = {
	{"apk", "add", NULL, COPIED_NAMED, NULL},
	{"apt", "install", NULL, COPIED_NAMED, NULL},
	{"apt-get", "install", NULL, COPIED_NAMED, NULL},
	{"dnf", "install", NULL, COPIED_NAMED, NULL},
	{"microdnf", "install", NULL, COPIED_NAMED, NULL},
	{"yum", "install", NULL, COPIED_NAMED, NULL},
	{"zypper", "in", NULL, COPIED_NAMED, NULL},
	{"zypper", "install", NULL, COPIED_NAMED, NULL},
	{NULL, NULL, NULL, COPIED_ALWAYS, NULL},
};

const struct rule rule_pl3003 = {
	.code = "PL3003",
	.title = "Install packages before the source is copied",
	.level = LEVEL_INFO,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_RUN) | INSTRUCTION_BIT(INSTRUCTION_COPY) |
			INSTRUCTION_BIT(INSTRUCTION_ADD),
	.state_size = sizeof(struct copied_state),
	.stage = copied_stage,
	.instruction = copied_instruction,
	.command = copied_command,
	.commands = (const char *const[]){"apk", "apt", "apt-get", "dnf", "dnf5", "microdnf", "yum",
					  "zypper", "zypp", NULL},
	.stage_end = copied_stage_end,
	.data = kinds,
};
