/*
 * What the tokens of JSON mean; for text/json.c alone.
 */
#ifndef PLIMSOLL_TEXT_JSON_TOKEN_H
#define PLIMSOLL_TEXT_JSON_TOKEN_H

#include <endian.h>

#include "text/json.h"

#define EACH(byte) (0x0101010101010101u * (byte))

/* Eight bytes, the first in the lowest. */
static inline uint64_t json_load(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

/* The event of a number or literal, or -1 when the word is none. Not for an empty word. */
int json_word_event(struct str word);
/* Length of the well-formed UTF-8 at the start of s. */
size_t json_utf8_prefix(struct str s);
/*
 * raw without its escapes into out, which has room for raw.len bytes and may be raw itself. The
 * length, or -1 with the index of the backslash that begins no escape. *replaced is set for a lone
 * surrogate.
 */
ptrdiff_t json_unescape(struct str raw, char *out, bool *replaced, size_t *ret_bad);

#endif
