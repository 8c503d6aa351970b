/*
 * Any bytes as a shell body, with and without the short cut for plain scripts, and its commands by
 * schema.
 */
#include "dockerfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct shell_parser *parser;
	static const struct joint joint;
	struct joined body = {.text = str_make(data, size), .count = 1, .joints = &joint};
	struct arena arena = {0};

	if (!parser)
		parser = shell_parser_new();
	for (int thorough = 0; thorough < 2; thorough++) {
		struct shell_tree t;

		shell_parser_thorough(parser, thorough);
		if (shell_parse(parser, &body, &arena, &t, NULL) < 0)
			abort();
		check_shell_tree(&t);
		for (uint32_t i = 0; i < t.command_count; i++) {
			struct command_use use;
			struct shell_command inner;

			if (!command_use_parse(&arena, &t.commands[i], &use))
				continue;
			for (uint32_t n = 0; n < use.position_count; n++)
				must(use.positions[n].arg < t.commands[i].argc);
			for (uint32_t n = 0; n < use.flag_count; n++)
				must(use.flags[n].value_arg < t.commands[i].argc);
			if (command_inner(&use, &inner))
				must(inner.argc > 0 && inner.argc < t.commands[i].argc);
		}
	}
	arena_done(&arena);
	return 0;
}
