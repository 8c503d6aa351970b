/*
 * The one line on the terminal that says what is being read, drawn by the broker from the memory it
 * shares with the worker.
 */
#ifndef PLIMSOLL_SCAN_PROGRESS_LINE_H
#define PLIMSOLL_SCAN_PROGRESS_LINE_H

#include "base/buf.h"
#include "base/progress.h"

struct progress_line {
	const struct progress *progress;
	struct str what; /* the source as typed */
	int fd;		 /* -1: no terminal, nothing is ever drawn */
	double start;	 /* seconds, monotonic */
	bool drawn;
};

/* Draws only when fd is a terminal and `wanted`. */
void progress_line_init(struct progress_line *l, int fd, bool wanted, struct str what,
			const struct progress *progress);
/* For worker_options.tick: the context is the line. Nothing for the first 0.3 s. */
void progress_line_tick(void *line);
/* Takes it off the terminal: before anything else is written there, and at the end. */
void progress_line_clear(struct progress_line *l);

/* The text alone, at most `width` columns of printable characters. */
void progress_line_text(const struct progress *p, struct str what, double seconds, unsigned width,
			struct buf *out);

#endif
