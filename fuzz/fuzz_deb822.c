/*
 * deb822, and the lines below it: all at once and in chunks must give the same paragraphs and the
 * same oddities. The first byte chooses the chunks and options.
 */
#include <stdint.h>
#include <stdlib.h>

#include "text/deb822.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int add_paragraph(void *context, const struct deb822_paragraph *p, struct err *e)
{
	struct arena arena = {0};
	struct str line;

	(void)e;
	buf_printf(context, "<%d %d %d", (int)p->line, (int)p->offset, p->incomplete);
	for (size_t i = 0; i < p->count; i++) {
		struct str rest = p->fields[i].value;
		struct str flat = deb822_unfold(rest, &arena);

		if (!flat.data || flat.len > rest.len || str_find_char(flat, '\n') >= 0)
			abort();
		buf_printf(context, " %d:", (int)p->fields[i].line);
		buf_add(context, p->fields[i].name);
		while (deb822_next_line(&rest, &line)) {
			buf_add_char(context, '=');
			buf_add(context, line);
		}
	}
	arena_done(&arena);
	return 0;
}

static void add_odd(void *context, enum deb822_odd what, uint64_t line)
{
	buf_printf(context, "(%s %d)", deb822_odd_text(what), (int)line);
}

static void read_all(struct str text, size_t step, struct deb822_options *options, struct buf *out)
{
	struct err e = ERR_INIT;
	struct deb822 d;

	options->context = out;
	if (deb822_init(&d, options, &e) < 0)
		abort();
	while (text.len) {
		struct str part = str_to(text, step);
		char *copy = malloc(part.len);

		if (!copy)
			abort();
		memcpy(copy, part.data, part.len);
		if (deb822_chunk(&d, str_make(copy, part.len), &e) < 0)
			abort();
		free(copy);
		text = str_from(text, part.len);
	}
	if (deb822_end(&d, &e) < 0)
		abort();
	deb822_done(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const wanted[] = {"a", "Package", "Version", NULL};
	struct deb822_options options = {.paragraph = add_paragraph, .odd = add_odd};
	struct str text = size ? str_make(data + 1, size - 1) : STR(""), body;
	struct buf whole = BUF_INIT, parts = BUF_INIT;
	size_t step = size && data[0] & 15 ? data[0] & 15 : 100;
	struct err e = ERR_INIT;

	options.comments = size && data[0] & 16;
	options.wanted = size && data[0] & 32 ? wanted : NULL;
	if (size && data[0] & 64) {
		options.line_max = 20;
		options.paragraph_max = 50;
	}
	read_all(text, SIZE_MAX, &options, &whole);
	read_all(text, step, &options, &parts);
	if (!str_eq(buf_str(&whole), buf_str(&parts)))
		abort();
	if (deb822_skip_signature(text, &body, &e) >= 0 && body.len &&
	    (body.data < text.data || body.data + body.len > text.data + text.len))
		abort();
	buf_done(&whole);
	buf_done(&parts);
	return 0;
}
