#include "text/xml_write.h"

#include <inttypes.h>

void xml_writer_init(struct xml_writer *w, struct buf *out, unsigned indent)
{
	*w = (struct xml_writer){.out = out, .indent = indent};
	buf_add_cstr(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
}

int xml_writer_end(struct xml_writer *w, struct err *e)
{
	buf_add_char(w->out, '\n');
	if (buf_failed(w->out))
		return err_set(e, ERR_MEMORY, "not enough memory for the output");
	if (w->broken || w->depth)
		return err_set(e, ERR_INTERNAL, "XML output is not well-formed");
	return 0;
}

static void new_line(struct xml_writer *w)
{
	if (w->indent && !w->text)
		buf_printf(w->out, "\n%*s", (int)(w->depth * w->indent), "");
}

static void close_tag(struct xml_writer *w)
{
	if (w->in_tag)
		buf_add_char(w->out, '>');
	w->in_tag = false;
}

void xml_begin(struct xml_writer *w, const char *name)
{
	w->broken = w->broken || w->depth == XML_DEPTH;
	if (w->broken)
		return;
	close_tag(w);
	new_line(w);
	w->names[w->depth++] = name;
	buf_add_char(w->out, '<');
	buf_add_cstr(w->out, name);
	w->in_tag = true;
	w->text = false;
}

void xml_end(struct xml_writer *w)
{
	w->broken = w->broken || w->depth == 0;
	if (w->broken)
		return;
	w->depth--;
	if (w->in_tag) {
		buf_add_cstr(w->out, "/>");
	} else {
		new_line(w);
		buf_add_cstr(w->out, "</");
		buf_add_cstr(w->out, w->names[w->depth]);
		buf_add_char(w->out, '>');
	}
	w->in_tag = w->text = false;
}

static const char *entity(unsigned char c, bool attribute)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return attribute ? "&quot;" : NULL;
	case '\t':
		return attribute ? "&#9;" : NULL;
	case '\n':
		return attribute ? "&#10;" : NULL;
	case '\r': /* a reader makes a bare one a line break */
		return "&#13;";
	default:
		return NULL;
	}
}

/* Char of XML 1.0, section 2.2; s is one well-formed UTF-8 sequence. */
static bool is_char(struct str s)
{
	unsigned char c = (unsigned char)s.data[0];

	if (s.len == 1)
		return c >= 0x20 || c == '\t' || c == '\n' || c == '\r';
	return !(s.len == 3 && memcmp(s.data, "\xef\xbf", 2) == 0 &&
		 (unsigned char)s.data[2] >= 0xbe);
}

static void add_escaped(struct buf *b, struct str s, bool attribute)
{
	while (s.len) {
		size_t n = str_utf8_len(s);
		const char *special = n == 1 ? entity((unsigned char)s.data[0], attribute) : NULL;

		if (special)
			buf_add_cstr(b, special);
		else if (n && is_char(str_to(s, n)))
			buf_add(b, str_to(s, n));
		else
			for (size_t i = 0; i < (n ? n : 1); i++)
				buf_printf(b, "\\x%02x", (unsigned char)s.data[i]);
		s = str_from(s, n ? n : 1);
	}
}

void xml_attribute(struct xml_writer *w, const char *name, struct str value)
{
	w->broken = w->broken || !w->in_tag;
	if (w->broken)
		return;
	buf_add_char(w->out, ' ');
	buf_add_cstr(w->out, name);
	buf_add_cstr(w->out, "=\"");
	add_escaped(w->out, value, true);
	buf_add_char(w->out, '"');
}

void xml_attribute_cstr(struct xml_writer *w, const char *name, const char *value)
{
	xml_attribute(w, name, str_of(value));
}

void xml_attribute_u64(struct xml_writer *w, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	xml_attribute(w, name, str_of(text));
}

void xml_text(struct xml_writer *w, struct str text)
{
	w->broken = w->broken || w->depth == 0;
	if (w->broken)
		return;
	close_tag(w);
	w->text = true;
	add_escaped(w->out, text, false);
}
