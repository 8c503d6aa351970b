/*
 * Tree-association rules: where the antecedent is found, the consequent must be found too, in a
 * place that location and scope name (Henkel et al., "Learning from, understanding, and supporting
 * DevOps artifacts for Docker", ICSE 2020).
 *
 * A pattern is written as a type with its children behind it in brackets:
 *
 *	SC-RM(SC-RM-F-FORCE SC-RM-PATHS(SC-RM-PATH))
 *
 * TYPE=text asks for that value, too, "..." around type or text where they hold blanks or brackets.
 * A node matches when its type (and value) is equal and every child of the pattern is found below
 * one of its children: the children themselves, or, where their types differ, theirs at any depth;
 * order and distance do not matter. An antecedent is looked for at every node of its root's type.
 *
 * A consequent may be several patterns, parted by blanks: all must be found, each for itself.
 *
 * location child: the consequent is looked for below the children of the node at the ^ of the
 * antecedent. follows (precedes): below the siblings after (before) the antecedent, and after
 * (before) each of its ancestors, up to the node type of the scope: "intra" is BASH-SCRIPT (the
 * same RUN), "inter" DOCKER-FILE (the same file), else any type.
 */
#ifndef PLIMSOLL_DOCKERFILE_ASSOCIATION_H
#define PLIMSOLL_DOCKERFILE_ASSOCIATION_H

#include "dockerfile/forest.h"
#include "dockerfile/rule.h"

/* Antecedent, consequent and the way to ^ together. */
enum { PATTERN_NODES_MAX = 64, ASSOCIATIONS_MAX = 10000, ASSOCIATION_EXAMPLES = 3 };

struct pattern_node {
	uint32_t type;
	uint32_t value; /* 0: any */
	uint32_t parent;
	uint64_t children; /* bit i: node i of the pattern */
};

struct pattern {
	struct str text; /* in normal form */
	struct pattern_node nodes[PATTERN_NODES_MAX];
	uint32_t count;
	uint32_t mark;	/* the node with ^; 0, the root, without one */
	uint64_t roots; /* bit i: node i stands at the top; all of them must be found */
};

/* ERR_FORMAT with the column. Text is kept in the arena. Without recursion. */
int pattern_parse(struct str text, struct symbols *symbols, struct arena *arena,
		  struct pattern *ret, struct err *e);

enum association_location { LOCATION_CHILD, LOCATION_FOLLOWS, LOCATION_PRECEDES, LOCATIONS };

/* What was counted somewhere; 0 everywhere: nothing was. */
struct association_figures {
	uint64_t support;   /* matches of the antecedent */
	uint64_t confirmed; /* of these: with the consequent */
	uint64_t files;	    /* with a match */
	uint64_t files_violating;
};

/* Of a rule that was mined from a history (history.h). */
struct association_history {
	uint64_t made;	  /* changes that mended a violation */
	uint64_t undone;  /* changes the other way */
	uint64_t commits; /* with the former */
};

/*
 * How a violation is repaired (association_fix.c). `text` may hold {TYPE}, what is written at the
 * first node of that type below the antecedent (one that matches, where the antecedent asks for the
 * type), and {variable}, the one that the antecedent's output is assigned to; where there is none,
 * there is no repair.
 */
enum association_fix_kind {
	FIX_NONE,
	FIX_ADVICE,  /* no edit, only the reason */
	FIX_OPTION,  /* text behind the command and its sub-command */
	FIX_APPEND,  /* "&& text" at the end of the RUN */
	FIX_BEFORE,  /* "text &&" in front of the command */
	FIX_BEHIND,  /* "&& text" right behind the command */
	FIX_REPLACE, /* text at the node with ^ becomes `with` */
	FIX_KINDS
};

struct association_fix {
	enum association_fix_kind kind;
	struct str text;
	struct str with;
	struct str append; /* MAY, FIX_BEFORE: also "&& append" at the end of the RUN */
	struct str unless; /* MAY: a type; where the RUN has it, `append` is left out */
	struct str when;   /* MAY: a type that must stand below the antecedent */
	struct str beside; /* MAY: a type that must stand in the RUN */
	bool safe;
	struct str reason;
};

struct association {
	struct str name;  /* MUST: a word */
	struct str title; /* an order: "Give curl --fail"; empty: made from the patterns */
	struct str why;
	enum lint_level level;
	struct pattern antecedent;
	struct pattern consequent;
	struct association_fix fix;
	enum association_location location;
	struct str scope;	 /* as written */
	uint32_t stop;		 /* the scope's type */
	struct str place;	 /* path and line, for messages */
	struct symbols *symbols; /* of a rule of the linter: those of its patterns */
	uint32_t index;		 /* in its list */
	uint32_t bits;		 /* antecedent, consequent, way to the mark */
	struct str examples[ASSOCIATION_EXAMPLES]; /* read and written, not used */
	struct association_figures found;	   /* where it was mined */
	struct association_figures second;	   /* in a second corpus */
	struct association_history history;
};

struct associations {
	struct symbols *symbols;
	VEC(struct association *) rules;
	struct arena arena;
};

void associations_init(struct associations *a, struct symbols *symbols);
void associations_done(struct associations *a);

/*
 * Adds the rules of a YAML (or JSON) list; data/rules/gold.yaml shows the form, docs/formats/
 * tree-rules.md tells it. ERR_FORMAT with path and line; nothing is added then.
 */
int associations_read(struct associations *a, struct str text, const char *path, struct err *e);
/* The 23 rules built in. */
int associations_read_gold(struct associations *a, struct err *e);
/* The rules in the form that associations_read takes. */
void associations_write(const struct associations *a, struct buf *out);

const char *association_location_name(enum association_location location);
/* The key of a rule file; NULL for FIX_NONE and FIX_ADVICE. */
const char *association_fix_name(enum association_fix_kind kind);
/* Takes the next {name} of a repair's text off *rest, and what stands before it. False: no more. */
bool association_fix_next(struct str *rest, struct str *ret_before, struct str *ret_name);

/* Checks the sum of the parts and prepares; <0 ERR_LIMIT with more than PATTERN_NODES_MAX. */
int association_compile(struct association *a, struct err *e);

/* Working memory, made once a thread. Zero-initialised is valid. */
struct association_scratch {
	uint64_t *found; /* by node of the tree: patterns' nodes found at or below it */
	uint8_t *flags;
	size_t room;
	uint32_t *seen; /* by symbol: number of the tree it was last seen in */
	size_t seen_room;
	uint32_t stamp;
};
void association_scratch_done(struct association_scratch *s);

/* A match of the antecedent at a node; `holds`: with the consequent. */
typedef void association_match(void *context, const struct association *a, uint32_t node,
			       bool holds);

/*
 * Runs rules over one tree of the forest, calling `match` for every match of an antecedent, rule by
 * rule in the order of the tree. Linear: nodes times rules whose types occur. Fails for memory.
 */
int association_run(const struct association *const *rules, size_t count, const struct forest *f,
		    const struct forest_tree *tree, struct association_scratch *scratch,
		    association_match *match, void *context, struct err *e);

#endif
