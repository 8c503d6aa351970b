/*
 * The broker's side of a mining run: names to files, and the report of the worker.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dockerfile/mine_work.h"

enum { REPORT_MAX = 1 << 30 };

static int answer_file(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
		       struct err *e)
{
	const struct mine_job *job = context;
	const char *path;
	uint64_t index;
	int fd;

	(void)kind;
	if (!str_parse_u64(name, &index) || index >= job->files.files.count + (job->history >= 0))
		return err_set(e, ERR_NOT_FOUND, "no file %.*s", STR_ARG(name));
	if (job->history >= 0 && index == 0) {
		fd = dup(job->history);
		if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0)
			return err_set_errno(e, errno, "the history");
		*ret = (struct ask_reply){.fd = fd, .size = UINT64_MAX};
		return 0;
	}
	index -= job->history >= 0;
	path = job->files.files.items[index].path;
	/* without waiting for who may write to a pipe */
	fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
				    : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return err_set_errno(e, errno, "cannot be read");
	*ret = (struct ask_reply){.fd = fd, .size = UINT64_MAX};
	return 0;
}

static int answer_output(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
			 struct err *e)
{
	const struct mine_job *job = context;
	uint64_t index;
	int fd;

	(void)kind;
	if (!str_parse_u64(name, &index) || index >= MINE_STREAMS)
		return err_set(e, ERR_NOT_FOUND, "no output %.*s", STR_ARG(name));
	fd = dup(job->streams[index]);
	if (fd < 0)
		return err_set_errno(e, errno, "an output");
	*ret = (struct ask_reply){.fd = fd, .size = UINT64_MAX};
	return 0;
}

static int add_stream(int stream, struct buf *out, struct err *e)
{
	off_t at = 0;
	ssize_t n;

	for (;;) {
		char *p = out->len > REPORT_MAX ? NULL : buf_reserve(out, 65536);

		if (!p)
			return ERR_NOMEM(e);
		n = pread(stream, p, 65536, at);
		if (n <= 0)
			return n < 0 ? err_set_errno(e, errno, "the report") : 0;
		buf_used(out, (size_t)n);
		at += n;
	}
}

static int run_worker(struct mine_job *job, struct err *e)
{
	const struct ask_handler files = {.context = job, .answer = answer_file};
	const struct ask_handler outputs = {.context = job, .answer = answer_output};
	const struct worker_options options = {
		.handlers = {[ASK_SOURCE] = &files, [ASK_OUTPUT] = &outputs},
		.confine = CONFINE_ALL,
		.signals = true,
	};
	struct worker_result result;
	char death[256];

	for (int i = 0; i < MINE_STREAMS; i++) {
		job->streams[i] = memfd_create("plimsoll-mine", MFD_CLOEXEC);
		if (job->streams[i] < 0)
			return err_set_errno(e, errno, "memory for the report");
	}
	if (worker_run(&options, mine_worker, job, &result, e) < 0)
		return -1;
	if (!result.signal)
		return 0;
	worker_death(&result, NULL, death, sizeof(death));
	return err_set(e, ERR_INTERNAL, "%s", death);
}

static void add_notes(const struct lint_files *files, struct buf *notes)
{
	for (size_t i = 0; i < files->notes.count; i++) {
		buf_add_cstr(notes, "plimsoll: ");
		buf_add_escaped(notes, str_of(files->notes.items[i]));
		buf_add_char(notes, '\n');
	}
}

static int run_job(struct mine_job *job, struct mine_outcome *ret, struct err *e)
{
	int result = -1;

	job->gaps = mmap(NULL, sizeof(*job->gaps), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job->gaps == MAP_FAILED)
		return ERR_NOMEM(e);
	if (run_worker(job, e) == 0 &&
	    add_stream(job->streams[MINE_REPORT], &ret->report, e) == 0 &&
	    add_stream(job->streams[MINE_NOTES], &ret->notes, e) == 0)
		result = 0;
	ret->gaps += *job->gaps + job->files.gaps;
	ret->missing += job->files.missing;
	for (int i = 0; i < MINE_STREAMS; i++) {
		if (job->streams[i] >= 0)
			close(job->streams[i]);
	}
	munmap(job->gaps, sizeof(*job->gaps));
	return result;
}

void mine_outcome_done(struct mine_outcome *o)
{
	buf_done(&o->report);
	buf_done(&o->notes);
}

int mine_run(const struct mine_request *r, struct mine_outcome *ret, struct err *e)
{
	struct mine_job job = {.request = r, .streams = {-1, -1}, .history = -1};
	int result = 0;

	*ret = (struct mine_outcome){0};
	if (r->history)
		result = mine_history_open(&job, ret, e);
	for (size_t i = 0; !r->history && i < r->operand_count && result == 0; i++)
		result = lint_files_add(&job.files, r->operands[i], e);
	job.second = job.files.files.count;
	if (result == 0 && r->second)
		result = lint_files_add(&job.files, r->second, e);
	if (result == 0) {
		add_notes(&job.files, &ret->notes);
		result = run_job(&job, ret, e);
	}
	lint_files_done(&job.files);
	if (job.history >= 0)
		close(job.history);
	if (result < 0)
		mine_outcome_done(ret);
	return result;
}
