#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

void buf_init(struct buf *b, struct budget *budget, size_t max)
{
	*b = (struct buf){.budget = budget, .max = max};
}

void buf_done(struct buf *b)
{
	mem_free(b->data);
	budget_release(b->budget, b->room);
	buf_init(b, b->budget, b->max);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->failed = false;
}

static int grow(struct buf *b, size_t need)
{
	size_t room = b->room ? b->room : 256;
	char *data;

	if (b->max && need > b->max)
		return -1;
	while (room < need)
		if (__builtin_mul_overflow(room, 2, &room))
			return -1;
	if (b->max && room > b->max)
		room = b->max;
	if (budget_charge(b->budget, room - b->room) < 0)
		return -1;
	data = mem_grow(b->data, room, 1);
	if (!data) {
		budget_release(b->budget, room - b->room);
		return -1;
	}
	b->data = data;
	b->room = room;
	return 0;
}

char *buf_reserve(struct buf *b, size_t more)
{
	size_t need;

	if (b->failed || __builtin_add_overflow(b->len, more, &need) ||
	    ((need > b->room || !b->data) && grow(b, need) < 0)) {
		b->failed = true;
		return NULL;
	}
	return b->data + b->len;
}

void buf_used(struct buf *b, size_t count)
{
	b->len += count;
}

void buf_add(struct buf *b, struct str s)
{
	char *p = s.len ? buf_reserve(b, s.len) : NULL;

	if (!p)
		return;
	memcpy(p, s.data, s.len);
	b->len += s.len;
}

void buf_add_char(struct buf *b, char c)
{
	buf_add(b, str_make(&c, 1));
}

void buf_add_cstr(struct buf *b, const char *s)
{
	buf_add(b, str_of(s));
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;
	char *p;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	p = n < 0 ? NULL : buf_reserve(b, (size_t)n + 1);
	if (!p)
		return;
	va_start(args, format);
	vsnprintf(p, (size_t)n + 1, format, args);
	va_end(args);
	b->len += (size_t)n;
}

void buf_add_escaped(struct buf *b, struct str s)
{
	size_t i = 0;

	while (i < s.len) {
		size_t n = str_utf8_len(str_from(s, i));

		if (n == 0)
			n = 1;
		if (n == 1 && s.data[i] >= 0x20 && s.data[i] < 0x7f) {
			buf_add_char(b, s.data[i]);
		} else {
			char wide[24];

			buf_add_cstr(b, err_escape(wide, sizeof(wide), str_sub(s, i, i + n)));
		}
		i += n;
	}
}

void buf_add_u32(struct buf *b, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		buf_add_char(b, (char)(value >> (8 * i)));
}

void buf_add_u64(struct buf *b, uint64_t value)
{
	buf_add_u32(b, (uint32_t)value);
	buf_add_u32(b, (uint32_t)(value >> 32));
}

void buf_add_varint(struct buf *b, uint64_t value)
{
	while (value >= 0x80) {
		buf_add_char(b, (char)(value | 0x80));
		value >>= 7;
	}
	buf_add_char(b, (char)value);
}
