/*
 * RUN in JSON form: one command, its words as they are.
 */
#include "dockerfile/shell.h"

static struct str without_folders(struct str path)
{
	return str_from(path, (size_t)(str_find_last_char(path, '/') + 1));
}

/* The bytes of the file from the first word to the last one. */
static int set_body(const struct dockerfile *d, const struct instruction *i, struct arena *arena,
		    struct shell_tree *ret)
{
	struct span all = {i->words[0].span.start, i->words[i->word_count - 1].span.end};
	struct joint *joint = ARENA_NEW(arena, struct joint);

	if (!joint)
		return -1;
	*joint = (struct joint){.file = all.start};
	ret->body = (struct joined){.text = dockerfile_slice(d, all), .count = 1, .joints = joint};
	return 0;
}

static int add_command(const struct instruction *i, struct arena *arena, struct shell_tree *ret)
{
	uint32_t last = 1 + 2 * i->word_count, base;
	struct shell_command *command = ARENA_NEW(arena, struct shell_command);
	struct shell_node *nodes = arena_alloc_array(arena, last + 1, sizeof(*nodes));
	struct shell_arg *argv = arena_alloc_array(arena, i->word_count, sizeof(*argv));

	if (!command || !nodes || !argv)
		return -1;
	base = i->words[0].span.start;
	nodes[0] = (struct shell_node){
		.kind = SHELL_SCRIPT, .end = (uint32_t)ret->body.text.len, .last = last};
	nodes[1] = nodes[0];
	nodes[1].kind = SHELL_COMMAND;
	for (uint32_t n = 0; n < i->word_count; n++) {
		const struct docker_word *w = &i->words[n];
		uint32_t node = 2 + 2 * n;

		nodes[node] = (struct shell_node){.kind = SHELL_WORD,
						  .start = w->span.start - base,
						  .end = w->span.end - base,
						  .parent = 1,
						  .last = node + 1,
						  .next = node + 1 < last ? node + 2 : SHELL_NONE};
		nodes[node + 1] = nodes[node];
		nodes[node + 1].kind = SHELL_SINGLE;
		nodes[node + 1].parent = node;
		nodes[node + 1].next = SHELL_NONE;
		nodes[node + 1].text = w->text;
		argv[n] = (struct shell_arg){w->text, node, .literal = true, .quoted = true};
	}
	*command = (struct shell_command){1, i->word_count, argv, without_folders(argv[0].text)};
	ret->status = SHELL_PARSED;
	ret->nodes = nodes;
	ret->count = last + 1;
	ret->commands = command;
	ret->command_count = 1;
	return 0;
}

int shell_exec(const struct dockerfile *d, const struct instruction *i, struct arena *arena,
	       struct shell_tree *ret)
{
	*ret = (struct shell_tree){.status = SHELL_TOO_LONG};
	if (set_body(d, i, arena, ret) < 0)
		return -1;
	return ret->body.text.len > SHELL_BODY_MAX ? 0 : add_command(i, arena, ret);
}
