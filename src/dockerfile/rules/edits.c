#include "dockerfile/rules/edits.h"

#include "base/buf.h"

void edit_behind_arg(struct lint *l, struct finding *f, const struct shell_tree *t,
		     const struct shell_command *c, uint32_t arg, const char *text)
{
	uint32_t end = shell_span(t, c->argv[arg].node).end;

	lint_edit(l, f, end, end, str_of(text));
}

static bool would_be_json(const struct shell_tree *t, uint32_t node)
{
	struct str text = str_trim(t->body.text);

	return str_starts(text, STR("[")) && str_ends(text, STR("]")) &&
	       str_is(str_trim(str_to(t->body.text, t->nodes[node].start)), "[");
}

void edit_quote(struct lint *l, struct finding *f, const struct shell_tree *t, uint32_t node)
{
	struct span span = shell_span(t, node);

	if (would_be_json(t, node))
		return;
	lint_edit(l, f, span.start, span.start, STR("\""));
	lint_edit(l, f, span.end, span.end, STR("\""));
}

static bool ends_shell(const struct shell_tree *t, uint32_t statement)
{
	const struct shell_node *s = &t->nodes[statement];
	const struct shell_command *c;

	if (!t->command_count)
		return false;
	c = &t->commands[t->command_count - 1];
	return c->node >= statement && c->node <= s->last &&
	       (str_is(c->name, "exit") || str_is(c->name, "exec") || str_is(c->name, "return"));
}

bool script_end(const struct instruction *i, const struct shell_tree *t, uint32_t *ret_offset)
{
	struct str rest;
	uint32_t last = 0;

	if (t->status != SHELL_PARSED || t->has_error || i->heredoc_count)
		return false;
	for (uint32_t n = shell_child(t, 0); n; n = t->nodes[n].next)
		last = n;
	if (!last || (t->nodes[last].flags & SHELL_BACKGROUND) || ends_shell(t, last))
		return false;
	rest = str_trim(str_from(t->body.text, t->nodes[last].end));
	if (rest.len && !str_is(rest, ";"))
		return false;
	*ret_offset = shell_span(t, last).end;
	return true;
}

/* The blanks at the start of the line that holds the offset. */
static struct str indentation(struct str text, uint32_t line, uint32_t offset)
{
	uint32_t end = line;

	while (end < offset && (text.data[end] == ' ' || text.data[end] == '\t'))
		end++;
	return str_sub(text, line, end);
}

void edit_append(struct lint *l, struct finding *f, const struct instruction *i, uint32_t offset,
		 struct str command)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	struct str text = l->file->text;
	uint32_t line = offset;

	while (line > i->span.start && text.data[line - 1] != '\n')
		line--;
	if (line > i->span.start) {
		bool cr = line > 1 && text.data[line - 2] == '\r';

		buf_printf(&b, " %c%s\n", l->file->escape, cr ? "\r" : "");
		buf_add(&b, indentation(text, line, offset));
	} else {
		buf_add_char(&b, ' ');
	}
	buf_add_cstr(&b, "&& ");
	buf_add(&b, command);
	if (buf_failed(&b))
		lint_fail(l);
	else
		lint_edit(l, f, offset, offset, buf_str(&b));
}

void edit_remove_instruction(struct lint *l, struct finding *f, const struct instruction *i)
{
	struct str text = l->file->text;
	uint32_t start = i->span.start, end = i->span.end;

	while (start > 0 && text.data[start - 1] != '\n')
		start--;
	while (end < text.len && text.data[end] != '\n')
		end++;
	lint_edit(l, f, start, end < text.len ? end + 1 : end, STR(""));
}

void edit_remove_flag(struct lint *l, struct finding *f, const struct docker_flag *flag)
{
	struct str text = l->file->text;
	uint32_t end = flag->span.end;

	while (end < text.len && (text.data[end] == ' ' || text.data[end] == '\t'))
		end++;
	lint_edit(l, f, flag->span.start, end, STR(""));
}
