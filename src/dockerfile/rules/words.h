/*
 * What a word of a shell command says once ARG and ENV of the Dockerfile and the script's own plain
 * assignments are put in.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_WORDS_H
#define PLIMSOLL_DOCKERFILE_RULES_WORDS_H

#include "dockerfile/rule.h"

/*
 * The assignments of the script that was asked about last, so that a script of nothing but
 * variables stays linear. More than WORD_ASSIGNMENTS: none of them is known. Part of a rule's state
 * (zero at the start of a file).
 */
enum { WORD_ASSIGNMENTS = 64 };

struct word_cache {
	const struct shell_tree *tree;
	uint32_t nodes[WORD_ASSIGNMENTS]; /* ASSIGNMENT, FOR, or the COMMAND of a `read` */
	uint32_t count;
	bool over;
};

/*
 * False when it cannot be known: substitutions, arguments without default, loop variables, or a
 * variable of which the file says nothing and which is the whole word. Such a variable within a
 * longer word stays as written. *ret_split: the shell splits the text at blanks.
 */
bool word_value(struct lint *l, struct word_cache *cache, const struct shell_tree *t,
		const struct shell_arg *a, struct str *ret_text, bool *ret_split);

#endif
