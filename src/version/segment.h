/*
 * What the comparators share: a look at the next byte, runs of digits as numbers of any size, and
 * the refusal of what no package database can hold as a version. ASCII only, never the locale.
 */
#ifndef PLIMSOLL_VERSION_SEGMENT_H
#define PLIMSOLL_VERSION_SEGMENT_H

#include "base/err.h"

/* 0 at the end: segment_check_text has refused NUL bytes before. */
static inline char segment_peek(struct str s)
{
	return s.len ? s.data[0] : '\0';
}

static inline bool segment_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool segment_is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool segment_is_alpha(char c)
{
	return segment_is_lower(c) || (c >= 'A' && c <= 'Z');
}

static inline bool segment_is_alnum(char c)
{
	return segment_is_digit(c) || segment_is_alpha(c);
}

static inline struct str segment_take(struct str *s, bool (*is)(char))
{
	size_t n = 0;
	struct str run;

	while (n < s->len && is(s->data[n]))
		n++;
	run = str_to(*s, n);
	*s = str_from(*s, n);
	return run;
}

static inline int segment_sign(long value)
{
	return (value > 0) - (value < 0);
}

/* -1, 0 or 1: two runs of digits as numbers of any size; an empty run is 0. */
int segment_compare_numbers(struct str a, struct str b);
/* ERR_FORMAT for an empty version and for one with blanks or control bytes. */
int segment_check_text(struct str version, struct err *e);
/* All bytes are letters, digits or in `others`. */
bool segment_only(struct str s, const char *others);

#endif
