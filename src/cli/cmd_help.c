/*
 * help: the text of a command, or its man page.
 */
#include <unistd.h>

#include "cli/common.h"
#include "dockerfile/pages.h"

static const struct command *find(const struct invocation *in)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s%s", in->operands.items[0],
		 in->operands.count > 1 ? " " : "",
		 in->operands.count > 1 ? in->operands.items[1] : "");
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

/* "help db": every command of the group. */
static bool group_text(const char *word, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; commands[i]; i++) {
		if (strncmp(commands[i]->name, word, strlen(word)) != 0 ||
		    commands[i]->name[strlen(word)] != ' ')
			continue;
		buf_printf(out, "  %-16s %s\n", commands[i]->name, commands[i]->summary);
		any = true;
	}
	return any;
}

/* "help DL3008": the page of a lint rule. */
static bool rule_text(const char *word, struct buf *out)
{
	const struct rule_page *page = rule_page_find(str_of(word));

	if (page)
		buf_add_cstr(out, page->text);
	return page != NULL;
}

static int run_help(const struct invocation *in, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const struct command *c = in->operands.count ? find(in) : NULL;

	if (in->operands.count && !c &&
	    !(in->operands.count == 1 && (group_text(in->operands.items[0], &text) ||
					  rule_text(in->operands.items[0], &text)))) {
		const char *names[64];
		size_t n = 0;
		const char *near;

		for (; commands[n] && n < 63; n++)
			names[n] = commands[n]->name;
		names[n] = NULL;
		near = nearest_name(in->operands.items[0], names);
		err_set(e, ERR_USAGE, "no command '%s'%s%s%s", in->operands.items[0],
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
		return err_hint(e, "plimsoll help");
	}
	if (text.len == 0 && invocation_flag(in, "man"))
		man_page(c, &text);
	else if (text.len == 0)
		help_text(c, &text);
	if (buf_failed(&text))
		return ERR_NOMEM(e);
	return common_write(STDOUT_FILENO, buf_str(&text), e);
}

static const struct option options[] = {
	{.name = "man", .kind = OPTION_FLAG, .help = "write the manual page (man form)"},
	{0},
};

static const char *const examples[] = {
	"plimsoll help scan",
	"options and examples of scan",
	"plimsoll help DL3008",
	"why this rule of lint is one, what is bad, what is good, what it costs",
	NULL,
};

const struct command command_help = {
	.name = "help",
	.operands = "[COMMAND | RULE]",
	.summary = "help for a command, or for a rule of lint",
	.description = "Prints what a command does, its options and examples; of a rule of lint "
		       "its page; without either, the list of commands.",
	.examples = examples,
	.options = options,
	.operands_max = 2,
	.run = run_help,
};
