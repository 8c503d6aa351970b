/*
 * Help for a terminal, from the tables.
 */
#include "cli/common.h"

enum { HELP_WIDTH = 88, HELP_COLUMN = 30 };

void help_short(struct buf *out)
{
	buf_add_cstr(
		out,
		"plimsoll inspects container images and says whether they may sail.\n"
		"\n"
		"  plimsoll scan IMAGE.tar                     packages, vulnerabilities, verdict\n"
		"  plimsoll scan IMAGE.tar --fail-on high      exit code 2 when the gate says no\n"
		"  plimsoll db update                          get the vulnerability database\n"
		"  plimsoll files IMAGE.tar                    what the container will see\n"
		"\n"
		"IMAGE.tar is what 'docker save' or 'skopeo copy' writes; folders and OCI layouts "
		"work too.\n"
		"'plimsoll help' lists all commands, 'plimsoll help scan' explains one; man "
		"plimsoll.\n");
}

/* Words of text from `column` on, wrapped and indented. */
static void wrap(struct buf *out, const char *text, size_t column)
{
	struct str rest = str_of(text), word;
	size_t at = column;

	while (str_next(&rest, ' ', &word)) {
		if (at + word.len + 1 > HELP_WIDTH && at > column) {
			buf_printf(out, "\n%*s", (int)column, "");
			at = column;
		} else if (at > column) {
			buf_add_char(out, ' ');
			at++;
		}
		buf_add(out, word);
		at += word.len;
	}
	buf_add_char(out, '\n');
}

static void option_line(const struct option *o, struct buf *out)
{
	char left[128];
	int n;

	n = snprintf(left, sizeof(left), "  %c%c%s --%s%s%s%s", o->letter ? '-' : ' ',
		     o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
		     o->kind == OPTION_OPTIONAL ? "[="
		     : o->value			? " "
						: "",
		     o->value ? o->value : "", o->kind == OPTION_OPTIONAL ? "]" : "");
	buf_add_cstr(out, left);
	if (n >= HELP_COLUMN - 1)
		buf_printf(out, "\n%*s", HELP_COLUMN, "");
	else
		buf_printf(out, "%*s", HELP_COLUMN - n, "");
	wrap(out, o->help, HELP_COLUMN);
}

static void paragraphs(const char *text, struct buf *out)
{
	struct str rest = str_of(text), line;

	while (str_next(&rest, '\n', &line)) {
		CLEANUP(buf_done) struct buf copy = BUF_INIT;

		buf_add(&copy, line);
		buf_add_char(&copy, '\0');
		if (line.len && !buf_failed(&copy))
			wrap(out, copy.data, 0);
		else
			buf_add_char(out, '\n');
	}
}

static void program_text(struct buf *out)
{
	buf_add_cstr(out, "plimsoll inspects container images and says whether they may sail.\n\n"
			  "usage: plimsoll COMMAND [OPTION...] [OPERAND...]\n\ncommands:\n");
	for (size_t i = 0; commands[i]; i++)
		buf_printf(out, "  %-16s %s\n", commands[i]->name, commands[i]->summary);
	buf_add_cstr(out, "\noptions of every command:\n");
	for (size_t i = 0; common_options[i].name; i++)
		option_line(&common_options[i], out);
	buf_add_cstr(
		out,
		"\nexit codes: 0 pass, 1 the operation failed, 2 the gate says no, 3 wrong usage,\n"
		"            4 incomplete: something could not be looked at\n");
}

void help_text(const struct command *c, struct buf *out)
{
	if (!c) {
		program_text(out);
		return;
	}
	buf_printf(out, "usage: plimsoll %s [OPTION...] %s\n\n", c->name,
		   c->operands ? c->operands : "");
	paragraphs(c->description, out);
	if (c->options && c->options[0].name) {
		buf_add_cstr(out, "\noptions:\n");
		for (size_t i = 0; c->options[i].name; i++)
			option_line(&c->options[i], out);
	}
	buf_add_cstr(out, "\noptions of every command:\n");
	for (size_t i = 0; common_options[i].name; i++)
		option_line(&common_options[i], out);
	if (c->examples) {
		buf_add_cstr(out, "\nexamples:\n");
		for (size_t i = 0; c->examples[i] && c->examples[i + 1]; i += 2)
			buf_printf(out, "  %s\n      %s\n", c->examples[i], c->examples[i + 1]);
	}
}
