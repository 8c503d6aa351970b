/*
 * The reader of `git log -p` and the comparison of what it hands over: the input is a log; of each
 * change both versions become trees, whose differences must be rules.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "dockerfile/git_log.h"
#include "dockerfile/history.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct symbols symbols;
static struct history history;

/* A line is a command, its words are what is below it. */
static void make_tree(struct forest *f, struct str text)
{
	struct str line, word;
	struct span none = {0, 0};
	struct err e = ERR_INIT;

	forest_open(f, symbols_add(&symbols, STR("BASH-SCRIPT")), 0, none);
	while (str_next_line(&text, &line)) {
		bool first = true;

		while (str_next(&line, ' ', &word)) {
			char name[64];
			int n = snprintf(name, sizeof(name), "SC-%.*s",
					 (int)(word.len > 40 ? 40 : word.len), word.data);

			forest_open(f, symbols_add(&symbols, str_make(name, (size_t)n)), 0, none);
			if (!first)
				forest_close(f);
			first = false;
		}
		if (!first)
			forest_close(f);
	}
	forest_close(f);
	if (forest_end_tree(f, STR("x"), &e) < 0)
		abort();
}

static int take(void *context, const struct git_change *c, struct err *e)
{
	struct forest f;

	(void)context;
	forest_init(&f, &symbols);
	if (c->is_new && c->before.len)
		abort();
	if (history_needs_head(&history, c->path, e) > 0) {
		make_tree(&history.heads, c->after);
		if (history_head_added(&history, e) < 0)
			abort();
	}
	make_tree(&f, c->before);
	make_tree(&f, c->after);
	if (history_add(&history, &f, c->commit, c->path, e) < 0)
		abort();
	forest_done(&f);
	return 0;
}

static void gap(void *context, const char *what)
{
	(void)context;
	if (!*what)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct git_log_sink sink = {NULL, take, gap};
	const struct history_options options = {.support_min = 1, .confidence_min = 1};
	struct associations list;
	struct err e = ERR_INIT;
	struct stream *s = stream_open_memory(str_make(data, size), &e);

	symbols_init(&symbols);
	associations_init(&list, &symbols);
	history_init(&history, &list);
	if (!s || git_log_read(s, STR("log"), &sink, NULL, &e) < 0)
		abort();
	if (history_finish(&history, &options, &e) < 0)
		abort();
	for (size_t i = 0; i < list.rules.count; i++) {
		if (list.rules.items[i]->history.made <= list.rules.items[i]->history.undone)
			abort();
	}
	history_done(&history);
	associations_done(&list);
	symbols_done(&symbols);
	return 0;
}
