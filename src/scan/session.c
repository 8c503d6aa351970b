/*
 * The broker's side of every command on an image: opens the source and the database, forks the
 * worker, serves it. Parses nothing of the image.
 */
#include "scan/session.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/work.h"
#include "binary/binary.h"
#include "image/platform.h"
#include "io/outfile.h"

/* --- opening and closing
 * ------------------------------------------------------------------------------ */

void session_done(struct session *s)
{
	progress_line_clear(&s->line);
	for (size_t i = 0; i < s->memory_count; i++)
		close(s->memory[i]);
	mirror_close(s->mirror);
	database_folder_close(s->database);
	if (s->source_open)
		image_broker_close(&s->source);
	progress_free(s->progress);
}

static int open_database(struct session *s, struct err *e)
{
	struct err why = ERR_INIT;

	if (!s->request->database ||
	    database_folder_open(s->request->database, &s->database, &why) == 0)
		return 0;
	if (why.code == ERR_NOT_FOUND)
		return 0;
	*e = why;
	return -1;
}

static int open_mirror(struct session *s, struct err *e)
{
	const struct scan_request *r = s->request;

	if (!r->mirror)
		return 0;
	return mirror_open(&(struct mirror_options){.url = r->mirror,
						    .keyring = r->keyring,
						    .offline = r->offline,
						    .interrupted = worker_interrupted()},
			   &s->mirror, e);
}

static int open_outputs(struct session *s, size_t count, struct err *e)
{
	for (size_t i = 0; i < count && i < SESSION_OUTPUTS; i++) {
		int fd = memfd_create("plimsoll-report", MFD_CLOEXEC);

		if (fd < 0)
			return err_set_errno(e, errno, "memory for the report");
		s->memory[s->memory_count++] = fd;
	}
	return 0;
}

static int open_source(struct session *s, struct err *e)
{
	if (image_broker_open(&s->source, s->request->source, &s->request->limits.image, e) < 0)
		return -1;
	s->source_open = true;
	return 0;
}

int session_open(struct session *s, struct scan_request *r, size_t outputs, struct err *e)
{
	struct platform platform;

	*s = (struct session){.request = r, .line.fd = -1};
	if (platform_parse(str_of(r->platform), &platform, e) < 0)
		return -1;
	if (outputs > SESSION_OUTPUTS)
		return err_set(e, ERR_USAGE, "more than %d outputs", SESSION_OUTPUTS);
	if (crypto_init(e) < 0 || binary_init(e) < 0)
		return -1;
	s->threads = work_cpus();
	s->progress = progress_new();
	if (!s->progress)
		return ERR_NOMEM(e);
	progress_line_init(&s->line, STDERR_FILENO, r->progress, str_of(r->source), s->progress);
	if (open_source(s, e) < 0 || open_database(s, e) < 0 || open_mirror(s, e) < 0 ||
	    open_outputs(s, outputs, e) < 0) {
		session_done(s);
		return -1;
	}
	return 0;
}

/* --- serving
 * ---------------------------------------------------------------------------------------------- */

static int answer_output(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
			 struct err *e)
{
	const struct session *s = context;
	uint64_t index;
	int fd;

	(void)kind;
	if (!str_parse_u64(name, &index) || index >= s->memory_count)
		return err_set(e, ERR_NOT_FOUND, "no output %.*s", STR_ARG(name));
	fd = dup(s->memory[index]);
	if (fd < 0)
		return err_set_errno(e, errno, "an output");
	*ret = (struct ask_reply){.fd = fd, .size = UINT64_MAX};
	return 0;
}

struct job {
	struct session *session;
	session_body *body;
};

/* In the worker. */
static int worker_main(void *context, const struct worker_self *self, struct err *e)
{
	struct job *job = context;
	struct session *s = job->session;
	const struct scan_request *r = s->request;
	const struct scan_limits *limits = &r->limits;
	/* the lists of entries leave room for what is made of them */
	struct budget budget = {.bytes_max = limits->memory_max,
				.entries_max = limits->entries_max,
				.list_bytes_max = limits->list_max < limits->memory_max / 2
							  ? limits->list_max
							  : limits->memory_max / 2};
	struct worker_side w = {
		.request = r,
		.link = self->link,
		.budget = &budget,
		.progress = self->progress,
		.confinement = self->confinement,
		.threads = s->threads,
		.has_database = s->database != NULL,
		.database = {.link = self->link, .budget = &budget},
		.image =
			{
				.reference = str_of(r->source),
				.platform = str_of(r->platform),
				.verify = r->verify,
			},
	};

	image_broker_request(&s->source, &w.image);
	return job->body(&w, s, e);
}

int session_run(struct session *s, session_body *body, struct worker_result *result, struct err *e)
{
	struct job job = {.session = s, .body = body};
	const struct ask_handler database = {.context = s->database,
					     .answer = database_folder_answer};
	const struct ask_handler mirror = {.context = s->mirror, .answer = mirror_answer};
	const struct ask_handler output = {.context = s, .answer = answer_output};
	struct worker_options options = {
		.handlers =
			{
				[ASK_PARTITION] = s->database ? &database : NULL,
				[ASK_MIRROR] = s->mirror ? &mirror : NULL,
				[ASK_OUTPUT] = &output,
			},
		.progress = s->progress,
		.tick = progress_line_tick,
		.tick_context = &s->line,
		.confine = CONFINE_ALL,
		.cpu_seconds = (unsigned)s->request->limits.cpu_max,
		.signals = true,
	};
	int r;

	image_broker_handle(&s->source, options.handlers);
	r = worker_run(&options, worker_main, &job, result, e);

	progress_line_clear(&s->line);
	return r;
}

void session_say_gaps(struct diags *diags)
{
	diags_sort(diags);
	for (size_t i = 0; i < diags->list.count; i++) {
		const struct diag *d = &diags->list.items[i];

		if (diag_class(d->code) == DIAG_NOTE)
			continue;
		fprintf(stderr, "plimsoll: %s: ", diag_class_name(diag_class(d->code)));
		if (d->layer >= 0)
			fprintf(stderr, "layer %d: ", d->layer);
		fprintf(stderr, "%.*s\n", STR_ARG(d->message));
	}
}

/* --- results
 * ------------------------------------------------------------------------------------------------
 */

int session_copy(const struct session *s, size_t i, struct outfile *to, struct err *e)
{
	int from = s->memory[i];
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

int session_write(int fd, struct str text, struct err *e)
{
	while (text.len) {
		ssize_t n = write(fd, text.data, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(e, errno, "the report");
		text = str_from(text, (size_t)n);
	}
	return 0;
}
