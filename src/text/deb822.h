/*
 * Paragraphs of "Field: value" (deb-822(5), Debian policy 5.1): dpkg status, Packages, Sources,
 * Release. Fed in chunks, so that a database of any size passes through bounded memory; each
 * paragraph is handed to a callback.
 *
 * What a reader of the real tools might take in another way is told to `odd` with its line, once a
 * place: nothing is dropped in silence.
 */
#ifndef PLIMSOLL_TEXT_DEB822_H
#define PLIMSOLL_TEXT_DEB822_H

#include "text/lines.h"

enum deb822_odd {
	DEB822_LINE_TOO_LONG,	    /* skipped */
	DEB822_PARAGRAPH_TOO_LARGE, /* what is over the limit is dropped */
	DEB822_TOO_MANY_FIELDS,	    /* the field is dropped */
	DEB822_NOT_A_FIELD,	    /* neither field nor continuation; dropped */
	DEB822_LOST_CONTINUATION,   /* a continuation without a field; dropped */
	DEB822_DUPLICATE_FIELD,	    /* both are kept; dpkg refuses it */
	DEB822_BLANK_LINE,	    /* blanks only: taken as the end of the paragraph */
};

struct deb822_field {
	struct str name;
	/*
	 * Without blanks at both ends. Further lines as they stand behind "\n", with their leading
	 * blank: read them with deb822_next_line or deb822_unfold.
	 */
	struct str value;
	uint64_t line;
	size_t name_at, value_at; /* private */
};

struct deb822_paragraph {
	const struct deb822_field *fields;
	size_t count;
	uint64_t line;	 /* of its first field */
	uint64_t offset; /* in bytes */
	bool incomplete; /* something of it was dropped and told */
};

struct deb822_options {
	/* Names of the fields that are kept, NULL-ended, in any case; NULL: all. */
	const char *const *wanted;
	bool comments;			/* lines that start with '#' are none */
	size_t line_max, paragraph_max; /* 0: 16 MiB and 32 MiB */
	struct budget *budget;
	/* MUST: every paragraph with at least one kept field or something dropped; <0 stops. */
	int (*paragraph)(void *context, const struct deb822_paragraph *p, struct err *e);
	/* MAY */
	void (*odd)(void *context, enum deb822_odd what, uint64_t line);
	void *context;
};

enum { DEB822_PARAGRAPH = 32 << 20, DEB822_FIELDS = 1024 };

struct deb822 {
	struct deb822_options options;
	struct lines lines;
	struct buf text;
	struct deb822_field *fields;
	size_t count;
	uint64_t line, offset;
	unsigned char current; /* what a continuation belongs to */
	bool open, incomplete, told_size;
};

int deb822_init(struct deb822 *d, const struct deb822_options *options, struct err *e);
void deb822_done(struct deb822 *d);
/* <0: ERR_MEMORY, or what the callback said. */
int deb822_chunk(struct deb822 *d, struct str chunk, struct err *e);
int deb822_end(struct deb822 *d, struct err *e);
/* All of the above for a text in memory. */
int deb822_parse(struct str text, const struct deb822_options *options, struct err *e);

/* "a line is longer than the limit", ... */
const char *deb822_odd_text(enum deb822_odd what);

/* The first field of this name in any case, or NULL. */
const struct deb822_field *deb822_find(const struct deb822_paragraph *p, const char *name);
/* Its value, {NULL, 0} when there is none. */
struct str deb822_value(const struct deb822_paragraph *p, const char *name);
/*
 * Takes the next line off a value: the first may be empty, further ones lose their leading blank,
 * and a line of one dot is an empty one. False behind the last.
 */
bool deb822_next_line(struct str *rest, struct str *ret_line);
/* A folded value on one line, blanks around line breaks become one. {NULL, 0} without memory. */
struct str deb822_unfold(struct str value, struct arena *a);

/*
 * The signed body of a clear-signed text (RFC 4880, 7), exactly: from behind the armor header to
 * before the line break that precedes the signature. 1 with the body; 0 and the whole text when it
 * is not clear-signed; ERR_FORMAT for text outside of the signed part (a reader that took it in
 * would read what nobody signed), a second message, or a line of the body that starts with a dash.
 * Verifies nothing.
 */
int deb822_skip_signature(struct str text, struct str *ret_body, struct err *e);

#endif
