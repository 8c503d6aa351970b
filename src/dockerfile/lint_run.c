/*
 * The broker's side of a lint run.
 */
#include "dockerfile/lint_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/work.h"
#include "dockerfile/lint_work.h"
#include "dockerfile/shellcheck.h"
#include "io/outfile.h"

/* So many files may kill a worker before the run is given up. */
enum { DEATHS_MAX = 64 };

/* --- what the worker asks for --- */

static int answer_file(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
		       struct err *e)
{
	const struct lint_job *job = context;
	const struct lint_file *f;
	uint64_t index;
	const char *path;
	int fd;

	if (!str_parse_u64(name, &index) || index >= job->files->files.count)
		return err_set(e, ERR_NOT_FOUND, "no file %.*s", STR_ARG(name));
	f = &job->files->files.items[index];
	path = kind == ASK_FILE ? f->ignore_path : f->path;
	if (!path)
		return err_set(e, ERR_NOT_FOUND, "no .dockerignore");
	fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
				    : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_set_errno(e, errno, "cannot be read");
	*ret = (struct ask_reply){.fd = fd, .size = UINT64_MAX};
	return 0;
}

/* ASK_LISTING: there are no folders to list here, but an image may be. */
static int answer_image(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
			struct err *e)
{
	const struct lint_job *job = context;
	int fd;

	(void)kind;
	if (name.len || !job->request->image)
		return err_set(e, ERR_NOT_FOUND, "no image %.*s", STR_ARG(name));
	fd = dup(*job->request->image);
	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return err_set_errno(e, errno, "what the image holds");
	*ret = (struct ask_reply){.fd = fd, .size = UINT64_MAX};
	return 0;
}

static int answer_output(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
			 struct err *e)
{
	const struct lint_job *job = context;
	uint64_t index;
	int fd;

	(void)kind;
	if (!str_parse_u64(name, &index) || index >= STREAMS || job->streams[index] < 0)
		return err_set(e, ERR_NOT_FOUND, "no output %.*s", STR_ARG(name));
	fd = dup(job->streams[index]);
	if (fd < 0)
		return err_set_errno(e, errno, "an output");
	*ret = (struct ask_reply){.fd = fd, .size = UINT64_MAX};
	return 0;
}

/* --- the worker and its deaths --- */

/* name "": what lies in STREAM_SCRIPTS */
static int answer_program(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
			  struct err *e)
{
	const struct lint_job *job = context;
	int fd;

	(void)kind;
	if (name.len || !job->request->shellcheck)
		return err_set(e, ERR_NOT_FOUND, "no program %.*s", STR_ARG(name));
	if (shellcheck_run(job->request->shellcheck, job->streams[STREAM_SCRIPTS],
			   worker_interrupted(), &fd, e) < 0)
		return -1;
	*ret = (struct ask_reply){.fd = fd, .size = UINT64_MAX};
	return 0;
}

static int open_streams(struct lint_job *job, struct err *e)
{
	for (size_t i = 0; i < STREAMS; i++) {
		bool wanted = i < job->request->output_count || i == STREAM_NOTES ||
			      (i == STREAM_SCRIPTS && job->request->shellcheck) ||
			      (i == STREAM_FIXES && job->request->fixing != LINT_FIX_NONE);

		job->streams[i] = -1;
		if (!wanted)
			continue;
		job->streams[i] = memfd_create("plimsoll-lint", MFD_CLOEXEC);
		if (job->streams[i] < 0)
			return err_set_errno(e, errno, "memory for the report");
	}
	return 0;
}

/* Back to what was complete. */
static int rewind_streams(const struct lint_job *job, struct err *e)
{
	for (size_t i = 0; i < STREAMS; i++) {
		off_t length = (off_t)job->shared->lengths[i];

		if (job->streams[i] < 0)
			continue;
		if (ftruncate(job->streams[i], length) < 0 ||
		    lseek(job->streams[i], length, SEEK_SET) < 0)
			return err_set_errno(e, errno, "the report");
	}
	return 0;
}

/*
 * A worker died. With several threads it is not known in which file: all that was not flushed is
 * done again by one thread. With one thread the file it was in is lost.
 */
