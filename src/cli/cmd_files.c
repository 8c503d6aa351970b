/*
 * files: the squashed file system with the layer of each entry.
 */
#include <unistd.h>

#include "cli/common.h"
#include "scan/scan.h"

static const char *const format_choices[] = {"text", "json", NULL};

static const struct option options[] = {
	{.name = "format",
	 .letter = 'f',
	 .kind = OPTION_CHOICE,
	 .value = "FORMAT",
	 .choices = format_choices,
	 .help = "text (default) or json: one object a line"},
	{.name = "limit",
	 .kind = OPTION_LIST,
	 .value = "NAME=VALUE",
	 .trust = TRUST_LIMITS,
	 .help = "change a limit: layers, layer-entries, entries, list, path, depth, ratio, "
		 "memory, cpu"},
	{.name = "no-verify",
	 .kind = OPTION_FLAG,
	 .trust = TRUST_GATE,
	 .help = "do not check digests"},
	{.name = "output",
	 .letter = 'o',
	 .kind = OPTION_TEXT,
	 .value = "FILE",
	 .help = "write to FILE"},
	{.name = "platform",
	 .kind = OPTION_TEXT,
	 .value = "OS/ARCH",
	 .trust = TRUST_SCOPE,
	 .help = "which image of an index (default: linux on this machine's architecture)"},
	{0},
};

static int run_files(const struct invocation *in, struct err *e)
{
	const char *format = invocation_text(in, "format"), *item;
	struct scan_request r = {
		.source = in->operands.items[0],
		.platform = invocation_text(in, "platform"),
		.verify = !invocation_flag(in, "no-verify"),
		.limits = scan_limits_default,
		.progress = !invocation_flag(in, "no-progress") && !invocation_flag(in, "quiet"),
	};
	bool json = format && strcmp(format, "json") == 0;
	int code = -1;

	for (size_t i = 0; (item = invocation_item(in, "limit", i)); i++)
		if (scan_limits_set(&r.limits, str_of(item), e) < 0)
			return -1;
	if (scan_files(&r, json, invocation_text(in, "output"), &code, e) < 0)
		return -1;
	return code;
}

static const char *const examples[] = {
	"plimsoll files shop.tar",
	"what the container will see, and which layer each entry came from",
	"plimsoll files shop.tar --format json | jq -r 'select(.layer == 3) | .path'",
	"what layer 3 brought that is still there",
	NULL,
};

const struct command command_files = {
	.name = "files",
	.operands = "SOURCE",
	.summary = "the squashed file system with the layer of each entry",
	.description =
		"Lists the file system that a container of this image starts with, sorted by path. "
		"SOURCE as for scan.",
	.examples = examples,
	.options = options,
	.operands_min = 1,
	.operands_max = 1,
	.run = run_files,
};
