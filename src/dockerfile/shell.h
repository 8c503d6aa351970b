/*
 * Shell bodies as our own compact tree, so that rules, fixes and mining never see the parser behind
 * it. The parser is tree-sitter-bash (shell_treesitter.c) when the build found it; without it
 * shell_unavailable.c stands in and says so.
 *
 * Nodes stand in one array in preorder: the subtree of node i is [i, nodes[i].last], its first
 *child is i + 1 when last > i, siblings are linked by `next`. So a rule visits with loops, never by
 *recursion.
 *
 * Shapes (children in this order):
 *
 *	SCRIPT SUBSHELL GROUP LIST   statements
 *	AND OR PIPELINE              two or more statements; "a && b && c" is one AND of three
 *	NOT                          one statement
 *	COMMAND                      ASSIGNMENT*, WORD*, REDIRECT* mixed as written. The first WORD
 *is the name; none: only assignments. export, local, declare, readonly, typeset, unset are commands
 *too, their a=b ASSIGNMENTs behind the name IF                           LIST (condition), LIST
 *(then), again for elif, at last LIST (else, SHELL_ELSE) WHILE                        LIST
 *(condition), LIST (body); SHELL_UNTIL FOR                          WORD*, LIST; text: the
 *variable; SHELL_SELECT; "for ((" is FOR with SHELL_ARITH CASE                         WORD,
 *CASE_ITEM* CASE_ITEM                    WORD+ (patterns), statements FUNCTION statement; text: the
 *name TEST                         WORD*, the brackets and operators left out or as words;
 *SHELL_DOUBLE: [[ ARITH                        VARIABLE, SUBSTITUTION ...; (( )) as a statement
 *	ASSIGNMENT                   WORD or ARRAY or nothing; text: the name; SHELL_APPEND: +=
 *	ARRAY                        WORD*
 *	REDIRECT                     WORD (target), or HEREDOC; text: the operator, as written,
 *without descriptor HEREDOC                      parts; SHELL_QUOTED: nothing is expanded ERROR
 *what the parser could make of a part that is no shell
 *
 *	WORD                         parts, in order and without gaps:
 *	LITERAL                      unquoted text, escapes as written; text: decoded
 *	SINGLE ANSI                  '...' and $'...'; text: without quotes (ANSI as written)
 *	DOUBLE                       LITERAL, VARIABLE ...; SHELL_TRANSLATED: $"..."
 *	VARIABLE                     text: the name; SHELL_BRACED: ${...}; children: WORDs of the
 *operator SUBSTITUTION                 statements; SHELL_BACKTICK PROCESS statements: <(...) or
 *>(...) ARITHMETIC                   VARIABLE, SUBSTITUTION ...: $((...))
 *
 * A compound statement carries its REDIRECTs as last children. Any statement may have
 *SHELL_BACKGROUND.
 */
#ifndef PLIMSOLL_DOCKERFILE_SHELL_H
#define PLIMSOLL_DOCKERFILE_SHELL_H

#include "dockerfile/ast.h"

struct buf;

/* SHELL_KIND(NAME, name in dumps and tree data) */
#define SHELL_KINDS_LIST(X) \
	X(SCRIPT, "script") \
	X(LIST, "list") \
	X(AND, "and") \
	X(OR, "or") \
	X(PIPELINE, "pipeline") \
	X(NOT, "not") \
	X(COMMAND, "command") \
	X(SUBSHELL, "subshell") \
	X(GROUP, "group") \
	X(IF, "if") \
	X(WHILE, "while") \
	X(FOR, "for") \
	X(CASE, "case") \
	X(CASE_ITEM, "case-item") \
	X(FUNCTION, "function") \
	X(TEST, "test") \
	X(ARITH, "arith") \
	X(ASSIGNMENT, "assignment") \
	X(ARRAY, "array") \
	X(REDIRECT, "redirect") \
	X(HEREDOC, "heredoc") \
	X(ERROR, "error") \
	X(WORD, "word") \
	X(LITERAL, "literal") \
	X(SINGLE, "single") \
	X(ANSI, "ansi") \
	X(DOUBLE, "double") \
	X(VARIABLE, "variable") \
	X(SUBSTITUTION, "substitution") \
	X(PROCESS, "process") \
	X(ARITHMETIC, "arithmetic")

enum shell_kind {
#define X(name, text) SHELL_##name,
	SHELL_KINDS_LIST(X)
#undef X
		SHELL_KINDS
};

enum shell_flag {
	SHELL_BACKGROUND = 1 << 0,
	SHELL_BACKTICK = 1 << 1,
	SHELL_BRACED = 1 << 2,
	SHELL_QUOTED = 1 << 3,
	SHELL_APPEND = 1 << 4,
	SHELL_ELSE = 1 << 5,
	SHELL_UNTIL = 1 << 6,
	SHELL_SELECT = 1 << 7,
	SHELL_FOR_ARITH = 1 << 8,
	SHELL_TEST_DOUBLE = 1 << 9,
	SHELL_TRANSLATED = 1 << 10,
	SHELL_OPERATOR = 1 << 11, /* VARIABLE: ${x:-y} and the like, ${#x}, ${!x} */
	SHELL_LENGTH = 1 << 12,	  /* VARIABLE: ${#x} */
	SHELL_INDEXED = 1 << 13,  /* VARIABLE, ASSIGNMENT: x[...] */
	SHELL_DECLARED = 1 << 14, /* ASSIGNMENT: behind export, local, ... */
};

enum { SHELL_NONE = 0 }; /* no node: the root is nobody's child or sibling */

struct shell_node {
	uint16_t kind; /* enum shell_kind */
	uint16_t flags;
	uint32_t start; /* bytes of the body's text */
	uint32_t end;
	uint32_t parent;
	uint32_t next; /* sibling, or SHELL_NONE */
	uint32_t last; /* last node of the subtree */
	struct str text;
};

