/*
 * XML out (1.0), into a buffer: elements, attributes, text. Names are the program's own constants;
 * values may be anything: what XML cannot hold (control characters, bytes that are not UTF-8)
 * becomes \xnn. Failure is sticky, xml_writer_end tells.
 */
#ifndef PLIMSOLL_TEXT_XML_WRITE_H
#define PLIMSOLL_TEXT_XML_WRITE_H

#include "base/buf.h"

enum { XML_DEPTH = 64 };

struct xml_writer {
	size_t depth; /* open elements */

	/* private */
	struct buf *out;
	unsigned indent;
	bool in_tag; /* the start tag is not closed yet */
	bool text;   /* the innermost element holds text: no blanks may be added */
	bool broken; /* called out of order */
	const char *names[XML_DEPTH];
};

/* Writes the declaration. indent: blanks a level, 0: everything on one line. */
void xml_writer_init(struct xml_writer *w, struct buf *out, unsigned indent);
/* ERR_MEMORY, or ERR_INTERNAL when the calls made no document. */
int xml_writer_end(struct xml_writer *w, struct err *e);

/* The name is borrowed until the end of the element. */
void xml_begin(struct xml_writer *w, const char *name);
/* Directly behind xml_begin. */
void xml_attribute(struct xml_writer *w, const char *name, struct str value);
void xml_attribute_cstr(struct xml_writer *w, const char *name, const char *value);
void xml_attribute_u64(struct xml_writer *w, const char *name, uint64_t value);
void xml_text(struct xml_writer *w, struct str text);
/* Ends the innermost element. */
void xml_end(struct xml_writer *w);

#endif
