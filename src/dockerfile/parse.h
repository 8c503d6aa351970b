/*
 * Between the files of the parser only: parse.c (lines, tokens, directives), parse_args.c (flags,
 * words, pairs, JSON) and parse_heredoc.c.
 */
#ifndef PLIMSOLL_DOCKERFILE_PARSE_H
#define PLIMSOLL_DOCKERFILE_PARSE_H

#include "dockerfile/ast.h"

/* A run of file bytes of one kind within an instruction. */
struct docker_piece {
	uint32_t start;
	uint32_t end;
	uint8_t kind; /* enum docker_token_kind */
};

/* One instruction may not have more pieces: 48 MiB of them. */
enum { DOCKER_PIECES_MAX = 4000000 };
/* "ONBUILD ONBUILD ..." is read so deep (Docker allows one). */
enum { DOCKER_TRIGGERS_MAX = 8 };
/* So many heredoc names without an end are looked for down to the end of the file. */
enum { DOCKER_OPEN_HEREDOCS_MAX = 16 };

struct docker_scratch {
	VEC(struct docker_piece) pieces;
	VEC(struct docker_flag) flags;
	VEC(struct docker_word) words;
	VEC(struct docker_pair) pairs;
	VEC(struct docker_heredoc) heredocs;
};

struct docker_parser {
	struct dockerfile *d;
	struct docker_scratch *s;
	size_t at;    /* next unread byte of the file */
	bool failed;  /* out of memory: everything ends */
	bool limited; /* a limit was reached: the rest is one token */
	unsigned open_heredocs;
	size_t parts; /* words, pairs and flags so far */
};

struct docker_line {
	size_t start;
	size_t end; /* without CR and LF */
	size_t next;
};

/* False at the end of the file. */
bool docker_line_read(struct docker_parser *p, struct docker_line *ret_line);
void docker_token_add(struct docker_parser *p, enum docker_token_kind kind, size_t start,
		      size_t end);
void docker_issue_add(struct docker_parser *p, enum docker_issue_code code, struct span span,
		      struct str detail, const struct instruction *i);

/* Length of the white space character (Unicode, as Go trims) at s[at], or 0. */
size_t docker_space_len(struct str s, size_t at);
static inline bool docker_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

/* Reads i->args: flags, then what the instruction's style wants. */
void docker_args_parse(struct docker_parser *p, struct instruction *i);
/* Looks for heredoc markers in the whole line and reads their bodies from the file. */
void docker_heredocs_read(struct docker_parser *p, const struct joined *line,
			  struct instruction *i);

#endif
