/*
 * Manual pages in man(7) form, from the same tables as help.
 */
#include <ctype.h>

#include "cli/common.h"
#include "cli/version.h"

/* Text with what troff would read as its own escaped. */
static void roff(struct buf *out, const char *text)
{
	bool line_start = true;

	for (const char *p = text; *p; p++) {
		if (line_start && (*p == '.' || *p == '\''))
			buf_add_cstr(out, "\\&");
		if (*p == '\\')
			buf_add_cstr(out, "\\e");
		else if (*p == '-')
			buf_add_cstr(out, "\\-");
		else
			buf_add_char(out, *p);
		line_start = *p == '\n';
	}
}

static void option_entry(const struct option *o, struct buf *out)
{
	buf_add_cstr(out, ".TP\n");
	if (o->letter)
		buf_printf(out, ".BR \\-%c ,\n", o->letter);
	buf_add_cstr(out, ".B \\-\\-");
	roff(out, o->name);
	buf_add_char(out, '\n');
	if (o->value)
		buf_printf(out, ".I %s\n", o->value);
	roff(out, o->help);
	buf_add_char(out, '\n');
}

static void title(struct buf *out, const char *name)
{
	buf_add_cstr(out, ".TH PLIMSOLL");
	if (name) {
		buf_add_char(out, '-');
		for (const char *p = name; *p; p++)
			buf_add_char(out, *p == ' ' ? '-' : (char)toupper((unsigned char)*p));
	}
	buf_printf(out, " 1 \"\" \"plimsoll %s\" \"User commands\"\n.SH NAME\nplimsoll",
		   PLIMSOLL_VERSION);
	if (name) {
		buf_add_char(out, '-');
		for (const char *p = name; *p; p++)
			buf_add_char(out, *p == ' ' ? '-' : *p);
	}
	buf_add_cstr(out, " \\- ");
}

static const char exit_codes[] =
	".SH EXIT STATUS\n.TP\n0\npass; also when no gate was asked for\n.TP\n1\nthe operation "
	"failed, "
	"no report was written\n.TP\n2\nthe gate says no\n.TP\n3\nwrong usage or "
	"configuration\n.TP\n4\n"
	"incomplete: something that could hide a package or a finding could not be looked at\n";

static void program_page(struct buf *out)
{
	title(out, NULL);
	buf_add_cstr(
		out,
		"inspect container images and say whether they may sail\n"
		".SH SYNOPSIS\n.B plimsoll\n.I COMMAND\n[\\fIOPTION\\fR...] [\\fIOPERAND\\fR...]\n"
		".SH COMMANDS\n");
	for (size_t i = 0; commands[i]; i++) {
		buf_printf(out, ".TP\n.B %s\n", commands[i]->name);
		roff(out, commands[i]->summary);
		buf_add_char(out, '\n');
	}
	buf_add_cstr(out, ".SH OPTIONS\nThese stand with every command.\n");
	for (size_t i = 0; common_options[i].name; i++)
		option_entry(&common_options[i], out);
	buf_add_cstr(out, exit_codes);
}

void man_page(const struct command *c, struct buf *out)
{
	if (!c) {
		program_page(out);
		return;
	}
	title(out, c->name);
	roff(out, c->summary);
	buf_printf(out, "\n.SH SYNOPSIS\n.B plimsoll %s\n[\\fIOPTION\\fR...] ", c->name);
	roff(out, c->operands ? c->operands : "");
	buf_add_cstr(out, "\n.SH DESCRIPTION\n");
	roff(out, c->description);
	buf_add_cstr(out, "\n.SH OPTIONS\n");
	for (size_t i = 0; c->options && c->options[i].name; i++)
		option_entry(&c->options[i], out);
	buf_add_cstr(out, ".PP\nThe options of every command are in\n.BR plimsoll (1).\n");
	buf_add_cstr(out, exit_codes);
	if (c->examples) {
		buf_add_cstr(out, ".SH EXAMPLES\n");
		for (size_t i = 0; c->examples[i] && c->examples[i + 1]; i += 2) {
			buf_add_cstr(out, ".TP\n.B ");
			roff(out, c->examples[i]);
			buf_add_char(out, '\n');
			roff(out, c->examples[i + 1]);
			buf_add_char(out, '\n');
		}
	}
	buf_add_cstr(out, ".SH SEE ALSO\n.BR plimsoll (1)\n");
}
