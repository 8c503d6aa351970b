/*
 * Text that a script puts into files: words of echo, printf and sed, and heredocs.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_WRITTEN_H
#define PLIMSOLL_DOCKERFILE_RULES_WRITTEN_H

#include "dockerfile/rule.h"

enum written_kind { WRITTEN_WORD, WRITTEN_SED, WRITTEN_HEREDOC };

struct written {
	enum written_kind kind;
	struct str text;
	struct span span; /* in the file: of the whole word, or of the heredoc's body */
};

/* Calls `see` for each of them, in no order. */
typedef void written_fn(struct lint *l, const struct written *w);
void written_each(struct lint *l, const struct shell_tree *t, written_fn *see);
/* The heredocs of COPY and ADD, which are files too. */
void written_each_heredoc(struct lint *l, const struct instruction *i, written_fn *see);

#endif
