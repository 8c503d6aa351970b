/*
 * CSV out of chunks (RFC 4180): rows of fields, quoted ones with commas, quotes and line breaks
 * in them. Rows end in LF or CR LF; empty lines are skipped; a byte order mark is skipped; a quote
 * that does not open a field is an ordinary character.
 *
 *	csv_feed(&c, chunk);			(or csv_feed_end once, after the last chunk)
 *	while ((r = csv_next(&c, e)) > 0)
 *		use(c.fields[0], csv_field(&c, 7));
 */
#ifndef PLIMSOLL_TEXT_CSV_H
#define PLIMSOLL_TEXT_CSV_H

#include "base/buf.h"

enum { CSV_FIELDS = 256, CSV_ROW = 16 << 20 };

struct csv {
	/* the last row: to read until the next call */
	struct str fields[CSV_FIELDS];
	size_t count;
	uint64_t line; /* where it starts, 1-based */

	/* private */
	struct str rest; /* of the chunk */
	struct buf text; /* fields without their quotes, one behind the other */
	size_t ends[CSV_FIELDS];
	size_t row_max;
	uint64_t lines; /* line breaks so far */
	unsigned char state, bom;
	bool ended;
	struct err error;
};

/* row_max: bytes of a row, 0: 16 MiB. */
void csv_init(struct csv *c, size_t row_max, struct budget *budget);
void csv_done(struct csv *c);
/* The chunk must stay valid until csv_next returns 0. */
void csv_feed(struct csv *c, struct str chunk);
void csv_feed_end(struct csv *c);
/*
 * 1 with a row; 0 when all that was fed is read (after csv_feed_end: the end). Errors stay:
 * ERR_FORMAT with the line for text behind a closing quote, ERR_TRUNCATED for a quote without its
 * end, ERR_LIMIT for more fields or bytes than the limits, ERR_MEMORY.
 */
int csv_next(struct csv *c, struct err *e);

/* {NULL, 0} beyond the last field. */
struct str csv_field(const struct csv *c, ptrdiff_t index);
/* The index of the field with this text in the last row (a head line), or -1. */
ptrdiff_t csv_column(const struct csv *c, const char *name);

#endif
