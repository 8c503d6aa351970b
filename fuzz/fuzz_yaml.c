/*
 * YAML: all documents of a stream, small limits where the first byte says so. Sizes and depths of
 * the trees must be what the limits promise, places must lie in the text.
 */
#include <stdint.h>
#include <stdlib.h>

#include "text/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct tree_node *n, size_t text_len, const struct yaml_options *options)
{
	size_t nodes = 1, height = 0, count = 0;

	if (n->size == 0 || n->offset > text_len || n->line == 0 || n->column == 0)
		abort();
	if (n->size > options->nodes_max || n->height > options->depth_max)
		abort();
	for (const struct tree_node *c = tree_first(n); c; c = c->next) {
		nodes += c->size;
		count++;
		if (c->height >= height)
			height = c->height + 1;
		if ((n->type == TREE_OBJECT) != (c->key.data != NULL))
			abort();
	}
	if (nodes != n->size || count != n->count || height != n->height)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct yaml_options options = {.depth_max = 64, .nodes_max = 10000};
	struct str text = size ? str_make(data + 1, size - 1) : STR("");
	struct yaml_reader *y;
	struct err e = ERR_INIT;
	struct arena arena;
	struct tree t;

	if (size && data[0] & 1)
		options = (struct yaml_options){.depth_max = 3, .nodes_max = 20};
	arena_init(&arena, NULL, 16 << 20);
	y = yaml_reader_new(text, &options, &e);
	if (!y)
		abort();
	while (yaml_reader_next(y, &arena, &t, &e) > 0) {
		check(t.root, text.len, &options);
		for (const struct tree_node *c = tree_first(t.root); c; c = c->next)
			check(c, text.len, &options);
		arena_done(&arena);
	}
	yaml_reader_free(y);
	arena_done(&arena);
	return 0;
}