/* One word of a simple command. */
struct shell_arg {
	struct str text; /* quotes and escapes taken off; expansions as written: "${X}/a" */
	uint32_t node;	 /* WORD, or ASSIGNMENT of a declaration */
	bool literal; /* no expansion in it: text is what the command gets (but for globs and ~) */
	bool quoted;  /* any part is quoted */
};

/* One simple command, wherever it stands: in pipes, conditions, substitutions, functions. */
struct shell_command {
	uint32_t node; /* COMMAND */
	uint32_t argc; /* name included; at least 1 */
	const struct shell_arg *argv;
	struct str name; /* argv[0].text without its folders: "/usr/bin/apt-get" is "apt-get" */
};

enum shell_status {
	SHELL_PARSED,
	SHELL_NO_BODY,	   /* JSON form, no RUN, ... : nothing to parse */
	SHELL_FOREIGN,	   /* PowerShell, cmd, or a script with another interpreter: left alone */
	SHELL_TOO_LONG,	   /* over SHELL_BODY_MAX */
	SHELL_TOO_SLOW,	   /* over its time */
	SHELL_TOO_MUCH,	   /* behind LINT_SHELL_BYTES of its file */
	SHELL_BAD_BYTES,   /* NUL within */
	SHELL_UNAVAILABLE, /* built without the grammar */
};

/*
 * libtree-sitter 0.20.7 keeps child counts in 16 bits in places and frees wild pointers when a node
 * gets more than 65,535; a body of this length cannot have so many. Its clock forgets the carry of
 * nanoseconds, so a time limit must be whole seconds: with half a second, whatever is being parsed
 * when a second turns counts as too slow.
 */
enum { SHELL_BODY_MAX = 32768, SHELL_BODY_MICROSECONDS = 1000000 };

struct shell_tree {
	enum shell_status status;
	struct joined body;
	const struct shell_node *nodes; /* nodes[0] is the SCRIPT */
	uint32_t count;
	uint32_t command_count;
	const struct shell_command *commands; /* in the order of their first byte */
	bool has_error;
	struct span error; /* of the first part that is no shell, in the body */
};

/* The parser: made once a thread, used for many bodies. NULL without memory. */
struct shell_parser *shell_parser_new(void);
void shell_parser_free(struct shell_parser *p);
/* Plain scripts too go through the grammar: for the test that both ways give the same tree. */
void shell_parser_thorough(struct shell_parser *p, bool on);
/* NULL, or why the shell rules are unavailable in this build. */
const char *shell_parser_unavailable(void);

/*
 * Parses a body into arena memory; ret->status says how it went (all but SHELL_PARSED have no
 * nodes). Fails only for memory. The body's text must live as long as the tree.
 */
int shell_parse(struct shell_parser *p, const struct joined *body, struct arena *arena,
		struct shell_tree *ret, struct err *e);

/*
 * RUN in JSON form (at least one word): a tree of one COMMAND whose words are SINGLE quoted; spans
 * hold the quotes. SHELL_TOO_LONG as for shell text. -1: out of memory.
 */
int shell_exec(const struct dockerfile *d, const struct instruction *i, struct arena *arena,
	       struct shell_tree *ret);

const char *shell_kind_name(enum shell_kind kind);
const char *shell_status_name(enum shell_status status);

/* First child of that node, or SHELL_NONE. */
static inline uint32_t shell_child(const struct shell_tree *t, uint32_t node)
{
	return t->nodes[node].last > node ? node + 1 : SHELL_NONE;
}

/* for (uint32_t n = shell_child(t, i); n; n = t->nodes[n].next) visits the children. */

/* Text of a node as written in the body. */
static inline struct str shell_source(const struct shell_tree *t, uint32_t node)
{
	return str_sub(t->body.text, t->nodes[node].start, t->nodes[node].end);
}

/* Span in the file of a node; of bytes of the body. */
struct span shell_span(const struct shell_tree *t, uint32_t node);
struct span shell_span_of(const struct shell_tree *t, uint32_t start, uint32_t end);
/* The span of argv[first..last] of a command. */
struct span shell_args_span(const struct shell_tree *t, const struct shell_command *c,
			    uint32_t first, uint32_t last);

/* The nearest ancestor of that kind, or SHELL_NONE (a SCRIPT root is node 0, so never "found"). */
uint32_t shell_ancestor(const struct shell_tree *t, uint32_t node, enum shell_kind kind);
/* The command that owns the node (as an argument, redirect or part of one), or NULL. */
const struct shell_command *shell_command_of(const struct shell_tree *t, uint32_t node);

/* An argument that equals one of the words: "install", "-y". Index from `from` on, or 0. */
uint32_t shell_arg_find(const struct shell_command *c, uint32_t from, const char *word);

/*
 * What an instruction hands to a shell, with its way back to the file: RUN, CMD, ENTRYPOINT and
 * HEALTHCHECK CMD in shell form. A single heredoc alone is the script itself (its comments and
 * continuations are the shell's own, leading tabs of <<- are taken off); otherwise heredoc bodies
 * follow the line as the shell expects them. text.data is NULL when there is no such body;
 * *ret_interpreter is the "#!" line's program of a heredoc script, or STR_NULL.
 */
int shell_body(const struct dockerfile *d, const struct instruction *i, struct arena *arena,
	       struct joined *ret_body, struct str *ret_interpreter, struct err *e);

/* The program behind "#!", of "env" its first word without options; STR_NULL when there is none. */
struct str shell_interpreter(struct str script);

/* The tree as text, one node a line, indented: for tests. */
void shell_dump(const struct shell_tree *t, struct buf *out);

#endif