static size_t mark_lost(struct lint_job *job, const char *death, struct buf *notes)
{
	struct lint_shared *shared = job->shared;
	bool alone = job->threads == 1;
	size_t lost = 0;

	job->threads = alone ? job->threads_wanted : 1;
	for (size_t i = shared->flushed; i < job->files->files.count; i++) {
		if (shared->states[i] == FILE_STARTED && alone) {
			shared->states[i] = FILE_LOST;
			buf_printf(notes, "plimsoll: %s: not looked at: %s\n",
				   job->files->files.items[i].path, death);
			lost++;
		} else if (shared->states[i] != FILE_LOST) {
			shared->states[i] = FILE_PENDING;
		}
	}
	return lost;
}

static int run_workers(struct lint_job *job, struct buf *notes, size_t *ret_lost, struct err *e)
{
	const struct ask_handler files = {.context = job, .answer = answer_file};
	const struct ask_handler outputs = {.context = job, .answer = answer_output};
	const struct ask_handler image = {.context = job, .answer = answer_image};
	const struct ask_handler programs = {.context = job, .answer = answer_program};
	struct worker_options options = {
		.handlers = {[ASK_SOURCE] = &files,
			     [ASK_FILE] = &files,
			     [ASK_LISTING] = &image,
			     [ASK_OUTPUT] = &outputs,
			     [ASK_PROGRAM] = &programs},
		.progress = job->progress,
		.confine = CONFINE_ALL,
		.signals = true,
	};

	for (int deaths = 0; deaths < DEATHS_MAX; deaths++) {
		bool alone = job->threads == 1;
		struct worker_result result;
		char death[256];
		size_t lost;

		if (worker_run(&options, lint_worker, job, &result, e) < 0)
			return -1;
		if (!result.signal)
			return 0;
		worker_death(&result, NULL, death, sizeof(death));
		lost = mark_lost(job, death, notes);
		*ret_lost += lost;
		if (alone && !lost)
			return err_set(e, ERR_INTERNAL, "%s", death);
		if (rewind_streams(job, e) < 0)
			return -1;
	}
	return err_set(e, ERR_INTERNAL, "%d workers died", DEATHS_MAX);
}

/* --- results --- */

static int copy_stream(int from, struct outfile *to, struct err *e)
{
	char chunk[65536];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(from, chunk, sizeof(chunk), at)) > 0) {
		if (outfile_write(to, str_make(chunk, (size_t)n), e) < 0)
			return -1;
		at += n;
	}
	return n < 0 ? err_set_errno(e, errno, "the report") : 0;
}

static int write_output(const struct lint_job *job, size_t i, const struct lint_totals *totals,
			struct err *e)
{
	const struct lint_output *o = &job->request->outputs[i];
	CLEANUP(outfile_abort_ptr) struct outfile *file = outfile_open(o->path, e);
	CLEANUP(buf_done) struct buf tail = BUF_INIT;
	struct outfile *done;

	if (!file || copy_stream(job->streams[i], file, e) < 0)
		return -1;
	if (o->format->tail)
		o->format->tail(&o->options, totals, &tail);
	if (buf_failed(&tail))
		return ERR_NOMEM(e);
	if (outfile_write(file, buf_str(&tail), e) < 0)
		return -1;
	done = file;
	file = NULL;
	return outfile_commit(done, e);
}

/* Copies `length` bytes of the stream at *at into the file. */
static int write_fixed(int stream, off_t *at, uint64_t length, const char *path, struct err *e)
{
	CLEANUP(outfile_abort_ptr) struct outfile *file = outfile_open(path, e);
	struct outfile *done;
	char chunk[65536];

	if (!file)
		return -1;
	while (length) {
		ssize_t n = pread(stream, chunk,
				  length < sizeof(chunk) ? (size_t)length : sizeof(chunk), *at);

		if (n <= 0)
			return err_set(e, ERR_INTERNAL, "%s: the repaired text is cut short", path);
		if (outfile_write(file, str_make(chunk, (size_t)n), e) < 0)
			return -1;
		*at += n;
		length -= (uint64_t)n;
	}
	done = file;
	file = NULL;
	return outfile_commit(done, e);
}

