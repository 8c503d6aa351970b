/* A whole source as it comes on standard input: form, manifest, layers, second pass from memory. */
#include "image/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int begin(void *context, size_t task, struct err *e)
{
	(void)context;
	(void)task;
	(void)e;
	return 0;
}

/* Every other body is read, in one of three ways. */
static int visit(void *context, size_t task, const struct entry *entry, struct body *body,
		 struct err *e)
{
	struct arena *a = context;
	struct str chunk;
	char byte;
	int r = 0;

	(void)task;
	if (entry->path.len == 0 || entry->path.data[0] == '/')
		__builtin_trap();
	switch (entry->mtime & 3) {
	case 0:
		return 0;
	case 1:
		return body_read(body, a, 1 << 20, &chunk, e) < 0 && e->code != ERR_LIMIT ? -1 : 0;
	case 2:
		if (body_is_random(body))
			return body_read_at(body, 3, &byte, 1, e) < 0 ? -1 : 0;
	}
	while ((r = body_next(body, &chunk, e)) > 0)
		;
	return r;
}

static void end(void *context, size_t task, bool complete)
{
	(void)context;
	(void)task;
	(void)complete;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str again[] = {STR_INIT("a"), STR_INIT("etc/motd")};
	struct image_limits limits = image_limits_default;
	struct budget budget = {.bytes_max = 256 << 20};
	struct diags diags;
	struct arena arena;
	struct layer_visitor visitor = {&arena, begin, visit, end};
	struct image_request request = {.reference = STR("x"),
					.verify = size & 1,
					.threads = 1,
					.limits = &limits,
					.budget = &budget,
					.diags = &diags};
	struct err e = ERR_INIT;
	struct walk *w;

	limits.ratio_grace = 1 << 20;
	limits.entries_layer_max = 2000;
	if (crypto_init(&e) < 0)
		return 0;
	diags_init(&diags, NULL);
	arena_init(&arena, NULL, 0);
	w = walk_new(&request, &visitor);
	w->once = true;
	w->source = source_of_kind(IMAGE_ARCHIVE);
	if (walk_passing(w, stream_open_memory(str_make(data, size), &e), &e) == 0)
		for (size_t i = 0; i < w->image.layer_count && i < 4; i++)
			(void)image_walk_again(&w->image, (int)i, again, 2, &visitor, &e);
	image_close(&w->image);
	arena_done(&arena);
	diags_done(&diags);
	if (budget.bytes)
		__builtin_trap();
	return 0;
}
