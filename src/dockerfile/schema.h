/*
 * What the words of a command mean: which options take values, sub-commands, the roles of
 * positions. The table is data (commands.def); nothing here knows a command by name.
 *
 * Adding a command: one COMMAND row in commands.def (its head explains the notation). Options are
 * asked for by their canonical name, the first spelling of the row: command_flag(&use, "yes").
 */
#ifndef PLIMSOLL_DOCKERFILE_SCHEMA_H
#define PLIMSOLL_DOCKERFILE_SCHEMA_H

#include "dockerfile/shell.h"

struct subcommand_schema {
	const char *name;      /* "install", "cache clean"; "": the command itself */
	const char *tree;      /* name in tree types, or NULL: from `name` */
	const char *positions; /* "package...", "source... target", "[file]" */
	const char *options;   /* further ones, as in command_schema.options */
};

struct command_schema {
	const char *names; /* separated by blanks; the first is the canonical one */
	const char *tree;  /* "APT-GET": in tree types, SC-APT-GET-INSTALL */
	const char *options;
	const struct subcommand_schema *subs; /* ends with name NULL */
};

enum command_option_kind {
	OPTION_SWITCH,
	OPTION_COUNT,
	OPTION_VALUE,
	OPTION_VALUES,
	OPTION_ATTACHED
};

struct command_flag {
	struct str name;     /* canonical, without dashes; of an unknown option as written */
	struct str spelling; /* as written: "-y", "--yes" */
	bool known;
	bool has_value;
	struct str value;
	enum command_option_kind kind;
	uint32_t arg;	    /* index in argv of the word that holds it */
	uint32_t value_arg; /* of the word that holds the value; == arg when attached */
};

struct command_position {
	struct str role; /* "package"; "" when the schema has no more roles */
	bool many;	 /* one of "package..." */
	uint32_t arg;
};

struct command_use {
	const struct command_schema *schema;
	const struct subcommand_schema *sub; /* NULL: none of the row's fits */
	const struct shell_command *command;
	uint32_t first;	  /* index in argv of the command's own name: 2 in "python -m pip" */
	uint32_t sub_arg; /* of the sub-command's first word, or 0 */
	uint32_t flag_count;
	uint32_t position_count;
	const struct command_flag *flags;
	const struct command_position *positions;
};

/* NULL when the table has no such command. The name without folders; "pip3.11" is found as pip. */
const struct command_schema *command_schema_find(struct str name);
size_t command_schema_count(void);
const struct command_schema *command_schema_at(size_t i);

/*
 * Reads a command by its schema. False when the table does not have it, or without memory.
 * "python3 -m pip install x" is read as pip.
 */
bool command_use_parse(struct arena *arena, const struct shell_command *c, struct command_use *ret);

/* The flag of that canonical name (the first one), or NULL. */
const struct command_flag *command_flag(const struct command_use *use, const char *name);
static inline bool command_has(const struct command_use *use, const char *name)
{
	return command_flag(use, name) != NULL;
}
static inline bool command_is(const struct command_use *use, const char *sub)
{
	return use->sub && strcmp(use->sub->name, sub) == 0;
}

/*
 * The command that another one runs: of "sudo -u x apt-get install y" the part from apt-get on, by
 * the role "command...". False when there is none. argv is shared.
 */
bool command_inner(const struct command_use *use, struct shell_command *ret);

/* Iterates the options of a row: for the table's own tests and for tree types. */
struct option_spec {
	struct str spellings; /* "yes|y|assume-yes" */
	struct str name;      /* the first */
	enum command_option_kind kind;
};
bool option_spec_next(struct str *rest, struct option_spec *ret);

#endif
