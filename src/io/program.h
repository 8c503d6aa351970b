/*
 * Programs that the broker runs: gpgv, apt-get, shellcheck, later git. No shell, a fixed
 * environment (PATH, LC_ALL=C.UTF-8, HOME, and what `keep` names), standard input empty, output
 * bounded, killed at its time limit.
 */
#ifndef PLIMSOLL_IO_PROGRAM_H
#define PLIMSOLL_IO_PROGRAM_H

#include "base/buf.h"

struct program_run {
	const char *const *argv; /* NULL-ended; argv[0] is looked up in PATH */
	struct buf *out;	 /* standard output, up to its maximum; NULL: dropped */
	struct buf *err;	 /* standard error, the same */
	unsigned seconds;	 /* 0: 60 */
	uint64_t memory;	 /* bytes it may take for its data; 0: no limit */
	const char *keep;	 /* MAY: a variable of this environment that is handed on */
};

/*
 * The exit status in ret_status (128 + signal when it was killed). ERR_NOT_FOUND when there is no
 * such program, ERR_LIMIT when it ran or wrote too long.
 */
int program_run(const struct program_run *run, int *ret_status, struct err *e);

#endif
