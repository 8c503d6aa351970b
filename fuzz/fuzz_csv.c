/*
 * CSV: all at once and in chunks must give the same rows and the same error; rows that are quoted
 * and written again must read as the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "text/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_quoted(struct buf *out, const struct csv *c)
{
	for (size_t i = 0; i < c->count; i++) {
		buf_add_cstr(out, i ? ",\"" : "\"");
		for (size_t k = 0; k < c->fields[i].len; k++) {
			if (c->fields[i].data[k] == '"')
				buf_add_char(out, '"');
			buf_add_char(out, c->fields[i].data[k]);
		}
		buf_add_char(out, '"');
	}
	buf_add_char(out, '\n');
}

static void read_all(struct str text, size_t step, size_t max, struct buf *out, struct err *e)
{
	static struct csv c;
	int r = 0;

	csv_init(&c, max, NULL);
	while (r == 0 && !c.ended) {
		struct str part = str_to(text, step);
		char *copy = malloc(part.len ? part.len : 1);

		if (!copy)
			abort();
		if (part.len) {
			memcpy(copy, part.data, part.len);
			csv_feed(&c, str_make(copy, part.len));
		} else {
			csv_feed_end(&c);
		}
		text = str_from(text, part.len);
		while ((r = csv_next(&c, e)) > 0)
			add_quoted(out, &c);
		free(copy);
	}
	csv_done(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = size ? str_make(data + 1, size - 1) : STR("");
	struct err whole_e = ERR_INIT, parts_e = ERR_INIT, again_e = ERR_INIT;
	struct buf whole = BUF_INIT, parts = BUF_INIT, again = BUF_INIT;
	size_t step = size && data[0] & 15 ? data[0] & 15 : 100;
	size_t max = size && data[0] & 16 ? 20 : 0;

	read_all(text, SIZE_MAX, max, &whole, &whole_e);
	read_all(text, step, max, &parts, &parts_e);
	if (!str_eq(buf_str(&whole), buf_str(&parts)) || whole_e.code != parts_e.code ||
	    strcmp(whole_e.message, parts_e.message) != 0)
		abort();
	read_all(buf_str(&whole), SIZE_MAX, 0, &again, &again_e);
	if (again_e.code || !str_eq(buf_str(&whole), buf_str(&again)))
		abort();
	buf_done(&whole);
	buf_done(&parts);
	buf_done(&again);
	return 0;
}
