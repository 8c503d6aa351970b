/*
 * Commands and options: one table each, from which parsing, help, man pages and shell completion
 * all come. One file per command: cmd_NAME.c ending in its `const struct command`.
 */
#ifndef PLIMSOLL_CLI_COMMAND_H
#define PLIMSOLL_CLI_COMMAND_H

#include "base/buf.h"
#include "base/err.h"

/* Decision 11: what a file in the project folder may not set. */
enum trust {
	TRUST_OUTPUT,
	TRUST_SCOPE,
	TRUST_GATE,
	TRUST_DATABASE,
	TRUST_LIMITS,
	TRUST_CONFINEMENT
};

enum option_kind {
	OPTION_FLAG,	 /* no value; counts */
	OPTION_TEXT,	 /* one value, the last wins */
	OPTION_LIST,	 /* repeatable */
	OPTION_CHOICE,	 /* one of choices[] */
	OPTION_NUMBER,	 /* unsigned, with optional k, M, G (powers of 1024) */
	OPTION_OPTIONAL, /* --fix or --fix=VALUE */
};

struct option {
	const char *name; /* "fail-on"; NULL ends the list */
	char letter;	  /* 'f' or 0 */
	enum option_kind kind;
	const char *value; /* what stands in help: "SEVERITY" */
	const char *help;
	const char *const *choices; /* NULL-ended; OPTION_CHOICE, or completion of others */
	enum trust trust;
	const char *same_as; /* name of the option it is another spelling of, or NULL */
};

struct option_value {
	const struct option *option;
	const char *text; /* NULL for flags */
};

/* The parsed command line. */
struct invocation {
	const struct command *command;
	VEC(struct option_value) values;
	VEC(const char *) operands;
};

struct command {
	const char *name;     /* "scan", "db build" */
	const char *operands; /* "SOURCE..." */
	const char *summary;
	const char *description;	   /* paragraphs for help and man */
	const char *const *examples;	   /* NULL-ended pairs: command, what it does */
	const struct option *options;	   /* its own; the common ones come besides */
	size_t operands_min, operands_max; /* SIZE_MAX: no limit */
	/* Returns the exit code; an error in e (code set) is printed by main and decides 1 or 3. */
	int (*run)(const struct invocation *in, struct err *e);
};

extern const struct command *const commands[]; /* NULL-ended, in the order of help */

const char *invocation_text(const struct invocation *in, const char *name); /* last value or NULL */
size_t invocation_count(const struct invocation *in, const char *name);
bool invocation_flag(const struct invocation *in, const char *name);
/* i-th value of a repeatable option, NULL past the end */
const char *invocation_item(const struct invocation *in, const char *name, size_t i);
/* ERR_USAGE naming option, value and what is allowed */
int invocation_number(const struct invocation *in, const char *name, uint64_t *ret, struct err *e);

#endif
