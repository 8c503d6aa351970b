/*
 * The confined side of a lint run: reads files by number, lints and repairs them on several
 * threads, writes results in the order of the files.
 */
#include "dockerfile/lint_work.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/work.h"
#include "dockerfile/fix.h"
#include "dockerfile/shellcheck.h"
#include "dockerfile/waste.h"

/* Files worked on before their results are written in order. */
enum { BATCH = 64 };
/* What one worker may use. */
#define WORKER_MEMORY ((uint64_t)6 << 30)

/* A linter and what goes with it; one a thread. */
struct tool {
	struct linter *linter;
	struct fixer fixer;
	struct buf text;
	struct buf ignore;
	bool busy;
};

/* A script of the batch. */
struct script {
	uint32_t slot;
	uint32_t instruction;
};

struct slot {
	size_t check_start, check_end; /* of run.checks */
	struct buf text;	       /* read ahead of time: fetched */
	bool fetched;
	bool unchecked; /* ShellCheck gave no whole answer */
	struct buf parts[STREAMS];
	struct lint_totals totals;
};

struct run {
	const struct lint_job *job;
	struct ask_link *link;
	struct budget budget;
	struct tool *tools;
	pthread_mutex_t lock;
	struct slot *slots;
	size_t first; /* file of slot 0 */
	int fds[STREAMS];
	bool started[LINT_OUTPUTS]; /* an item was written */
	/* --shellcheck, of the batch at hand */
	VEC(struct script) scripts;
	shellcheck_comments checks; /* by slot */
	struct arena check_arena;
	/* --image */
	struct waste_image image;
	struct arena image_arena;
};

