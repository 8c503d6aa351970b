/*
 * completion: a script for the user's shell, from the option table.
 */
#include <unistd.h>

#include "cli/common.h"

static int run_completion(const struct invocation *in, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	if (!completion_script(in->operands.items[0], &text))
		return err_set(e, ERR_USAGE, "completion: '%s' is not one of bash, fish, zsh",
			       in->operands.items[0]);
	if (buf_failed(&text))
		return ERR_NOMEM(e);
	return common_write(STDOUT_FILENO, buf_str(&text), e);
}

static const char *const examples[] = {
	"plimsoll completion bash > /etc/bash_completion.d/plimsoll",
	"for every user of bash",
	"source <(plimsoll completion zsh)",
	"for this zsh",
	NULL,
};

const struct command command_completion = {
	.name = "completion",
	.operands = "SHELL",
	.summary = "completion script for bash, fish or zsh",
	.description = "Writes a script that completes commands, options and their values.",
	.examples = examples,
	.operands_min = 1,
	.operands_max = 1,
	.run = run_completion,
};
