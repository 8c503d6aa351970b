/*
 * struct buf: an owned, growing byte buffer with a maximum and a sticky failure. Writers need not
 * look at every call: after the first failure nothing more is appended and buf_failed() is true.
 */
#ifndef PLIMSOLL_BASE_BUF_H
#define PLIMSOLL_BASE_BUF_H

#include "base/mem.h"

struct buf {
	char *data;
	size_t len;
	size_t room;
	size_t max; /* 0: no limit */
	struct budget *budget;
	bool failed;
};

#define BUF_INIT ((struct buf){0})

void buf_init(struct buf *b, struct budget *budget, size_t max);
void buf_done(struct buf *b);
/* Empties, keeps the memory, clears the failure. */
void buf_clear(struct buf *b);
/* Room for `more` further bytes; a pointer to them or NULL. buf_used() takes them. */
char *buf_reserve(struct buf *b, size_t more);
void buf_used(struct buf *b, size_t count);

void buf_add(struct buf *b, struct str s);
void buf_add_char(struct buf *b, char c);
void buf_add_cstr(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As err_escape, without a limit: printable UTF-8, the rest as \xnn. */
void buf_add_escaped(struct buf *b, struct str s);
/* Little endian. */
void buf_add_u32(struct buf *b, uint32_t value);
void buf_add_u64(struct buf *b, uint64_t value);
/* LEB128, 1 to 10 bytes. */
void buf_add_varint(struct buf *b, uint64_t value);

static inline bool buf_failed(const struct buf *b)
{
	return b->failed;
}

static inline struct str buf_str(const struct buf *b)
{
	return str_make(b->data, b->len);
}

#endif