static int read_all(int fd, struct buf *out, struct err *e)
{
	for (;;) {
		char *p = buf_reserve(out, 65536);
		ssize_t n;

		if (!p)
			return ERR_NOMEM(e);
		n = read(fd, p, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(e, errno, "reading");
		if (n == 0)
			return 0;
		buf_used(out, (size_t)n);
		if (out->len > DOCKERFILE_BYTES_MAX)
			return err_set(e, ERR_LIMIT, "the file has more than %d bytes",
				       DOCKERFILE_BYTES_MAX);
	}
}

static int fetch(struct run *r, enum ask_kind kind, size_t file, struct buf *out, struct err *e)
{
	struct ask_reply reply;
	char name[32];
	int result;

	buf_clear(out);
	snprintf(name, sizeof(name), "%zu", file);
	if (ask(r->link, kind, str_of(name), &reply, e) < 0)
		return -1;
	result = read_all(reply.fd, out, e);
	close(reply.fd);
	return result;
}

static struct str path_of(const struct run *r, size_t file)
{
	const char *own = r->job->request->path_in_report;

	return str_of(own ? own : r->job->files->files.items[file].path);
}

static void count(struct slot *s, const struct lint_result *result, size_t fixed)
{
	struct lint_totals *t = &s->totals;

	t->files++;
	t->fixed += fixed;
	t->suppressed += result->suppressed;
	t->shell_unavailable |= result->shell_unavailable;
	t->wasted += result->wasted;
	for (int level = 0; level < LEVELS; level++)
		t->per_level[level] += result->per_level[level];
	for (size_t i = 0; i < result->count; i++) {
		const struct lint_fix *fix = result->findings[i]->fix;

		if (fix && fix->edits) {
			t->safe += fix->safe;
			t->unsafe += !fix->safe;
		}
	}
}

static void write_results(struct run *r, size_t file, struct slot *s,
			  const struct lint_result *result)
{
	const struct lint_request *q = r->job->request;
	struct lint_file_report report = {path_of(r, file), result};

	for (size_t i = 0; i < q->output_count; i++)
		q->outputs[i].format->file(&q->outputs[i].options, &report, &s->parts[i]);
}

static void write_fix(struct run *r, size_t file, struct tool *t, struct slot *s)
{
	struct str text = t->fixer.applied ? buf_str(&t->fixer.text) : buf_str(&t->text);
	struct fix_record record = {file, text.len};
	struct buf *out = &s->parts[STREAM_FIXES];

	if (r->job->request->diff) {
		diff_unified(path_of(r, file), buf_str(&t->text), text, t->fixer.changes.items,
			     t->fixer.changes.count, out);
		return;
	}
	buf_add(out, str_make(&record, sizeof(record)));
	buf_add(out, text);
}

/* A file is read once: a pipe has nothing more, and what ShellCheck saw is what we lint. */
static void take_text(struct slot *s, struct tool *t)
{
	struct buf text = s->text;

	s->text = t->text;
	t->text = text;
	s->fetched = false;
}

static int lint_file(struct run *r, size_t file, struct tool *t, struct slot *s, struct err *e)
{
	const struct lint_request *q = r->job->request;
	struct lint_input in = {.path = path_of(r, file), .image = q->image ? &r->image : NULL};
	struct lint_result result;
	bool fix = q->fixing != LINT_FIX_NONE, diff = q->diff;
	size_t fixed = 0;

	if (s->fetched)
		take_text(s, t);
	else if (fetch(r, ASK_SOURCE, file, &t->text, e) < 0)
		return -1;
	if (r->job->files->files.items[file].ignore_path &&
	    fetch(r, ASK_FILE, file, &t->ignore, NULL) == 0)
		in.ignore_file = t->ignore.data ? buf_str(&t->ignore) : STR("");
	in.text = buf_str(&t->text);
	if (fix) {
		/* what ShellCheck said is of the text as it is, not of the repaired one */
		if (fix_text(&t->fixer, t->linter, &in, q->fixing == LINT_FIX_ALL, &result, e) < 0)
			return -1;
		fixed = t->fixer.applied;
		/* standard input is passed on, repaired or not */
		if (fixed || (!diff && strcmp(r->job->files->files.items[file].path, "-") == 0))
			write_fix(r, file, t, s);
	}
	/* a diff changes nothing: what is reported is the file as it is */
	if (s->check_end > s->check_start) {
		in.checks = r->checks.items + s->check_start;
		in.check_count = s->check_end - s->check_start;
	}
	if ((!fix || (diff && (fixed || in.check_count))) &&
	    lint_text(t->linter, &in, &result, e) < 0)
		return -1;
	count(s, &result, diff ? 0 : fixed);
	if (s->unchecked) {
		s->totals.unreadable++;
		buf_printf(&s->parts[STREAM_NOTES],
			   "plimsoll: %.*s: shellcheck gave no whole answer for it\n",
			   STR_ARG(path_of(r, file)));
	}
	write_results(r, file, s, &result);
	return 0;
}

static struct tool *take_tool(struct run *r)
{
	struct tool *t = r->tools;

	pthread_mutex_lock(&r->lock);
	while (t->busy)
		t++;
	t->busy = true;
	pthread_mutex_unlock(&r->lock);
	return t;
}

static void give_back(struct run *r, struct tool *t)
{
	pthread_mutex_lock(&r->lock);
	t->busy = false;
	pthread_mutex_unlock(&r->lock);
}

static void run_file(void *context, size_t i)
{
	struct run *r = context;
	size_t file = r->first + i;
	struct slot *s = &r->slots[i];
	_Atomic uint8_t *state = &r->job->shared->states[file];
	struct err why = ERR_INIT;
	struct tool *t;

	if (*state == FILE_LOST)
		return;
	*state = FILE_STARTED;
	progress_phase(r->job->progress, PHASE_INSPECT, -1);
	t = take_tool(r);
	if (lint_file(r, file, t, s, &why) < 0) {
		s->totals.unreadable++;
		buf_printf(&s->parts[STREAM_NOTES], "plimsoll: %.*s: %s\n",
			   STR_ARG(path_of(r, file)), why.message);
	}
	give_back(r, t);
	*state = FILE_DONE;
}

static int put(int fd, struct str text, struct err *e)
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

/* Writes one stream's part, with the separator where items stand before it. */
static int flush_part(struct run *r, size_t stream, struct str part, struct err *e)
{
	const struct lint_request *q = r->job->request;
	const char *separator =
		stream < q->output_count ? q->outputs[stream].format->separator : NULL;

	if (!part.len)
		return 0;
	if (separator && r->started[stream] && put(r->fds[stream], str_of(separator), e) < 0)
		return -1;
	if (stream < LINT_OUTPUTS)
		r->started[stream] = true;
	return put(r->fds[stream], part, e);
}

static void add_totals(struct lint_totals *sum, const struct lint_totals *t)
{
	sum->files += t->files;
	sum->fixed += t->fixed;
	sum->safe += t->safe;
	sum->unsafe += t->unsafe;
	sum->suppressed += t->suppressed;
	sum->unreadable += t->unreadable;
	sum->wasted += t->wasted;
	sum->shell_unavailable |= t->shell_unavailable;
	for (int level = 0; level < LEVELS; level++)
		sum->per_level[level] += t->per_level[level];
}

/* Where the streams end: what a later worker must be put back to. */
static int note_lengths(struct run *r, struct err *e)
{
	for (size_t i = 0; i < STREAMS; i++) {
		off_t at = r->fds[i] < 0 ? 0 : lseek(r->fds[i], 0, SEEK_CUR);

		if (at < 0)
			return err_set_errno(e, errno, "the report");
		r->job->shared->lengths[i] = (uint64_t)at;
	}
	return 0;
}

static int flush_batch(struct run *r, size_t n, struct err *e)
{
	struct lint_totals totals = r->job->shared->totals;

	for (size_t i = 0; i < n; i++) {
		struct slot *s = &r->slots[i];

		for (size_t stream = 0; stream < STREAMS; stream++) {
			if (buf_failed(&s->parts[stream]))
				return ERR_NOMEM(e);
			if (flush_part(r, stream, buf_str(&s->parts[stream]), e) < 0)
				return -1;
			buf_clear(&s->parts[stream]);
		}
		add_totals(&totals, &s->totals);
		s->totals = (struct lint_totals){0};
	}
	if (note_lengths(r, e) < 0)
		return -1;
	r->job->shared->totals = totals;
	r->job->shared->flushed += n;
	return 0;
}

/* --- ShellCheck beside our rules: shellcheck.h says how --- */

struct collecting {
	struct run *r;
	uint32_t slot;
};

static int collect_script(void *context, uint32_t instruction, struct str script, struct err *e)
{
	struct collecting *c = context;
	struct script_record record = {script.len};
	struct script *slot = vec_push(&c->r->scripts);
	int fd = c->r->fds[STREAM_SCRIPTS];

	if (!slot)
		return ERR_NOMEM(e);
	*slot = (struct script){c->slot, instruction};
	if (put(fd, str_make(&record, sizeof(record)), e) < 0)
		return -1;
	return put(fd, script, e);
}

/* What cannot be read is told when it is linted. */
static int collect_file(struct run *r, uint32_t slot, struct err *e)
{
	struct collecting c = {r, slot};
	struct slot *s = &r->slots[slot];
	size_t file = r->first + slot;
	_Atomic uint8_t *state = &r->job->shared->states[file];
	struct lint_input in = {.path = path_of(r, file)};
	int result = 0;

	if (*state == FILE_LOST)
		return 0;
	*state = FILE_STARTED;
	s->fetched = fetch(r, ASK_SOURCE, file, &s->text, NULL) == 0;
	if (s->fetched) {
		in.text = buf_str(&s->text);
		result = lint_scripts(r->tools[0].linter, &in, collect_script, &c, e);
	}
	*state = FILE_PENDING;
	return result;
}

static int read_output(struct run *r, const struct output_record *record, struct str *rest,
		       struct err *e)
{
	struct str text;

	if (record->count > SHELLCHECK_SCRIPTS || record->length > rest->len ||
	    record->first > r->scripts.count || record->count > r->scripts.count - record->first)
		return err_set(e, ERR_FORMAT, "shellcheck's answer is cut short");
	text = str_to(*rest, (size_t)record->length);
	*rest = str_from(*rest, (size_t)record->length);
	if (text.len) {
		size_t before = r->checks.count;
		struct err why = ERR_INIT;

		if (shellcheck_read(record, text, &r->check_arena, &r->checks, &why) == 0)
			return 0;
		/* an answer that is no answer: its files say so, the others go on */
		if (why.code == ERR_MEMORY) {
			*e = why;
			return -1;
		}
		r->checks.count = before;
	}
	for (uint32_t i = 0; i < record->count; i++)
		r->slots[r->scripts.items[record->first + i].slot].unchecked = true;
	return 0;
}

static int cmp_check(const void *a, const void *b)
{
	const struct shellcheck_comment *x = a, *y = b;

	return x->script < y->script ? -1 : x->script > y->script;
}

/* Gives each slot its own, at most SHELLCHECK_COMMENTS a script. */
static void share_checks(struct run *r)
{
	size_t kept = 0, of_script = 0;

	if (r->checks.count)
		qsort(r->checks.items, r->checks.count, sizeof(*r->checks.items), cmp_check);
	for (size_t i = 0; i < r->checks.count; i++) {
		struct shellcheck_comment c = r->checks.items[i];
		const struct script *script = &r->scripts.items[c.script];
		struct slot *s = &r->slots[script->slot];

		of_script =
			kept && r->checks.items[kept - 1].script == c.script ? of_script + 1 : 1;
		if (of_script > SHELLCHECK_COMMENTS) {
			s->unchecked = true;
			continue;
		}
		if (s->check_end == s->check_start)
			s->check_start = kept;
		c.instruction = script->instruction;
		r->checks.items[kept++] = c;
		s->check_end = kept;
	}
	r->checks.count = kept;
}

static int run_program(struct run *r, struct err *e)
{
	CLEANUP(buf_done) struct buf answer = BUF_INIT;
	struct ask_reply reply;
	struct str rest;
	int result;

	if (ask(r->link, ASK_PROGRAM, STR(""), &reply, e) < 0)
		return -1;
	result = read_all(reply.fd, &answer, e);
	close(reply.fd);
	rest = answer.data ? buf_str(&answer) : STR("");
	while (result >= 0 && rest.len) {
		struct output_record record;

		if (rest.len < sizeof(record))
			return err_set(e, ERR_FORMAT, "shellcheck's answer is cut short");
		memcpy(&record, rest.data, sizeof(record));
		rest = str_from(rest, sizeof(record));
		result = read_output(r, &record, &rest, e);
	}
	return result;
}

static int check_batch(struct run *r, size_t n, struct err *e)
{
	r->scripts.count = r->checks.count = 0;
	arena_done(&r->check_arena);
	for (size_t i = 0; i < n; i++) {
		r->slots[i].check_start = r->slots[i].check_end = 0;
		r->slots[i].unchecked = false;
	}
	for (size_t i = 0; i < n; i++) {
		if (collect_file(r, (uint32_t)i, e) < 0)
			return -1;
	}
	if (r->scripts.count && run_program(r, e) < 0)
		return -1;
	share_checks(r);
	return 0;
}

static int open_streams(struct run *r, struct err *e)
{
	for (size_t i = 0; i < STREAMS; i++) {
		struct ask_reply reply;
		char name[32];

		r->fds[i] = -1;
		if (r->job->streams[i] < 0)
			continue;
		snprintf(name, sizeof(name), "%zu", i);
		if (ask(r->link, ASK_OUTPUT, str_of(name), &reply, e) < 0)
			return -1;
		r->fds[i] = reply.fd;
	}
	return 0;
}

static int make_tools(struct run *r, struct err *e)
{
	r->tools = mem_zero(r->job->threads, sizeof(*r->tools));
	r->slots = mem_zero(BATCH, sizeof(*r->slots));
	if (!r->tools || !r->slots)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < BATCH; i++)
		buf_init(&r->slots[i].text, &r->budget, 0);
	for (unsigned i = 0; i < r->job->threads; i++) {
		struct tool *t = &r->tools[i];

		t->linter = linter_new(&r->job->request->settings->config, &r->budget, e);
		if (!t->linter)
			return -1;
		fixer_init(&t->fixer, &r->budget);
		buf_init(&t->text, &r->budget, 0);
		buf_init(&t->ignore, &r->budget, 0);
	}
	return 0;
}

