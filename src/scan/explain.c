/*
 * explain: the report is read, and the database asked, in a worker: both come from elsewhere.
 */
#include "scan/scan.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "advisory/link.h"
#include "io/file.h"
#include "io/worker.h"
#include "match/match.h"
#include "scan/session.h"

enum { REPORT_MAX = 1 << 30 };

struct explanation {
	const struct scan_explain_request *request;
	struct str report;
	struct database_folder *database;
	int memory;
};

/* In the worker: the text goes to the memory that both share; found or not is the exit code. */
static int explain_body(void *context, const struct worker_self *self, struct err *e)
{
	struct explanation *x = context;
	struct budget budget = {.bytes_max = scan_limits_default.memory_max};
	struct database_link link = {.link = self->link, .budget = &budget};
	struct match_source source = {.context = &link, .open = database_link_partition};
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct document *d;
	struct ask_reply reply;
	bool found = false;
	int r;

	if (document_read_json(x->report, &d, e) < 0)
		return err_wrap(e, "%s", x->request->report);
	r = match_explain(d, x->database ? &source : NULL, str_of(x->request->id),
			  str_of(x->request->package), &text, &found, e);
	database_link_done(&link);
	document_free(d);
	if (r < 0 || ask(self->link, ASK_OUTPUT, STR("0"), &reply, e) < 0)
		return -1;
	r = session_write(reply.fd, buf_str(&text), e);
	close(reply.fd);
	return r < 0 ? r : found;
}

static int answer_output(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
			 struct err *e)
{
	const struct explanation *x = context;
	int fd = dup(x->memory);

	(void)kind;
	(void)name;
	if (fd < 0)
		return err_set_errno(e, errno, "an output");
	*ret = (struct ask_reply){.fd = fd, .size = UINT64_MAX};
	return 0;
}

static int read_memory(int fd, struct buf *out, struct err *e)
{
	char chunk[65536];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof(chunk), at)) > 0) {
		buf_add(out, str_make(chunk, (size_t)n));
		at += n;
	}
	if (n < 0)
		return err_set_errno(e, errno, "the explanation");
	return buf_failed(out) ? ERR_NOMEM(e) : 0;
}

static int explain(struct explanation *x, struct buf *out, bool *ret_found, struct err *e)
{
	const struct ask_handler database = {.context = x->database,
					     .answer = database_folder_answer};
	const struct ask_handler output = {.context = x, .answer = answer_output};
	struct worker_options options = {
		.handlers =
			{[ASK_PARTITION] = x->database ? &database : NULL, [ASK_OUTPUT] = &output},
		.confine = CONFINE_ALL,
		.cpu_seconds = (unsigned)scan_limits_default.cpu_max,
		.signals = true,
	};
	struct worker_result result = {0};
	char words[256];

	if (worker_run(&options, explain_body, x, &result, e) < 0)
		return -1;
	if (result.signal) {
		worker_death(&result, NULL, words, sizeof(words));
		return err_set(e, ERR_INTERNAL, "%s", words);
	}
	*ret_found = result.status == 1;
	return read_memory(x->memory, out, e);
}

int scan_explain(const struct scan_explain_request *request, struct buf *out, bool *ret_found,
		 struct err *e)
{
	CLEANUP(buf_done) struct buf report = BUF_INIT;
	struct explanation x = {.request = request, .memory = -1};
	struct err why = ERR_INIT;
	int r;

	if (crypto_init(e) < 0 || file_read(request->report, REPORT_MAX, &report, e) < 0)
		return -1;
	x.report = buf_str(&report);
	if (request->database && database_folder_open(request->database, &x.database, &why) < 0 &&
	    why.code != ERR_NOT_FOUND) {
		*e = why;
		return -1;
	}
	x.memory = memfd_create("plimsoll-explain", MFD_CLOEXEC);
	r = x.memory < 0 ? err_set_errno(e, errno, "memory for the text")
			 : explain(&x, out, ret_found, e);
	if (x.memory >= 0)
		close(x.memory);
	database_folder_close(x.database);
	return r;
}
