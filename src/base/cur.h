/*
 * struct cur: a checked cursor over binary data. A read past the end gives 0 and sets `bad`, which
 * stays set; so a parser reads a whole header and looks once. Nothing indexes hostile bytes
 * directly.
 */
#ifndef PLIMSOLL_BASE_CUR_H
#define PLIMSOLL_BASE_CUR_H

#include "base/str.h"

struct cur {
	const uint8_t *data;
	size_t len;
	size_t at;
	bool bad;
};

static inline struct cur cur_of(struct str s)
{
	return (struct cur){.data = (const uint8_t *)s.data, .len = s.len};
}

static inline size_t cur_left(const struct cur *c)
{
	return c->len - c->at;
}

/* Takes n bytes; an empty slice and `bad` when they are not there. */
static inline struct str cur_take(struct cur *c, size_t n)
{
	struct str s;

	if (c->bad || n > c->len - c->at) {
		c->bad = true;
		return STR_NULL;
	}
	s = str_make(c->data + c->at, n);
	c->at += n;
	return s;
}

static inline void cur_skip(struct cur *c, size_t n)
{
	(void)cur_take(c, n);
}

/* An absolute position; beyond the end is `bad`. */
static inline void cur_seek(struct cur *c, size_t at)
{
	if (at > c->len)
		c->bad = true;
	else
		c->at = at;
}

static inline uint64_t cur_uint(struct cur *c, size_t n, bool big)
{
	struct str s = cur_take(c, n);
	uint64_t value = 0;

	for (size_t i = 0; i < s.len; i++)
		value = value << 8 | (uint8_t)s.data[big ? i : s.len - 1 - i];
	return value;
}

static inline uint8_t cur_u8(struct cur *c)
{
	return (uint8_t)cur_uint(c, 1, true);
}
static inline uint16_t cur_le16(struct cur *c)
{
	return (uint16_t)cur_uint(c, 2, false);
}
static inline uint32_t cur_le32(struct cur *c)
{
	return (uint32_t)cur_uint(c, 4, false);
}
static inline uint64_t cur_le64(struct cur *c)
{
	return cur_uint(c, 8, false);
}
static inline uint16_t cur_be16(struct cur *c)
{
	return (uint16_t)cur_uint(c, 2, true);
}
static inline uint32_t cur_be32(struct cur *c)
{
	return (uint32_t)cur_uint(c, 4, true);
}
static inline uint64_t cur_be64(struct cur *c)
{
	return cur_uint(c, 8, true);
}

/* LEB128 of at most 64 bits; longer or cut short is `bad`. */
static inline uint64_t cur_varint(struct cur *c)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = cur_u8(c);

		if (shift == 63 && byte > 1)
			break;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	c->bad = true;
	return 0;
}

#endif
