#include "dockerfile/rules/written.h"

static void see_words(struct lint *l, const struct shell_tree *t, const struct shell_command *c,
		      enum written_kind kind, written_fn *see)
{
	for (uint32_t n = 1; n < c->argc; n++) {
		struct written w = {.kind = kind,
				    .text = c->argv[n].text,
				    .span = shell_span(t, c->argv[n].node)};

		see(l, &w);
	}
}

void written_each(struct lint *l, const struct shell_tree *t, written_fn *see)
{
	for (uint32_t n = 0; n < t->command_count; n++) {
		const struct shell_command *c = &t->commands[n];

		if (str_is(c->name, "echo") || str_is(c->name, "printf") ||
		    str_is(c->name, "add-apt-repository") || str_is(c->name, "apt-add-repository"))
			see_words(l, t, c, WRITTEN_WORD, see);
		else if (str_is(c->name, "sed"))
			see_words(l, t, c, WRITTEN_SED, see);
	}
	for (uint32_t n = 0; n < t->count; n++) {
		struct written w = {.kind = WRITTEN_HEREDOC};

		if (t->nodes[n].kind != SHELL_HEREDOC)
			continue;
		w.text = shell_source(t, n);
		w.span = shell_span(t, n);
		see(l, &w);
	}
}

void written_each_heredoc(struct lint *l, const struct instruction *i, written_fn *see)
{
	if (i->kind != INSTRUCTION_COPY && i->kind != INSTRUCTION_ADD)
		return;
	for (uint32_t n = 0; n < i->heredoc_count; n++) {
		struct written w = {.kind = WRITTEN_HEREDOC,
				    .text = dockerfile_slice(l->file, i->heredocs[n].body),
				    .span = i->heredocs[n].body};

		see(l, &w);
	}
}
