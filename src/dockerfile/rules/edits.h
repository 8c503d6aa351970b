/*
 * Repairs that several rules share. All accept a finding without fix or NULL: then nothing happens.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_EDITS_H
#define PLIMSOLL_DOCKERFILE_RULES_EDITS_H

#include "dockerfile/rule.h"

/* Puts the text right behind a word of the command: " -y". */
void edit_behind_arg(struct lint *l, struct finding *f, const struct shell_tree *t,
		     const struct shell_command *c, uint32_t arg, const char *text);

/*
 * Double quotes around an expansion. Not where the shell's [ would become a list as JSON has it:
 * RUN [ "$a" = b ].
 */
void edit_quote(struct lint *l, struct finding *f, const struct shell_tree *t, uint32_t node);

/*
 * Where "&& command" may be put so that it runs last: behind the last statement of the body. False
 * when that is not plain: a heredoc, a comment or '&' at the end, text that is no shell, or a
 * command that ends the shell.
 */
bool script_end(const struct instruction *i, const struct shell_tree *t, uint32_t *ret_offset);
/* Puts "&& command" there, on a line of its own where the instruction has several. */
void edit_append(struct lint *l, struct finding *f, const struct instruction *i, uint32_t offset,
		 struct str command);

/* Takes out a whole instruction with its line end; comments above it stay. */
void edit_remove_instruction(struct lint *l, struct finding *f, const struct instruction *i);
/* Takes out a flag of the instruction and the blanks behind it. */
void edit_remove_flag(struct lint *l, struct finding *f, const struct docker_flag *flag);

#endif
