/*
 * struct str: a borrowed slice of bytes. It owns nothing and is passed by value. The bytes may be
 * anything, NUL and invalid UTF-8 included; nothing here stops at a NUL.
 */
#ifndef PLIMSOLL_BASE_STR_H
#define PLIMSOLL_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *data; /* may be NULL when len is 0 */
	size_t len;
};

/* A slice of a string literal, in expressions and in static tables. */
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
#define STR_INIT(literal) \
	{ \
		(literal), sizeof(literal) - 1 \
	}
#define STR_NULL ((struct str){NULL, 0})

/* For printf: "%.*s", STR_ARG(s). Only for text that needs no escaping. */
#define STR_ARG(s) ((int)((s).len > 4096 ? 4096 : (s).len)), ((s).data ? (s).data : "")

static inline struct str str_of(const char *cstring)
{
	return (struct str){cstring, cstring ? strlen(cstring) : 0};
}

static inline struct str str_make(const void *data, size_t len)
{
	return (struct str){data, len};
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool str_is(struct str a, const char *cstring)
{
	return str_eq(a, str_of(cstring));
}

/* Byte order as memcmp, the shorter first on a tie: <0, 0, >0. */
int str_cmp(struct str a, struct str b);
/* str_cmp for qsort over an array of struct str. */
int str_cmp_qsort(const void *a, const void *b);
/* Equal without regard to ASCII case. */
bool str_eq_nocase(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Drops the prefix when it is there and says whether it was. */
bool str_skip(struct str *s, struct str prefix);
/* Index of the first (last) such byte, or -1. */
ptrdiff_t str_find_char(struct str s, char c);
ptrdiff_t str_find_last_char(struct str s, char c);
/* Index of the first occurrence of needle, or -1; linear time. */
ptrdiff_t str_find(struct str s, struct str needle);

/* Parts; positions beyond the end are cut to it. */
struct str str_from(struct str s, size_t start);
struct str str_to(struct str s, size_t end);
struct str str_sub(struct str s, size_t start, size_t end);

/* Without blanks, tabs, CR and LF at both ends. */
struct str str_trim(struct str s);

/*
 * Takes the part before the next `sep` (or all) off *rest. False when *rest is exhausted;
 * rest->data becomes NULL then. An empty *rest with data != NULL gives one empty part.
 */
bool str_next(struct str *rest, char sep, struct str *ret_part);
/* As str_next for lines; a CR before the LF is not part of the line, and a final LF opens no line.
 */
bool str_next_line(struct str *rest, struct str *ret_line);

/* Decimal without sign, blanks or overflow; the whole slice must be the number. */
bool str_parse_u64(struct str s, uint64_t *ret_value);
/* Hexadecimal, lower or upper case, exactly 2*size digits into `ret_bytes`. */
bool str_parse_hex(struct str s, uint8_t *ret_bytes, size_t size);

/* FNV-1a mixed once more; for tables of trusted or bounded size, see base/map.h for seeds. */
uint64_t str_hash(struct str s, uint64_t seed);

/* True when all bytes are well-formed UTF-8 (no surrogates, nothing over U+10FFFF). */
bool str_is_utf8(struct str s);
/* Length in bytes (1 to 4) of the well-formed UTF-8 sequence at the start of s, or 0. */
size_t str_utf8_len(struct str s);

/* Glob over paths: '*' and '?' do not match '/', a component that is exactly two stars matches any
 * number of components. */
bool str_glob(const char *pattern, struct str path);

#endif
