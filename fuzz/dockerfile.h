/*
 * What holds of every Dockerfile tree and shell tree, whatever the bytes; abort when it does not.
 */
#ifndef PLIMSOLL_FUZZ_DOCKERFILE_H
#define PLIMSOLL_FUZZ_DOCKERFILE_H

#include <stdlib.h>

#include "dockerfile/lint.h"

static inline void must(bool kept)
{
	if (!kept)
		abort();
}

static inline void must_map(const struct dockerfile *d, const struct joined *j)
{
	for (size_t at = 0; at < j->text.len; at++) {
		uint32_t file = joined_offset(j, at);

		must(file < d->text.len && d->text.data[file] == j->text.data[at]);
	}
	must(joined_offset(j, j->text.len) <= d->text.len);
}

static inline void must_be_inside(struct span part, struct span whole)
{
	must(part.start <= part.end && part.start >= whole.start && part.end <= whole.end);
}

static inline void check_shell_tree(const struct shell_tree *t)
{
	for (uint32_t n = 0; n < t->count; n++) {
		const struct shell_node *node = &t->nodes[n];
		uint32_t at = node->start;

		must(node->start <= node->end && node->end <= t->body.text.len);
		must(node->last >= n && node->last < t->count);
		must(n == 0 || (node->parent < n && t->nodes[node->parent].last >= node->last));
		must(!node->next ||
		     (node->next == node->last + 1 && t->nodes[node->next].parent == node->parent));
		if (node->kind != SHELL_WORD)
			continue;
		for (uint32_t c = shell_child(t, n); c; c = t->nodes[c].next) {
			must(t->nodes[c].start == at);
			at = t->nodes[c].end;
		}
		must(at == node->end);
	}
	for (uint32_t i = 0; i < t->command_count; i++) {
		must(t->commands[i].argc > 0 &&
		     t->nodes[t->commands[i].node].kind == SHELL_COMMAND);
		for (uint32_t k = 0; k < t->commands[i].argc; k++)
			must(t->commands[i].argv[k].text.data != NULL);
	}
}

static inline void check_instruction(const struct dockerfile *d, const struct instruction *i)
{
	must_be_inside(i->keyword, i->span);
	must_be_inside(i->line, i->span);
	must_map(d, &i->args);
	for (uint32_t n = 0; n < i->flag_count; n++) {
		must_be_inside(i->flags[n].span, i->line);
		must_be_inside(i->flags[n].name_span, i->flags[n].span);
		must_be_inside(i->flags[n].value_span, i->flags[n].span);
	}
	for (uint32_t n = 0; n < i->word_count; n++)
		must_be_inside(i->words[n].span, i->line);
	for (uint32_t n = 0; n < i->pair_count; n++) {
		must_be_inside(i->pairs[n].span, i->line);
		must_be_inside(i->pairs[n].name_span, i->pairs[n].span);
		must_be_inside(i->pairs[n].value_span, i->pairs[n].span);
	}
	for (uint32_t n = 0; n < i->heredoc_count; n++)
		must_be_inside(i->heredocs[n].body, i->span);
}

static inline void check_dockerfile(const struct dockerfile *d)
{
	uint32_t end = 0;

	must(d->text.len == 0 || (d->tokens.count && d->tokens.items[0].start == 0));
	for (size_t n = 1; n < d->tokens.count; n++)
		must(d->tokens.items[n].start > d->tokens.items[n - 1].start &&
		     d->tokens.items[n].start < d->text.len);
	for (size_t n = 0; n < d->instructions.count; n++) {
		must(d->instructions.items[n]->span.start >= end);
		end = d->instructions.items[n]->span.end;
		must(end <= d->text.len);
		for (const struct instruction *i = d->instructions.items[n]; i; i = i->trigger)
			check_instruction(d, i);
	}
	for (size_t n = 0; n < d->issues.count; n++)
		must_be_inside(d->issues.items[n].span, (struct span){0, (uint32_t)d->text.len});
}

#endif
