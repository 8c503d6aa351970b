/*
 * What rules for POSIX sh share: which shell reads a body, and where a command stands.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_POSIX_H
#define PLIMSOLL_DOCKERFILE_RULES_POSIX_H

#include "dockerfile/rule.h"

enum posix_shell {
	POSIX_NONE, /* bash, ksh, zsh, busybox, ...: has what POSIX lacks */
	POSIX_SH,
	POSIX_DASH, /* dash and ash */
};

/* By the "#!" of a heredoc script, else by SHELL, its pragma or the default. */
enum posix_shell posix_shell(struct lint *l, const struct shell_tree *t);
/* "In POSIX sh, %s" or "In dash, %s" begins the message. */
const char *posix_shell_name(enum posix_shell shell);

/*
 * The argument that is the command's name: behind "command" and "builtin" the next one; STR of its
 * text as the shell looks it up. Options of "command" end the search: they ask where it is.
 */
uint32_t posix_command(const struct shell_command *c);

/*
 * True when the status of this statement, or of one around it, decides what runs next: it stands
 * left of && or ||, or is the last of the condition of an if or while.
 */
bool posix_is_condition(const struct shell_tree *t, uint32_t node);

/* The statement is the first of a pipe of several. */
bool posix_starts_pipe(const struct shell_tree *t, uint32_t node);

/*
 * Brace expansions of a WORD, innermost and outermost alike, in the order of their ends. Starts
 * with zero; offsets into the body.
 */
enum { BRACES_DEEP = 32 };
struct brace_walk {
	uint32_t part; /* node; SHELL_NONE: not begun */
	uint32_t at;
	uint32_t depth;
	struct brace {
		uint32_t start;
		bool list; /* a comma, or .. */
		bool dot;  /* the byte before is one */
	} open[BRACES_DEEP];
};
bool brace_next(const struct shell_tree *t, uint32_t word, struct brace_walk *w,
		uint32_t *ret_start, uint32_t *ret_end);

#endif
