/*
 * The broker's part of mining a history: git is run there, its words are read by the worker.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dockerfile/git_log.h"
#include "dockerfile/mine_work.h"
#include "io/program.h"

/* What git may say of a repository, in how long. */
enum { HISTORY_MAX = 768 << 20, HISTORY_SECONDS = 600, ARGUMENTS_MAX = 64 };

static void note(struct mine_outcome *ret, const char *folder, struct str why)
{
	buf_add_cstr(&ret->notes, "plimsoll: ");
	buf_add_escaped(&ret->notes, str_of(folder));
	buf_add_cstr(&ret->notes, ": ");
	buf_add_escaped(&ret->notes, str_trim(why));
	buf_add_char(&ret->notes, '\n');
}

static int run_git(const char *folder, struct buf *out, struct buf *words, int *ret_status,
		   struct err *e)
{
	const char *argv[ARGUMENTS_MAX] = {"git", "-C", folder};
	size_t count = 3;

	for (size_t i = 0; git_log_arguments[i] && count < ARGUMENTS_MAX - 1; i++)
		argv[count++] = git_log_arguments[i];
	return program_run(
		&(struct program_run){
			.argv = argv, .out = out, .err = words, .seconds = HISTORY_SECONDS},
		ret_status, e);
}

static int write_all(int fd, struct str text, struct err *e)
{
	while (text.len) {
		ssize_t n = write(fd, text.data, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(e, errno, "memory for the history");
		text = str_from(text, (size_t)n);
	}
	return 0;
}

/* One repository; one that git cannot read is told and counts as missing. */
static int add_repository(struct mine_job *job, const char *folder, struct mine_outcome *ret,
			  struct err *e)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT, words = BUF_INIT;
	struct err why = ERR_INIT;
	int status = 0;

	buf_init(&out, NULL, HISTORY_MAX);
	buf_init(&words, NULL, 16384);
	if (run_git(folder, &out, &words, &status, &why) < 0) {
		if (why.code != ERR_LIMIT) {
			*e = why;
			return -1;
		}
		note(ret, folder, str_of(why.message));
		ret->gaps++;
		return 0;
	}
	if (status != 0) {
		note(ret, folder, words.len ? buf_str(&words) : STR("git failed"));
		ret->missing++;
		return 0;
	}
	return write_all(job->history, buf_str(&out), e);
}

int mine_history_open(struct mine_job *job, struct mine_outcome *ret, struct err *e)
{
	const struct mine_request *r = job->request;

	job->history = memfd_create("plimsoll-history", MFD_CLOEXEC);
	if (job->history < 0)
		return err_set_errno(e, errno, "memory for the history");
	for (size_t i = 0; i < r->operand_count; i++) {
		if (add_repository(job, r->operands[i], ret, e) < 0)
			return -1;
	}
	return 0;
}
