/*
 * The lossless tree of a Dockerfile. The reader is BuildKit (frontend/dockerfile/parser): what it
 * joins, drops and splits, we join, drop and split; where it refuses, we note an issue and go on,
 * so that one odd line never hides the rest. Traps:
 *
 * - A line is continued when it ends in the escape character and blanks, unless that character is
 *   itself escaped. Comment lines and blank lines inside are dropped.
 * - Directives (syntax, escape, check) count only in the unbroken comment block at the very top.
 * - Heredocs belong to RUN, COPY and ADD (also behind ONBUILD); several may stand in one line; "<<
 * E" with a blank is none. The marker is looked for in words, so quotes matter.
 * - JSON that does not parse is shell text.
 *
 * Two kinds of coordinates. File: bytes of dockerfile.text, struct span. Joined: bytes of the text
 * that remains when continuations are taken out, struct joined, with a map back to the file.
 * Everything the tree shows has a file span; ends are exclusive.
 */
#ifndef PLIMSOLL_DOCKERFILE_AST_H
#define PLIMSOLL_DOCKERFILE_AST_H

#include "base/mem.h"

/*
 * Limits on one file, each noted as FILE_LIMIT or PARTS_LIMIT: beyond the number of instructions or
 * tokens the rest is one token REST; beyond the number of parts (words, pairs, flags) the arguments
 * of instructions are no longer taken apart.
 */
enum {
	DOCKERFILE_BYTES_MAX = 1 << 30,
	DOCKERFILE_INSTRUCTIONS_MAX = 1000000,
	DOCKERFILE_TOKENS_MAX = 16000000,
	DOCKERFILE_PARTS_MAX = 2000000,
};

struct span {
	uint32_t start;
	uint32_t end;
};

/* From 1; column in Unicode code points, a byte of invalid UTF-8 counts as one. */
struct position {
	uint32_t line;
	uint32_t column;
};

/* Tokens tile the file: each reaches to the start of the next. */
enum docker_token_kind {
	TOKEN_BOM,
	TOKEN_SPACE, /* blanks outside of arguments */
	TOKEN_BLANK, /* lines of nothing but blanks, with their ends; also inside of instructions */
	TOKEN_NEWLINE,
	TOKEN_COMMENT,	 /* from # to the end of the line */
	TOKEN_DIRECTIVE, /* # syntax=, # escape=, # check= where they count */
	TOKEN_KEYWORD,
	TOKEN_TEXT,	    /* arguments; inner blanks are part of them */
	TOKEN_CONTINUATION, /* escape character to the end of the line, line end included */
	TOKEN_HEREDOC,	    /* lines of the body */
	TOKEN_HEREDOC_END,  /* the line of the terminator, without the line end */
	TOKEN_REST,	    /* beyond a limit */
	TOKEN_KINDS
};

struct docker_token {
	uint32_t start;
	uint8_t kind; /* enum docker_token_kind */
};

/*
 * Text without its continuations. Joint i says: from joined offset `at` on, bytes come from file
 * offset `file` on, one for one. `base` is the joined offset of text.data, so that slices share
 * joints.
 */
struct joint {
	uint32_t at;
	uint32_t file;
};

struct joined {
	struct str text;
	uint32_t base;
	uint32_t count; /* joints, at least 1 */
	const struct joint *joints;
};

/* File offset of the byte at text[at]; at == text.len is the end of the last byte. */
uint32_t joined_offset(const struct joined *j, size_t at);
/* File span of text[start, end). Across a continuation it covers the continuation too. */
struct span joined_span(const struct joined *j, size_t start, size_t end);
struct joined joined_sub(const struct joined *j, size_t start, size_t end);
/* The joined offset of a slice that points into j->text. */
static inline size_t joined_at(const struct joined *j, struct str part)
{
	return (size_t)(part.data - j->text.data);
}

enum instruction_kind {
#define INSTRUCTION(name, style, flags) INSTRUCTION_##name,
#include "dockerfile/instructions.def"
#undef INSTRUCTION
	INSTRUCTION_UNKNOWN,
	INSTRUCTION_KINDS
};
#define INSTRUCTION_BIT(kind) (1u << (kind))

enum docker_form {
	FORM_NONE,  /* words, pairs, text */
	FORM_SHELL, /* a command for the shell: instruction.command */
	FORM_JSON,  /* a JSON list: instruction.words */
};

struct docker_flag {
	struct span span; /* "--from=x" */
	struct span name_span;
	struct span value_span; /* empty without value */
	struct str name;	/* without dashes */
	struct str value;	/* quotes and escapes taken out */
	bool has_value;
};

/* One word, one element of a JSON list, or the whole text of USER, WORKDIR, ... */
struct docker_word {
	struct span span;
	struct str text; /* as written (joined, quotes kept); of JSON elements decoded */
	bool json;
};

/* NAME=VALUE of ENV, LABEL, ARG; "ENV name value" too. */
struct docker_pair {
	struct span span;
	struct span name_span;
	struct span value_span;
	struct str name;  /* as written */
	struct str value; /* as written, quotes kept; see value_of_word in graph.h */
	bool has_value;
	bool legacy; /* "ENV name value": the value is the rest of the line */
};

