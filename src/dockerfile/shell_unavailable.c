/*
 * Stands in for shell_treesitter.c where the build has no bash grammar (`make deps` fetches it).
 */
#include "dockerfile/shell.h"

struct shell_parser {
	char unused;
};

struct shell_parser *shell_parser_new(void)
{
	return mem_zero(1, sizeof(struct shell_parser));
}

void shell_parser_free(struct shell_parser *p)
{
	mem_free(p);
}

void shell_parser_thorough(struct shell_parser *p, bool on)
{
	(void)p;
	(void)on;
}

const char *shell_parser_unavailable(void)
{
	return "built without the bash grammar ('make deps' fetches it)";
}

int shell_parse(struct shell_parser *p, const struct joined *body, struct arena *arena,
		struct shell_tree *ret, struct err *e)
{
	(void)p;
	(void)arena;
	(void)e;
	*ret = (struct shell_tree){.status = SHELL_UNAVAILABLE, .body = *body};
	return 0;
}
