/*
 * hadolint DL3047: wget prints a line for every 50 KiB into the log of the build unless it is told
 * how to show progress, or to be quiet.
 */
#include "dockerfile/rules/option.h"

static const struct wanted_option option = {
	.options = (const char *const[]){"progress", "quiet", "no-verbose", "output-file",
					 "append-output", NULL},
	.message = "Use wget with --progress=dot:giga, -nv or -q: its progress bar fills the log",
	.insert = " --progress=dot:giga",
	.reason = "the wget of busybox does not know --progress",
};

const struct rule rule_dl3047 = {
	.code = "DL3047",
	.title = "Keep wget's progress bar out of the log",
	.level = LEVEL_INFO,
	.commands = (const char *const[]){"wget", NULL},
	.command = option_check,
	.data = &option,
};
