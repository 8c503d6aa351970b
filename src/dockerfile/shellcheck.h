/*
 * ShellCheck beside our own rules (--shellcheck). No body is run through it twice, and few
 *processes are started:
 *
 *	worker	for a batch of files: makes the scripts (shellcheck_script) and writes them, each
 *		behind a script_record, into STREAM_SCRIPTS; asks ASK_PROGRAM
 *	broker	(shellcheck_run) starts `shellcheck -f json1` for SHELLCHECK_SCRIPTS of them at a
 *		time, which reads them from the broker's memory files by /proc/PID/fd/N: nothing is
 *		written to disk. Its output goes back unread
 *	worker	reads the output (shellcheck_read), then lints the batch; lint_text makes findings
 *		of it (lint_input.checks), under the code of ShellCheck and its level
 *
 * What we have as a rule of our own is dropped from ShellCheck's answer; ignored codes, levels and
 * pragmas hold for the others as for ours. Scripts begin as hadolint's: "#!" and the shell in
 *force, then one line that exports ENV and ARG, so that they count as set.
 *
 * A script that ShellCheck does not finish in its time and memory is looked for by halves and told
 * as a gap: its file counts as not looked at. ShellCheck reads text of the file, as hostile as it
 * may be, in a process without the cage of the worker: that is why it is off unless asked for.
 */
#ifndef PLIMSOLL_DOCKERFILE_SHELLCHECK_H
#define PLIMSOLL_DOCKERFILE_SHELLCHECK_H

#include "dockerfile/rule.h"

enum {
	SHELLCHECK_SCRIPTS = 128,    /* for one process */
	SHELLCHECK_PREAMBLE = 2,     /* lines before the body */
	SHELLCHECK_VARIABLES = 1000, /* exported at most, the newest */
	SHELLCHECK_COMMENTS = 1000,  /* taken of one script */
	SHELLCHECK_SECONDS = 20,     /* for one script; a second more for each two beside it */
	SHELLCHECK_MIB = 1024,	     /* of memory for one process */
	SHELLCHECK_LOST = 8,	     /* after so many that were not finished no more are run */
};

/* One comment of ShellCheck. Lines and columns as it counts them, in the script. */
struct shellcheck_comment {
	uint32_t script; /* number within the batch */
	uint32_t instruction;
	uint32_t line, column, end_line, end_column;
	unsigned code;
	enum lint_level level;
	struct str message;
};

/* Before each script in STREAM_SCRIPTS. */
struct script_record {
	uint64_t length;
};

/* Before each output in the answer; count 1 and length 0: the script was not finished. */
struct output_record {
	uint32_t first; /* script */
	uint32_t count;
	uint64_t length;
	int32_t fds[SHELLCHECK_SCRIPTS]; /* the N of /proc/PID/fd/N, by script */
};

/* --- worker's side --- */

/*
 * The script for the body of an instruction into `out`, false when there is none for ShellCheck: no
 * shell form, a shell it does not know, too long. `state` is what holds before the instruction.
 */
bool shellcheck_script(struct arena *arena, const struct build_state *state,
		       const struct instruction *i, const struct shell_tree *t, struct buf *out);

typedef VEC(struct shellcheck_comment) shellcheck_comments;
/* Texts into the arena. -1: it is not what ShellCheck writes, or no memory. */
int shellcheck_read(const struct output_record *record, struct str json, struct arena *arena,
		    shellcheck_comments *ret, struct err *e);

/* Bytes of the body for a line and column. */
uint32_t shellcheck_offset(struct str body, uint32_t line, uint32_t column);

/* --- broker's side --- */

/* The program answers to --version. ERR_NOT_FOUND otherwise. */
int shellcheck_find(const char *program, struct err *e);
/* Runs the scripts of that stream, which is empty afterwards; *ret_fd: a memory file of outputs. */
int shellcheck_run(const char *program, int stream, volatile const int *interrupted, int *ret_fd,
		   struct err *e);

#endif