/* The repaired files: each appears whole or stays as it is. Only files of this run can be named. */
static int write_fixes(const struct lint_job *job, struct err *e)
{
	int stream = job->streams[STREAM_FIXES];
	struct fix_record record;
	off_t at = 0;
	ssize_t n;

	while ((n = pread(stream, &record, sizeof(record), at)) == (ssize_t)sizeof(record)) {
		if (record.file >= job->files->files.count)
			return err_set(e, ERR_INTERNAL, "a repair of no file");
		at += n;
		if (write_fixed(stream, &at, record.length,
				job->files->files.items[record.file].path, e) < 0)
			return -1;
	}
	return n == 0 ? 0 : err_set(e, ERR_INTERNAL, "the repaired texts are cut short");
}

static int write_diff(const struct lint_job *job, struct err *e)
{
	CLEANUP(outfile_abort_ptr) struct outfile *file = outfile_open("-", e);
	struct outfile *done = file;

	if (!file || copy_stream(job->streams[STREAM_FIXES], file, e) < 0)
		return -1;
	file = NULL;
	return outfile_commit(done, e);
}

static int add_stream(int stream, struct buf *out, struct err *e)
{
	char chunk[4096];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(stream, chunk, sizeof(chunk), at)) > 0) {
		buf_add(out, str_make(chunk, (size_t)n));
		at += n;
	}
	return n < 0 ? err_set_errno(e, errno, "the report") : 0;
}

static bool is_over_threshold(const struct lint_settings *s, const struct lint_totals *t)
{
	for (int level = 0; level <= (int)s->threshold && level < LEVEL_IGNORE; level++) {
		if (t->per_level[level])
			return true;
	}
	return false;
}

static int exit_code(const struct lint_request *r, const struct lint_totals *t, size_t missing)
{
	const struct lint_settings *s = r->settings;

	if (missing)
		return 1;
	if (!s->no_fail && s->threshold != LEVEL_IGNORE && is_over_threshold(s, t))
		return r->failed_exit_code;
	return t->unreadable ? 4 : 0;
}

static int write_all(struct lint_job *job, struct lint_outcome *ret, struct err *e)
{
	const struct lint_request *r = job->request;

	if (add_stream(job->streams[STREAM_NOTES], &ret->notes, e) < 0)
		return -1;
	if (r->fixing != LINT_FIX_NONE && (r->diff ? write_diff(job, e) : write_fixes(job, e)) < 0)
		return -1;
	for (size_t i = 0; i < r->output_count; i++) {
		if (write_output(job, i, &ret->totals, e) < 0)
			return -1;
	}
	return 0;
}

static int run_files(const struct lint_request *r, const struct lint_files *files,
		     struct lint_outcome *ret, struct err *e)
{
	struct lint_job job = {.request = r, .files = files};
	size_t bytes = sizeof(struct lint_shared) + files->files.count, lost = 0;
	int result = -1;

	job.threads = r->threads ? r->threads : work_cpus();
	if (job.threads > files->files.count)
		job.threads = files->files.count ? (unsigned)files->files.count : 1;
	job.threads_wanted = job.threads;
	job.shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job.shared == MAP_FAILED)
		return ERR_NOMEM(e);
	job.progress = progress_new();
	if (open_streams(&job, e) == 0 && run_workers(&job, &ret->notes, &lost, e) == 0) {
		ret->totals = job.shared->totals;
		ret->totals.unreadable += lost + files->gaps + r->image_gaps;
		ret->totals.image = r->image != NULL;
		result = write_all(&job, ret, e);
	}
	for (size_t i = 0; i < STREAMS; i++) {
		if (job.streams[i] >= 0)
			close(job.streams[i]);
	}
	progress_free(job.progress);
	munmap(job.shared, bytes);
	return result;
}

int lint_run(const struct lint_request *r, struct lint_outcome *ret, struct err *e)
{
	CLEANUP(lint_files_done) struct lint_files files = {0};

	*ret = (struct lint_outcome){0};
	for (size_t i = 0; i < r->operand_count; i++) {
		if (lint_files_add(&files, r->operands[i], e) < 0)
			return -1;
	}
	for (size_t i = 0; i < files.notes.count; i++) {
		buf_add_cstr(&ret->notes, "plimsoll: ");
		buf_add_escaped(&ret->notes, str_of(files.notes.items[i]));
		buf_add_char(&ret->notes, '\n');
	}
	if (run_files(r, &files, ret, e) < 0) {
		buf_done(&ret->notes);
		return -1;
	}
	ret->exit_code = exit_code(r, &ret->totals, files.missing);
	return 0;
}
