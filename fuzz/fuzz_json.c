/*
 * JSON: the first byte chooses the chunks and options. All of it at once and in chunks must give
 * the same events and the same error; what was read is written again and must read as the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "text/json.h"
#include "text/json_write.h"
#include "text/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct feed {
	struct str rest;
	size_t step;
	char *copy; /* of exact size, so that a sanitizer sees a read past its end */
};

static int next_chunk(void *context, struct str *ret_chunk, struct err *e)
{
	struct feed *f = context;
	struct str part = str_to(f->rest, f->step);

	(void)e;
	free(f->copy);
	f->copy = NULL;
	if (f->rest.len == 0)
		return 0;
	f->copy = malloc(part.len);
	if (!f->copy)
		abort();
	memcpy(f->copy, part.data, part.len);
	f->rest = str_from(f->rest, part.len);
	*ret_chunk = str_make(f->copy, part.len);
	return 1;
}

static void write_event(struct json_writer *w, const struct json *j)
{
	switch (j->event) {
	case JSON_OBJECT:
		json_write_object(w);
		break;
	case JSON_ARRAY:
		json_write_array(w);
		break;
	case JSON_OBJECT_END:
	case JSON_ARRAY_END:
		json_write_end(w);
		break;
	case JSON_KEY:
		json_write_key(w, j->text);
		break;
	case JSON_STRING:
		json_write_string(w, j->text);
		break;
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		json_write_raw(w, j->text);
		break;
	case JSON_END:
	case JSON_MORE:
		break;
	}
}

static void compare(struct json *a, struct json *b, struct json_writer *w)
{
	struct err ea = ERR_INIT, eb = ERR_INIT;
	int ra, rb;

	do {
		ra = json_next(a, &ea);
		rb = json_next(b, &eb);
		if (ra != rb || ea.code != eb.code || strcmp(ea.message, eb.message) != 0)
			abort();
		if (ra < 0)
			break;
		if (!str_eq(a->text, b->text) || a->offset != b->offset || a->line != b->line ||
		    a->column != b->column || a->duplicate != b->duplicate ||
		    a->replaced != b->replaced || a->depth != b->depth ||
		    json_position(a) != json_position(b))
			abort();
		if (!str_is_utf8(a->text))
			abort();
		write_event(w, a);
	} while (ra != JSON_END);
	/* an error or the end stays */
	if (json_next(a, &ea) != ra)
		abort();
}

static void read_back(struct str written, struct str whole, const struct json_options *options)
{
	struct json_options plain = *options;
	struct err e = ERR_INIT;
	struct json a, b;
	int ra, rb;

	/* escapes may be longer than what they stand for, invalid bytes became valid */
	plain.token_max = 0;
	json_init_slice(&a, whole, options);
	json_init_slice(&b, written, &plain);
	do {
		ra = json_next(&a, &e);
		rb = json_next(&b, &e);
		if (ra != rb || !str_eq(a.text, b.text) || a.duplicate != b.duplicate)
			abort();
	} while (ra > 0);
	json_done(&a);
	json_done(&b);
}

static void build_tree(struct str text)
{
	struct err e = ERR_INIT;
	struct arena arena;
	struct tree t;

	arena_init(&arena, NULL, 8 << 20);
	if (tree_parse_json(text, &arena, 0, &t, &e) == 0) {
		size_t nodes = 0;

		for (const struct tree_node *n = tree_first(t.root); n; n = n->next)
			nodes += n->size;
		if (nodes + 1 != t.root->size)
			abort();
	}
	arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_options options = {0};
	struct str text = size ? str_make(data + 1, size - 1) : STR("");
	struct buf out = BUF_INIT;
	struct json_writer w;
	struct json a, b;
	struct feed feed = {.rest = text, .step = size && data[0] & 15 ? data[0] & 15 : 100};

	options.replace_invalid = size && data[0] & 16;
	if (size && data[0] & 32)
		options = (struct json_options){.depth_max = 4, .token_max = 16, .keys_max = 30};
	json_init_slice(&a, text, &options);
	json_init_pull(&b, next_chunk, &feed, &options);
	json_writer_init(&w, &out, size && data[0] & 64 ? 2 : 0);
	compare(&a, &b, &w);
	if (a.event == JSON_END && json_writer_end(&w, NULL) == 0)
		read_back(buf_str(&out), text, &options);
	else if (json_next(&a, NULL) == JSON_END)
		abort();
	json_done(&a);
	json_done(&b);
	free(feed.copy);
	buf_done(&out);
	build_tree(text);
	return 0;
}
