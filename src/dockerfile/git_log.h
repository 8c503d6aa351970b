/*
 * What `git log -p` tells of files, with the whole file as context: each change as the text before
 * and after it. The arguments that it needs are git_log_arguments, behind "git -C FOLDER".
 */
#ifndef PLIMSOLL_DOCKERFILE_GIT_LOG_H
#define PLIMSOLL_DOCKERFILE_GIT_LOG_H

#include "dockerfile/corpus.h"

/* NULL-ended. Newest first, no merges, nothing that the repository's own settings could add. */
extern const char *const git_log_arguments[];

struct git_change {
	struct str commit; /* its name; "" when the stream has none */
	struct str path;
	struct str before; /* "" when the file was new */
	struct str after;
	bool is_new;
};

struct git_log_sink {
	void *context;
	/* <0 stops. */
	int (*change)(void *context, const struct git_change *c, struct err *e);
	/* A change that could not be read, as "name, commit x, path: why". */
	void (*gap)(void *context, const char *what);
};

/*
 * Reads the stream (which it closes) to its end; anything that is no change is passed over. `name`
 * is for messages. <0 when it cannot be read on.
 */
int git_log_read(struct stream *s, struct str name, const struct git_log_sink *sink,
		 struct budget *budget, struct err *e);

#endif
