#include "inspect/jobs.h"

#include <stdarg.h>
#include <stdio.h>

int64_t inspection_read_at(const struct inspection *in, uint64_t offset, void *buf, size_t len,
			   struct err *e)
{
	struct str part;

	if (in->body)
		return body_read_at(in->body, offset, buf, len, e);
	part = offset > in->bytes.len ? STR_NULL : str_to(str_from(in->bytes, (size_t)offset), len);
	if (part.len)
		memcpy(buf, part.data, part.len);
	return (int64_t)part.len;
}

void inspection_note(const struct inspection *in, enum diag_code code, int64_t offset,
		     const char *format, ...)
{
	char text[512], raw[600];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(raw, sizeof(raw), "%s: %s", in->by->name, text);
	facts_add_note(in->facts, in->by, in->entry, code, in->path, offset,
		       err_escape(text, sizeof(text), str_of(raw)));
}

static void drop(struct job *job, const struct err *e)
{
	enum diag_code code =
		job->in.by->database ? DIAG_package_db_malformed : DIAG_file_malformed;

	if (e->code == ERR_MEMORY)
		code = DIAG_memory_limit;
	inspection_note(&job->in, code, -1, "%s", e->message);
	job->dropped = true;
}

/* Room for the bytes that the inspector wants in memory. */
static void begin_buffer(struct job *job, uint64_t size)
{
	const struct inspector *by = job->in.by;
	struct err e = ERR_INIT;

	if (size > by->max && by->need != NEED_HEAD) {
		inspection_note(&job->in, DIAG_file_too_large, -1,
				"%llu bytes, more than the %zu that are read",
				(unsigned long long)size, by->max);
		job->dropped = true;
		return;
	}
	job->wanted = size < by->max ? (size_t)size : by->max;
	job->bytes = arena_bytes(job->in.scratch, job->wanted ? job->wanted : 1);
	if (!job->bytes) {
		ERR_NOMEM(&e);
		drop(job, &e);
	}
}

static void begin(struct job_run *run, struct job *job)
{
	const struct inspector *by = job->in.by;
	struct err e = ERR_INIT;

	if (by->need == NEED_RANDOM && body_is_random(run->body)) {
		job->in.body = run->body;
	} else if (by->need != NEED_STREAM) {
		begin_buffer(job, body_size(run->body));
	} else if (by->begin(&job->in, run->facts, &e) < 0) {
		drop(job, &e);
	} else {
		job->begun = true;
	}
}

static bool wants_more(const struct job *job)
{
	if (job->dropped || job->in.body)
		return false;
	return job->in.by->need == NEED_STREAM || job->filled < job->wanted;
}

static void hand(struct job_run *run, struct job *job, struct str chunk)
{
	struct err e = ERR_INIT;

	if (job->in.by->need != NEED_STREAM) {
		chunk = str_to(chunk, job->wanted - job->filled);
		memcpy(job->bytes + job->filled, chunk.data, chunk.len);
		job->filled += chunk.len;
	} else if (job->in.by->chunk(&job->in, run->facts, chunk, &e) < 0) {
		drop(job, &e);
	}
}

static int read_all(struct job_run *run, struct err *e)
{
	for (;;) {
		bool more = run->hasher != NULL;
		struct str chunk;
		int r;

		for (size_t i = 0; i < run->count; i++)
			more |= wants_more(&run->jobs[i]);
		if (!more)
			return 0;
		r = body_next(run->body, &chunk, e);
		if (r <= 0)
			return r;
		if (run->hasher)
			hasher_add(run->hasher, chunk);
		for (size_t i = 0; i < run->count; i++)
			if (wants_more(&run->jobs[i]))
				hand(run, &run->jobs[i], chunk);
	}
}

static void end(struct job_run *run, struct job *job, bool whole)
{
	struct err e = ERR_INIT;
	int r = 0;

	progress_inspector(run->progress, job->in.by->name);
	if (job->begun) {
		r = job->in.by->end(&job->in, run->facts, whole && !job->dropped, &e);
	} else if (!job->dropped && whole) {
		job->in.bytes = str_make(job->bytes, job->filled);
		r = job->in.by->inspect(&job->in, run->facts, &e);
	}
	if (r < 0 && !job->dropped)
		drop(job, &e);
}

static int keep_digest(struct job_run *run, struct err *e)
{
	struct file_digest *slot;
	struct digest digest;

	if (hasher_end(run->hasher, &digest, e) < 0)
		return -1;
	slot = facts_add_digest(run->facts, run->entry);
	if (!slot)
		return ERR_NOMEM(e);
	memcpy(slot->bytes, digest.bytes, sizeof(slot->bytes));
	return 0;
}

/* The phase is told once a file, and only when an inspector looks at it. */
static void tell(const struct job_run *run, enum phase phase)
{
	struct progress *p = run->progress;

	if (p && run->count)
		progress_phase(p, phase, atomic_load_explicit(&p->layer, memory_order_relaxed));
}

int jobs_run(struct job_run *run, struct err *e)
{
	int r;

	tell(run, PHASE_INSPECT);
	for (size_t i = 0; i < run->count; i++) {
		progress_inspector(run->progress, run->jobs[i].in.by->name);
		begin(run, &run->jobs[i]);
	}
	r = read_all(run, e);
	for (size_t i = 0; i < run->count; i++)
		end(run, &run->jobs[i], r == 0);
	progress_inspector(run->progress, NULL);
	tell(run, PHASE_TAR_WALK);
	if (run->hasher && r < 0) {
		struct digest unused;

		hasher_end(run->hasher, &unused, NULL);
		return r;
	}
	return r < 0 || !run->hasher ? r : keep_digest(run, e);
}
