/*
 * The broker's side of a build: what the worker reads and writes is opened here. Nothing is parsed.
 *
 *	ASK_LISTING "2"		the files of a folder: "SECONDS PATH" each with a NUL behind it,
 *sorted; no descriptor when the input is a file ASK_SOURCE "2"		the input itself ASK_FILE
 *"2/17"		the file of that number of the listing ASK_OUTPUT "spill", "blob", "index",
 *"report"	empty files; blobs are kept in their order
 */
#ifndef PLIMSOLL_ADVISORY_FILES_H
#define PLIMSOLL_ADVISORY_FILES_H

#include "io/ask.h"

struct build_files;

struct build_files_options {
	int dir; /* of the database: temporary files live here; borrowed */
	const char *const *inputs;
	size_t input_count;
};

/* ERR_NOT_FOUND, ERR_IO naming the input. */
int build_files_open(const struct build_files_options *options, struct build_files **ret,
		     struct err *e);
/* Accepts NULL. */
void build_files_close(struct build_files *f);
int build_files_answer(void *build_files, enum ask_kind kind, struct str name,
		       struct ask_reply *ret, struct err *e);

/* What was written: borrowed descriptors; -1 when there is none. */
size_t build_files_blobs(const struct build_files *f);
int build_files_blob(const struct build_files *f, size_t i);
int build_files_index(const struct build_files *f);
int build_files_report(const struct build_files *f);

#endif
