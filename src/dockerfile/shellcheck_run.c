/*
 * The broker's side: scripts from a stream into memory files, ShellCheck over them, its output into
 * another. Nothing of it is read here.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "dockerfile/shellcheck.h"
#include "io/program.h"

enum { OUTPUT_MAX = 64 << 20, SCRIPT_MAX = 1 << 20, RANGES = 64 };

int shellcheck_find(const char *program, struct err *e)
{
	const char *const argv[] = {program, "--version", NULL};
	int status;

	if (program_run(&(struct program_run){.argv = argv}, &status, e) < 0)
		return -1;
	return status ? err_set(e, ERR_NOT_FOUND, "'%s --version' ends with status %d", program,
				status)
		      : 0;
}

struct runner {
	const char *program;
	int stream;
	VEC(uint64_t) starts; /* of the scripts in the stream, and the end */
	int out;
	unsigned lost;
};

static int put(int fd, const void *data, size_t length, struct err *e)
{
	const char *p = data;

	while (length) {
		ssize_t n = write(fd, p, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(e, errno, "memory for shellcheck");
		p += n;
		length -= (size_t)n;
	}
	return 0;
}

/* Where the scripts begin. The worker wrote it: every length is checked. */
static int find_scripts(struct runner *r, struct err *e)
{
	off_t end = lseek(r->stream, 0, SEEK_END), at = 0;

	while (at < end) {
		struct script_record record;
		uint64_t *slot = vec_push(&r->starts);

		if (!slot)
			return ERR_NOMEM(e);
		if (pread(r->stream, &record, sizeof(record), at) != (ssize_t)sizeof(record) ||
		    record.length > SCRIPT_MAX ||
		    record.length > (uint64_t)(end - at) - sizeof(record))
			return err_set(e, ERR_FORMAT, "a script for shellcheck is cut short");
		*slot = (uint64_t)at;
		at += (off_t)(sizeof(record) + record.length);
	}
	return end < 0 ? err_set_errno(e, errno, "the scripts") : 0;
}

static int open_script(const struct runner *r, size_t script, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct script_record record;
	off_t at = (off_t)r->starts.items[script];
	char *room;
	int fd;

	if (pread(r->stream, &record, sizeof(record), at) != (ssize_t)sizeof(record) ||
	    record.length > SCRIPT_MAX)
		return err_set(e, ERR_FORMAT, "a script for shellcheck is cut short");
	room = buf_reserve(&text, (size_t)record.length + 1);
	if (!room)
		return ERR_NOMEM(e);
	if (pread(r->stream, room, (size_t)record.length, at + (off_t)sizeof(record)) !=
	    (ssize_t)record.length)
		return err_set(e, ERR_FORMAT, "a script for shellcheck is cut short");
	fd = memfd_create("plimsoll-script", MFD_CLOEXEC);
	if (fd < 0)
		return err_set_errno(e, errno, "memory for a script");
	if (put(fd, room, (size_t)record.length, e) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* 1: its output is in `output`; 0: it did not come to an end; <0 */
static int start(const struct runner *r, const struct output_record *record, struct buf *output,
		 struct err *e)
{
	static const char *const options[] = {
		"--norc", "-f", "json1", "-S", "style", "-e", "SC1090,SC1091,SC1128,SC2148,SC2187"};
	enum { OPTIONS = sizeof(options) / sizeof(options[0]) };
	const char *argv[1 + OPTIONS + SHELLCHECK_SCRIPTS + 1] = {r->program};
	char paths[SHELLCHECK_SCRIPTS][48];
	struct err why = ERR_INIT;
	int status = 0;

	for (size_t i = 0; i < OPTIONS; i++)
		argv[1 + i] = options[i];
	for (uint32_t i = 0; i < record->count; i++) {
		snprintf(paths[i], sizeof(paths[i]), "/proc/%ld/fd/%d", (long)getpid(),
			 record->fds[i]);
		argv[1 + OPTIONS + i] = paths[i];
	}
	if (program_run(&(struct program_run){.argv = argv,
					      .out = output,
					      .seconds = SHELLCHECK_SECONDS + record->count / 2,
					      .memory = (uint64_t)SHELLCHECK_MIB << 20},
			&status, &why) < 0) {
		if (why.code == ERR_LIMIT)
			return 0;
		*e = why;
		return -1;
	}
	/* 0: nothing found, 1: something */
	return status <= 1 && output->len > 0;
}

static int run_range(struct runner *r, uint32_t first, uint32_t count, bool *ret_done,
		     struct err *e)
{
	struct output_record record = {.first = first, .count = count};
	CLEANUP(buf_done) struct buf output;
	int result = 0;
	uint32_t n;

	buf_init(&output, NULL, OUTPUT_MAX);
	for (n = 0; n < count && result >= 0; n++) {
		record.fds[n] = open_script(r, first + n, e);
		result = record.fds[n] < 0 ? -1 : 0;
	}
	if (result >= 0)
		result = r->lost < SHELLCHECK_LOST ? start(r, &record, &output, e) : 0;
	while (n--) {
		if (record.fds[n] >= 0)
			close(record.fds[n]);
	}
	*ret_done = result > 0;
	if (result < 0 || (!result && count > 1))
		return result;
	if (!result) {
		r->lost++;
		buf_clear(&output);
	}
	record.length = output.len;
	if (put(r->out, &record, sizeof(record), e) < 0)
		return -1;
	return put(r->out, output.data, output.len, e);
}

/* What does not come to an end is halved, until the script that is to blame is found. */
static int run_ranges(struct runner *r, volatile const int *interrupted, struct err *e)
{
	uint32_t total = (uint32_t)r->starts.count;

	for (uint32_t at = 0; at < total; at += SHELLCHECK_SCRIPTS) {
		struct {
			uint32_t first, count;
		} ranges[RANGES];
		unsigned n = 1;

		ranges[0].first = at;
		ranges[0].count = total - at < SHELLCHECK_SCRIPTS ? total - at : SHELLCHECK_SCRIPTS;
		while (n) {
			uint32_t first = ranges[--n].first, count = ranges[n].count;
			bool done;

			if (interrupted && *interrupted)
				return err_set(e, ERR_CANCELLED, "interrupted");
			if (run_range(r, first, count, &done, e) < 0)
				return -1;
			if (done || count == 1)
				continue;
			ranges[n].first = first + count / 2;
			ranges[n++].count = count - count / 2;
			ranges[n].first = first;
			ranges[n++].count = count / 2;
		}
	}
	return 0;
}

int shellcheck_run(const char *program, int stream, volatile const int *interrupted, int *ret_fd,
		   struct err *e)
{
	struct runner r = {.program = program, .stream = stream};
	int result;

	r.out = memfd_create("plimsoll-shellcheck", MFD_CLOEXEC);
	if (r.out < 0)
		return err_set_errno(e, errno, "memory for shellcheck's answer");
	result = find_scripts(&r, e);
	if (result >= 0)
		result = run_ranges(&r, interrupted, e);
	vec_done(&r.starts);
	if (result >= 0 && (ftruncate(stream, 0) < 0 || lseek(stream, 0, SEEK_SET) < 0 ||
			    lseek(r.out, 0, SEEK_SET) < 0))
		result = err_set_errno(e, errno, "memory for shellcheck");
	if (result < 0) {
		close(r.out);
		return -1;
	}
	*ret_fd = r.out;
	return 0;
}
