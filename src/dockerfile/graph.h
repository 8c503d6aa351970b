/*
 * Stages and values: what USER, WORKDIR, SHELL, ENV, LABEL and ARG are at each instruction, through
 * stages that build on each other, evaluated as BuildKit does (frontend/dockerfile/shell/lex.go and
 * dockerfile2llb): defaults, --build-arg and the modifiers ${x:-y} ${x-y} ${x:+y} ${x+y} ${x:?y}
 * ${x#p} ${x##p}
 * ${x%p} ${x%%p} ${x/p/r} ${x//p/r}.
 *
 * A value is either known or not: what depends on an argument without default, or on the
 * environment of a base image, stays as written. Rules ask `known` and never guess.
 */
#ifndef PLIMSOLL_DOCKERFILE_GRAPH_H
#define PLIMSOLL_DOCKERFILE_GRAPH_H

#include "dockerfile/ast.h"

/*
 * Limits, beyond which values are unknown: "ENV A=$A$A" again and again doubles each time, patterns
 * cost time, and every variable costs memory in each state. VALUE_WORK is per file: bytes made and
 * steps of patterns.
 */
enum { VALUE_MAX = 32768, VALUE_DEPTH_MAX = 32, VALUE_WORK = 64 << 20, VARIABLES_MAX = 100000 };

struct value {
	struct str text; /* evaluated; what is unknown stands as written */
	bool known;	 /* nothing unknown is in it */
	bool set;	 /* false: there is no such setting */
};

enum variable_kind { VARIABLE_ARG, VARIABLE_ENV, VARIABLE_LABEL };

/* One definition. In a chain newest first, `older` leads through all (also those hidden by newer
 * ones). */
struct variable {
	struct str name;
	enum variable_kind kind;
	struct value value; /* ARG without default: not known, not set */
	const struct instruction *where;
	const struct docker_pair *pair;
	const struct variable *older;
	const struct variable *same_hash;
	uint64_t hash;
};

/* Persistent map: putting makes a new one, the old one stays as it was. NULL is empty. */
struct scope;
const struct variable *scope_find(const struct scope *s, struct str name);

enum shell_family {
	SHELL_FAMILY_POSIX, /* sh, bash, ash, dash, ksh, zsh, busybox */
	SHELL_FAMILY_POWERSHELL,
	SHELL_FAMILY_CMD,
	SHELL_FAMILY_OTHER,
};

struct shell_setting {
	struct str program; /* "sh", "bash", "powershell": no folder, no .exe, lower case */
	enum shell_family family;
	const struct instruction *where; /* SHELL, or NULL: the default of the base */
	struct span pragma;		 /* "# hadolint shell=" that set it; else empty */
};

/* What holds right before an instruction. Shared by all instructions until something changes. */
struct build_state {
	const struct scope *variables; /* ARG and ENV; ENV hides ARG */
	const struct variable *newest; /* chain of the same */
	const struct scope *labels;
	const struct variable *newest_label;
	struct value user;
	const struct instruction *user_where;
	struct value workdir; /* joined: WORKDIR /a, WORKDIR b is /a/b; relative when no absolute
				 one came before */
	const struct instruction *workdir_where;
	struct shell_setting shell;
	struct value_work *work; /* what is left of VALUE_WORK, shared by the file's states */
};

struct value_work {
	int64_t left;
	uint32_t variables;
};

struct image_name {
	struct str registry;   /* "docker.io" is not filled in: empty when absent */
	struct str repository; /* "library/debian", "debian" */
	struct str tag;
	struct str digest; /* "sha256:..." */
};

struct stage {
	uint32_t index;
	uint32_t start; /* instructions [start, end); the first is the FROM, if there is one */
	uint32_t end;
	const struct instruction *from; /* NULL: a fragment without FROM */
	struct str name;		/* behind AS, as written; empty without */
	struct span name_span;
	struct value image; /* evaluated word of FROM */
	struct span image_span;
	struct image_name image_name; /* of image.text; empty parts when not known */
	int64_t base;		      /* index of the stage it builds on, or -1 */
	bool is_scratch;
	bool is_used;	/* by a later FROM, COPY --from or mount */
	bool is_base;	/* of a later FROM */
	bool is_copied; /* from it by a later COPY --from or mount */
	bool is_last;
	const struct docker_flag *platform; /* or NULL */
	struct value platform_value;
	const struct scope *names;	 /* earlier stages by lower-case name */
	const struct build_state *first; /* behind FROM */
	const struct build_state *last;	 /* at its end */
};

struct build_arg {
	struct str name;
	struct str value;
};

struct graph_options {
	const struct build_arg *build_args;
	size_t build_arg_count;
};

struct graph {
	const struct dockerfile *file;
	struct stage *stages; /* at least one when there is any instruction besides global ARGs */
	size_t stage_count;
	const struct build_state **states; /* by instruction index: what holds right before it */
	uint32_t *stage_of; /* by instruction index: its stage, or UINT32_MAX for global ARGs */
	const struct build_state *global; /* ARGs before the first FROM */
	struct arena *arena;
	const struct graph_options *options;
	struct value_work work;
	bool limited; /* more than VARIABLES_MAX: the later ones are not known */
};

enum { NO_STAGE = UINT32_MAX };

/* Everything lives in the arena. Near linear in the file. Fails for memory only. */
int graph_build(struct graph *g, const struct dockerfile *file, const struct graph_options *options,
		struct arena *arena, struct err *e);

/* The stage of an instruction (a trigger's is that of its ONBUILD), or NULL for global ARGs. */
const struct stage *graph_stage(const struct graph *g, const struct instruction *i);
const struct build_state *graph_state(const struct graph *g, const struct instruction *i);
/*
 * What COPY --from=NAME or FROM NAME means in stage `before`: an earlier stage by name (case does
 * not matter) or, with `by_number`, by index; NULL: an image.
 */
const struct stage *graph_find_stage(const struct graph *g, struct str name, uint32_t before,
				     bool by_number);

/*
 * The word with quotes and escapes taken off and variables put in, as COPY, ENV, WORKDIR and so on
 * see it. Memory: the arena. Out of memory gives an unknown value with the text as written.
 */
struct value value_of_word(struct arena *arena, const struct build_state *state, struct str word,
			   char escape);

/*
 * Visits the variables of a word, "$X" and "${X...}", outside of single quotes and escapes:
 *
 *	struct variable_use u = variable_uses(word, escape);
 *	while (variable_use_next(&u)) ...
 *
 * has_default: a modifier (-, :-, +, :+, ?, :?) takes care of its absence. Offsets into word.
 */
struct variable_use {
	struct str name;
	size_t start;
	size_t end;
	bool braced;
	bool has_default;
	/* where the search goes on */
	struct str word;
	size_t at;
	char escape;
	bool in_single;
	bool in_double;
};
static inline struct variable_use variable_uses(struct str word, char escape)
{
	return (struct variable_use){.word = word, .escape = escape};
}
bool variable_use_next(struct variable_use *u);

/* "debian:12@sha256:...", "registry:5000/a/b". */
struct image_name image_name_parse(struct str image);

/* BUILDPLATFORM, TARGETARCH, ...: set in FROM, and in a stage after ARG. */
bool is_platform_arg(struct str name);
/* HTTP_PROXY, http_proxy, ...: set in every RUN. */
bool is_proxy_arg(struct str name);

/* A shell by its program: "/bin/bash", "C:\\...\\powershell.exe". */
struct shell_setting shell_setting_of(struct arena *arena, struct str program);

#endif
