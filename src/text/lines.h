/*
 * Lines out of chunks: fed, bounded, linear. A line that lies in one chunk is a slice of it; one
 * that is cut is gathered. A line over the limit is skipped to its end and told, never gathered
 * beyond the limit: a gigabyte without a line break costs no more memory than the limit.
 *
 *	lines_feed(&l, chunk);			(or lines_feed_end once, after the last chunk)
 *	while ((r = lines_next(&l, &line, e)) > 0)
 *		if (r == LINES_TOO_LONG)
 *			tell(l.line);
 *		else
 *			use(line);
 */
#ifndef PLIMSOLL_TEXT_LINES_H
#define PLIMSOLL_TEXT_LINES_H

#include "base/buf.h"

enum {
	LINES_MORE = 0,	    /* all that was fed is read; after lines_feed_end: the end */
	LINES_LINE = 1,	    /* a line, without its LF or CR LF */
	LINES_TOO_LONG = 2, /* a line over the limit was skipped; no text */
};

enum { LINE_MAX_BYTES = 16 << 20 };

struct lines {
	/* of the last line: to read */
	uint64_t line;	 /* 1-based */
	uint64_t offset; /* of its first byte */

	/* private */
	struct str rest; /* of the chunk */
	struct buf carry;
	size_t max;
	uint64_t next; /* offset of the next line */
	bool begun;    /* bytes of the line were seen in an earlier chunk */
	bool too_long;
	bool ended;
};

/* max: bytes of a line without its end, 0: LINE_MAX_BYTES. */
void lines_init(struct lines *l, size_t max, struct budget *budget);
void lines_done(struct lines *l);
/* The chunk must stay valid until LINES_MORE. */
void lines_feed(struct lines *l, struct str chunk);
void lines_feed_end(struct lines *l);
/* LINES_*, or <0 with ERR_MEMORY. The line is valid until the next call. */
int lines_next(struct lines *l, struct str *ret_line, struct err *e);

#endif
