/*
 * Any bytes as a Dockerfile: tree, graph, shell bodies with their way back to the file.
 */
#include "dockerfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dockerfile d;
	static bool made;
	static struct shell_parser *parser;
	struct arena arena = {0};
	struct graph graph;

	if (!made) {
		dockerfile_init(&d, NULL);
		parser = shell_parser_new();
	}
	made = true;
	if (dockerfile_parse(&d, str_make(data, size), NULL) < 0)
		abort();
	check_dockerfile(&d);
	for (uint32_t at = 0; at <= d.text.len; at += 97)
		must(dockerfile_position(&d, at).line > 0);
	if (graph_build(&graph, &d, NULL, &arena, NULL) < 0)
		abort();
	for (size_t n = 0; n < d.instructions.count; n++) {
		const struct instruction *i = d.instructions.items[n];
		struct str interpreter;
		struct shell_tree t;
		struct joined body;

		while (i->trigger)
			i = i->trigger;
		if (shell_body(&d, i, &arena, &body, &interpreter, NULL) < 0)
			abort();
		if (!body.text.data)
			continue;
		for (size_t at = 0; at < body.text.len; at++)
			must(joined_offset(&body, at) < d.text.len || body.text.data[at] == '\n');
		if (shell_parse(parser, &body, &arena, &t, NULL) < 0)
			abort();
		check_shell_tree(&t);
	}
	arena_done(&arena);
	return 0;
}
