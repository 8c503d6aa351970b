/*
 * Which files a lint run looks at: operands to a list. Names only; nothing is opened.
 */
#ifndef PLIMSOLL_DOCKERFILE_LINT_FILES_H
#define PLIMSOLL_DOCKERFILE_LINT_FILES_H

#include "base/buf.h"

/* Folders below an operand at most; deeper ones are noted. */
enum { LINT_FOLDERS_DEEP = 256 };

struct lint_file {
	char *path;	   /* "-": standard input */
	char *ignore_path; /* the .dockerignore that belongs to it, or NULL */
};

struct lint_files {
	VEC(struct lint_file) files;
	VEC(char *) notes; /* what was passed over, as "PATH: why" */
	size_t gaps;	   /* of the notes: files or folders that could not be looked at */
	size_t missing;	   /* operands that are not there: an error each, in notes too */
	struct arena arena;
};

void lint_files_done(struct lint_files *l);

/*
 * Adds what an operand means: a file (whatever its name), "-", a folder (every file in it called
 * like a Dockerfile, links to folders not followed), or a pattern with * ? [ that no file is
 * called. Sorted by name within an operand. Fails for memory only.
 */
int lint_files_add(struct lint_files *l, const char *operand, struct err *e);

/* Dockerfile, Dockerfile.x, x.Dockerfile, Containerfile, ...: case does not matter. */
bool lint_file_name(struct str name);

#endif