struct docker_heredoc {
	struct span marker;	/* <<EOF, in the line */
	struct span body;	/* whole lines, with their line ends */
	struct span terminator; /* the line; empty when it is missing */
	struct str name;
	bool chomp;  /* <<-: leading tabs are taken off */
	bool expand; /* no part of the name was quoted */
	bool closed;
};

struct instruction {
	enum instruction_kind kind;
	enum docker_form form;
	uint32_t index;	 /* among dockerfile.instructions; of a trigger that of its ONBUILD */
	bool is_trigger; /* it stands behind ONBUILD */
	bool empty_continuation;
	struct span
		span; /* keyword to the last byte, heredocs included, without the last line end */
	struct span line; /* the same without heredocs */
	struct span keyword;
	struct str name;       /* the keyword as written */
	struct joined args;    /* behind the keyword, trimmed */
	struct joined rest;    /* args behind the flags */
	struct joined command; /* FORM_SHELL: what the shell gets, without heredocs */
	uint32_t flag_count;
	uint32_t word_count;
	uint32_t pair_count;
	uint32_t heredoc_count;
	const struct docker_flag *flags;
	const struct docker_word *words;
	const struct docker_pair *pairs;
	const struct docker_heredoc *heredocs;
	const struct instruction *trigger; /* ONBUILD: what it wraps, or NULL */
	/* The unbroken comment lines right above: dockerfile.comments[comment_start..comment_end)
	 */
	uint32_t comment_start;
	uint32_t comment_end;
	bool health_none; /* HEALTHCHECK NONE */
};

struct docker_comment {
	struct span span; /* # to the end of the line */
	bool inside;	  /* within a continued instruction */
};

enum docker_issue_code {
#define ISSUE(name, rule, message) ISSUE_##name,
#include "dockerfile/issues.def"
#undef ISSUE
	ISSUE_CODES
};

struct docker_issue {
	enum docker_issue_code code;
	struct span span;
	struct str detail;
	const struct instruction *instruction; /* or NULL */
};

/* "# name=value" of the top block */
struct docker_directive {
	struct span span;
	struct str name; /* lower case: syntax, escape, check */
	struct str value;
	struct span value_span;
};

struct dockerfile {
	struct str text; /* the file as given; of UTF-16 its translation to UTF-8 */
	bool transcoded; /* then byte offsets are not those of the file and nothing is fixed */
	char escape;
	VEC(struct docker_token) tokens;
	VEC(struct instruction *) instructions; /* all of the top level, unknown ones included */
	VEC(struct docker_comment) comments;
	VEC(struct docker_issue) issues;
	VEC(struct docker_directive) directives;
	struct arena arena;
	/* of dockerfile_position */
	struct {
		uint32_t line;
		uint32_t column;
	} * checkpoints;
	size_t checkpoint_count;
	size_t checkpoint_room;
	/* the parser's own */
	struct docker_scratch *scratch;
};

/* The object is made once and used for many files: its memory stays. */
void dockerfile_init(struct dockerfile *d, struct budget *budget);
void dockerfile_done(struct dockerfile *d);

/*
 * Any bytes are a Dockerfile; only memory and DOCKERFILE_BYTES_MAX (ERR_LIMIT) can fail. `text` is
 * borrowed until the next parse. Linear in its length.
 */
int dockerfile_parse(struct dockerfile *d, struct str text, struct err *e);

/* At most 1 KiB of text is read for an answer (after one pass over the file for the first). */
struct position dockerfile_position(struct dockerfile *d, uint32_t offset);
struct str dockerfile_slice(const struct dockerfile *d, struct span span);
/* The token's end is the start of the next. */
uint32_t dockerfile_token_end(const struct dockerfile *d, size_t token);

/* "RUN"; "unknown" */
const char *instruction_kind_name(enum instruction_kind kind);
/* Names that BuildKit knows, whatever their case. */
enum instruction_kind instruction_kind_find(struct str name);
/* Issue texts: code of the rule, printf format with at most one %.*s for the detail. */
const char *docker_issue_rule(enum docker_issue_code code);
const char *docker_issue_message(enum docker_issue_code code);

/* The flag of that name (the last one, as BuildKit takes it), or NULL. */
const struct docker_flag *instruction_flag(const struct instruction *i, const char *name);
/* The instruction itself, or what ONBUILD wraps. */
static inline const struct instruction *instruction_inner(const struct instruction *i)
{
	return i->kind == INSTRUCTION_ONBUILD && i->trigger ? i->trigger : i;
}

/*
 * Options of --mount: "type=cache,target=/x,ro". Starts with *rest = flag->value; a key without
 * value has value.data == NULL. Quotes of CSV are taken off when they stand around a field.
 */
bool docker_option_next(struct str *rest, struct str *ret_key, struct str *ret_value);
/* Value of one option of a mount; STR_NULL when absent. `target`, `dst`, `destination` are aliases.
 */
struct str docker_mount_option(const struct docker_flag *mount, const char *key);

/*
 * Walks words of a text separated by blanks (space, tab, VT, FF, CR) as BuildKit splits lists.
 * Positions are offsets into `text`.
 */
bool docker_word_next(struct str text, size_t *at, size_t *ret_start, size_t *ret_end);

#endif
