/*
 * Rules about what is repeated because the whole build context was copied before it. A stage that
 * builds on another has what that one installed.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_COPIED_SOURCE_H
#define PLIMSOLL_DOCKERFILE_RULES_COPIED_SOURCE_H

#include "dockerfile/rule.h"

enum copied_when {
	COPIED_ALWAYS,
	COPIED_BARE,  /* without packages on the line: they come from a file */
	COPIED_NAMED, /* packages by name, none of them a file or folder */
};

/* One step that is worth a layer of its own; the table, the rule's data, ends with tool NULL. */
struct copied_kind {
	const char *tool;   /* the first name of its row */
	const char *sub;    /* NULL: any */
	const char *option; /* that must be there, or NULL */
	enum copied_when when;
	const char *files; /* what to copy before it, or NULL: nothing */
};

/* Of the stages behind the first COPIED_STAGES nothing is remembered. */
enum { COPIED_STAGES = 64 };
struct copied_state {
	const struct instruction *copy; /* the first of the stage that takes the whole context */
	struct span source;
	bool reported;
	uint64_t seen;			/* rows of the table that came before any copy */
	uint64_t stages[COPIED_STAGES]; /* `seen` at their ends */
};

void copied_stage(struct lint *l, const struct stage *s);
void copied_instruction(struct lint *l, const struct instruction *i);
void copied_command(struct lint *l, const struct shell_tree *t, const struct shell_command *c);
void copied_stage_end(struct lint *l, const struct stage *s);

#endif
