/*
 * The linter's own state, shared by the files that make it: which rules run (linter.c), what rules
 * call (lint.c), what pragmas silence (linter_silence.c) and the way through a file (linter_run.c).
 */
#ifndef PLIMSOLL_DOCKERFILE_LINTER_H
#define PLIMSOLL_DOCKERFILE_LINTER_H

#include "base/map.h"
#include "dockerfile/lint.h"

/* A rule that runs under the configuration at hand. */
struct active_rule {
	const struct rule *rule;
	enum rule_set set; /* RULE_SETS: an extra one */
	enum lint_level level;
	size_t state_at;
};

/* Codes of ShellCheck that are no rules of ours become rules when they come up. */
enum { FOREIGN_CODES = 10000, FOREIGN_RULES = 2000, FOREIGN_OFF = UINT16_MAX };
struct foreign {
	uint16_t active[FOREIGN_CODES]; /* index + 1; 0: not seen yet; FOREIGN_OFF: does not run */
	unsigned count;
};

/* Indices of active rules. */
struct rule_list {
	uint16_t *items;
	size_t count, room;
};

struct command_rules {
	struct rule_list list;
	struct command_rules *next;
};

struct tree_slot {
	struct shell_tree tree; /* first: a tree is its slot */
	const struct command_use **uses;
};

struct linter {
	const struct lint_config *config;
	struct budget *budget;
	struct dockerfile file;
	struct graph graph;
	struct arena arena;	  /* of the file at hand */
	struct arena table_arena; /* of the configuration */
	struct shell_parser *parser;
	struct active_rule *active;
	size_t active_count;
	char *state;
	size_t state_size;
	struct rule_list by_kind[INSTRUCTION_KINDS];  /* `instruction` */
	struct rule_list triggers[INSTRUCTION_KINDS]; /* the same, behind ONBUILD */
	struct rule_list shell[INSTRUCTION_KINDS];    /* `shell` */
	bool wants_shell[INSTRUCTION_KINDS];	      /* any hook for shell bodies */
	struct map commands;			      /* name to struct command_rules */
	struct command_rules any_command;
	struct map codes;	 /* code to active index + 1 */
	struct foreign *foreign; /* ShellCheck's codes that came up, or NULL */
	/* of the file at hand */
	size_t current; /* active index of the rule being called */
	struct tree_slot **trees;
	int64_t shell_left; /* microseconds */
	size_t shell_bytes;
	bool shell_unavailable;
	bool in_exec; /* what is at hand is a RUN in JSON form */
	bool failed;
	bool hands_off; /* the body at hand is not understood: nothing in it is edited */
	size_t dropped;
	unsigned trials; /* of lint_would_find */
	VEC(struct finding *) findings;
	VEC(uint64_t) silenced; /* sorted keys, see silence_key */
	struct lint lint;
};

/* Kinds of instructions whose bodies a rule looks at, as bits. */
unsigned linter_mask(const struct rule *rule);
/* The level of a rule stands in the configuration. */
bool linter_is_override(const struct lint_config *c, const char *code);
/* A code of ShellCheck becomes a rule, once; false without memory. */
bool linter_add_foreign(struct linter *l, unsigned code);
/* What BuildKit's checks are told: by the build argument for it, else by "# check=" of the file. */
struct str linter_check_value(const struct lint *lint);
/* Reads what the comments of the file silence. */
void linter_read_pragmas(struct linter *l);
bool linter_is_silenced(const struct linter *l, const struct finding *f);

#endif
