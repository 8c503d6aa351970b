/*
 * The family of lint rules. Adding one (docs/internals/dockerfile.md tells it with an example):
 *
 * 1. rules/NAME.c, ending in its one `const struct rule rule_NAME`;
 * 2. one line RULE(NAME) in the rules_SET.def it belongs to, sorted (meson reads the same file);
 * 3. docs/rules/CODE.md with the sections Why, Bad, Good, What it costs (a test looks);
 * 4. a case in tests/unit/dockerfile (or a vector that covers it).
 *
 * A rule gets its calls in the order of the file: file, then for each stage: stage, the hooks of
 * its instructions, stage_end; at last end. For an instruction: `instruction`, then, when it has a
 * shell body that was parsed, `shell`, then `command` for each simple command. All hooks MAY be
 * NULL, at least one MUST be there.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULE_H
#define PLIMSOLL_DOCKERFILE_RULE_H

#include "dockerfile/graph.h"
#include "dockerfile/schema.h"
#include "dockerfile/shell.h"

struct lint;

enum lint_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO, LEVEL_STYLE, LEVEL_IGNORE, LEVELS };

enum rule_flag {
	RULE_TRIGGERS = 1 << 0,	    /* `instruction` also for what stands behind ONBUILD */
	RULE_ALWAYS = 1 << 1,	    /* pragmas and `ignored` cannot silence it */
	RULE_EXPERIMENTAL = 1 << 2, /* runs only when "# check=experimental=" asks for it */
	RULE_UNMASKED = 1 << 3, /* `shell` and `command` for all instructions with a shell body, not
				   RUN alone */
};

enum rule_set {
#define RULE_SET(name) RULE_SET_##name,
#include "dockerfile/rule_sets.def"
#undef RULE_SET
	RULE_SETS
};

struct rule {
	const char *code; /* MUST: what people type: "DL3008" */
	const char *
		title; /* MUST: one line, the rule as an order: "Pin versions in apt-get install" */
	enum lint_level level; /* MUST: unless the configuration says otherwise */
	unsigned flags;
	unsigned instructions; /* INSTRUCTION_BITs `instruction` is called for; 0: all. For `shell`
				  and `command` 0 is RUN */
	const char *const *commands; /* NULL-ended names `command` is called for; NULL: all */
	size_t state_size;	     /* bytes of lint_state(), zero at the start of each file */
	void (*file)(struct lint *l);
	void (*stage)(struct lint *l, const struct stage *s);
	void (*instruction)(struct lint *l, const struct instruction *i);
	void (*shell)(struct lint *l, const struct instruction *i, const struct shell_tree *t);
	void (*command)(struct lint *l, const struct shell_tree *t, const struct shell_command *c);
	void (*stage_end)(struct lint *l, const struct stage *s);
	void (*end)(struct lint *l);
	const void *data; /* the rule's own, for rules made from data */
};

struct finding;
struct lint_config;

/* What a hook sees. */
struct lint {
	const struct dockerfile *file;
	const struct graph *graph;
	const struct lint_config *config;
	const struct rule *rule; /* the one being called */
	const struct instruction
		*instruction;		 /* at hand: of a trigger the inner one; NULL outside */
	const struct stage *stage;	 /* of the instruction, or NULL */
	const struct build_state *state; /* right before the instruction, or NULL */
	struct str path;		 /* as the user named the file, may be empty */
	struct str ignore_file;		 /* content of .dockerignore; data NULL: there is none */
	struct arena *arena;		 /* lives as long as the findings */
	struct linter *linter;
	/*
	 * The tree of the file for tree-association rules (association_lint.c), made when the
	 * first of them asks: the object stays, has_tree falls with each file.
	 */
	void *tree;
	void (*tree_free)(void *tree);
	bool has_tree;
};

/*
 * Notes a finding of the rule at hand at a place of the file. The message is one sentence without a
 * full stop, file text in it comes through "%.*s" (it is escaped where it is printed). NULL when it
 * is dropped (no memory, too many): the functions below accept that.
 */
struct finding *lint_report(struct lint *l, struct span span, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Says how the finding can be repaired, then with which edits: bytes [start, end) of the file
 * become `text` (copied). Safe: the built image cannot get worse by it, and nobody needs to look.
 * The reason is printed beside the fix: why it is safe, or what must be decided. A fix without
 * edits is advice. Edits in a shell body that the grammar does not understand as a whole are not
 * taken.
 */
void lint_fix(struct lint *l, struct finding *f, bool safe, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void lint_edit(struct lint *l, struct finding *f, uint32_t start, uint32_t end, struct str text);

/* Reports what the parser noted under the code of the rule at hand (issues.def). */
void lint_report_issues(struct lint *l);

/* There was no memory for what a rule needs: the file fails. */
void lint_fail(struct lint *l);

/* The rule's own memory for this file (state_size bytes). */
void *lint_state(struct lint *l);
/* The shell tree of an instruction's body; made once a file, never NULL (see its status). */
const struct shell_tree *lint_shell(struct lint *l, const struct instruction *i);
/* The same for a RUN in JSON form: shell_exec(). Another instruction: SHELL_NO_BODY. */
const struct shell_tree *lint_exec(struct lint *l, const struct instruction *i);
/* The command by its schema, made once a command; NULL when the table does not know it. */
const struct command_use *lint_use(struct lint *l, const struct shell_tree *t,
				   const struct shell_command *c);
/*
 * Would other rules find more in the body if `instead` stood there for the command `c` of it? Asked
 * before a repair is offered that shows them a command they did not see. True as well when it was
 * asked too often for one file to be looked at again.
 */
enum { LINT_TRIALS_MAX = 200 };
bool lint_would_find(struct lint *l, const struct shell_tree *t, const struct shell_command *c,
		     const struct shell_command *instead);
/* The configuration has the rule run. */
bool lint_runs(const struct lint *l, const char *code);
/* True when the file asks for this experimental rule. */
bool lint_experimental(const struct lint *l, const char *code);

/* The built-in rules, by set, sorted within. */
size_t rule_count(void);
const struct rule *rule_at(size_t i);
enum rule_set rule_set_at(size_t i);
const char *rule_set_name(enum rule_set set);
const struct rule *rule_find(struct str code);

/* "error", "warning", "info", "style", "ignore"; LEVELS when it is none (hadolint's "none" is
 * ignore) */
const char *lint_level_name(enum lint_level level);
enum lint_level lint_level_find(struct str name);
/* "high", "medium", "low", "negligible" */
const char *lint_level_severity(enum lint_level level);

#endif