/* What is known of the image that the files were built into. */
static int read_image(struct run *r, struct err *e)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;
	struct ask_reply reply;
	int result;

	if (!r->job->request->image)
		return 0;
	if (ask(r->link, ASK_LISTING, STR(""), &reply, e) < 0)
		return -1;
	buf_init(&bytes, &r->budget, 0);
	arena_init(&r->image_arena, &r->budget, 0);
	result = read_all(reply.fd, &bytes, e);
	close(reply.fd);
	if (result >= 0)
		result = waste_image_read(bytes.data ? buf_str(&bytes) : STR(""), &r->image_arena,
					  &r->image, e);
	return result;
}

static int write_heads(struct run *r, struct err *e)
{
	const struct lint_request *q = r->job->request;

	for (size_t i = 0; i < q->output_count; i++) {
		CLEANUP(buf_done) struct buf head = BUF_INIT;

		if (q->outputs[i].format->head)
			q->outputs[i].format->head(&q->outputs[i].options, &head);
		if (buf_failed(&head))
			return ERR_NOMEM(e);
		if (put(r->fds[i], buf_str(&head), e) < 0)
			return -1;
	}
	if (note_lengths(r, e) < 0)
		return -1;
	r->job->shared->headed = true;
	return 0;
}

static bool has_findings(const struct lint_totals *t)
{
	for (int level = 0; level < LEVELS; level++) {
		if (t->per_level[level])
			return true;
	}
	return false;
}

static int run_all(struct run *r, struct err *e)
{
	const struct lint_request *q = r->job->request;
	struct lint_shared *shared = r->job->shared;
	size_t count_of_files = r->job->files->files.count;

	if (!shared->headed && write_heads(r, e) < 0)
		return -1;
	for (size_t i = 0; i < q->output_count; i++)
		r->started[i] = has_findings(&shared->totals);
	while (shared->flushed < count_of_files) {
		size_t n = count_of_files - shared->flushed;

		r->first = shared->flushed;
		if (n > BATCH)
			n = BATCH;
		if (q->shellcheck && check_batch(r, n, e) < 0)
			return -1;
		work_run(r->job->threads, n, run_file, r);
		if (flush_batch(r, n, e) < 0)
			return -1;
	}
	return 0;
}

int lint_worker(void *context, const struct worker_self *self, struct err *e)
{
	struct run r = {.job = context, .link = self->link, .budget = {.bytes_max = WORKER_MEMORY}};

	pthread_mutex_init(&r.lock, NULL);
	/* the process ends here: what it holds goes with it */
	return open_streams(&r, e) < 0 || read_image(&r, e) < 0 || make_tools(&r, e) < 0 ||
			       run_all(&r, e) < 0
		       ? -1
		       : 0;
}
