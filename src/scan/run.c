/*
 * scan: the worker's report into each output. Should the worker die, the report is made here: it
 * names the place, and it does not pass.
 */
#include "scan/session.h"

#include <signal.h>
#include <unistd.h>

#include "io/outfile.h"

static int format_document(const struct document *d, const struct scan_output *o, struct buf *out,
			   struct err *e)
{
	if (o->format->write(d, &o->options, out, e) < 0)
		return -1;
	return buf_failed(out) ? ERR_NOMEM(e) : 0;
}

/* In the worker: the whole scan, then each output into its memory. */
static int scan_body(struct worker_side *w, struct session *s, struct err *e)
{
	const struct scan_request *r = w->request;
	struct document *d = document_new(w->budget, e);
	int code;

	(void)s;
	if (!d)
		return -1;
	if (worker_scan(w, d, e) < 0) {
		document_free(d);
		return -1;
	}
	progress_phase(w->progress, PHASE_OUTPUT, -1);
	for (size_t i = 0; i < r->output_count; i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		struct ask_reply reply;
		char name[24];

		snprintf(name, sizeof(name), "%zu", i);
		if (format_document(d, &r->outputs[i], &text, e) < 0 ||
		    ask(w->link, ASK_OUTPUT, str_of(name), &reply, e) < 0 ||
		    session_write(reply.fd, buf_str(&text), e) < 0) {
			document_free(d);
			return -1;
		}
		close(reply.fd);
	}
	progress_phase(w->progress, PHASE_DONE, -1);
	code = d->verdict.exit_code;
	document_free(d);
	return code;
}

/*
 * The worker is dead, or had no memory for a report: what is known is where. The report says so,
 * and does not pass.
 */
static int report_failure(struct session *s, enum confinement confinement, enum diag_code why,
			  const char *words, int *ret_code, struct err *e)
{
	struct scan_request *r = s->request;
	struct document *d = document_new(NULL, e);
	struct document_scanner *scanner;
	int code;

	if (!d)
		return -1;
	d->now = r->now;
	d->version = str_of(r->version);
	d->confinement = confinement;
	d->target.reference = str_of(r->source);
	d->target.kind = str_of(image_kind_name(s->source.kind));
	diag_add(&d->diagnostics, why,
		 (struct diag_place){.layer = s->progress->layer, .offset = -1}, "%s", words);
	for (int i = 0; i < 2; i++) {
		scanner = vec_push(&d->scanners);
		if (scanner)
			*scanner = (struct document_scanner){.name = i ? STR("vulnerabilities")
								       : STR("packages"),
							     .ran = i == 0};
	}
	document_sort(d);
	code = policy_judge(r->policy, d, e);
	for (size_t i = 0; i < r->output_count && code == 0; i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;

		code = format_document(d, &r->outputs[i], &text, e);
		if (code == 0)
			code = outfile_write(r->outputs[i].file, buf_str(&text), e);
	}
	*ret_code = d->verdict.exit_code;
	document_free(d);
	return code;
}

static int report_death(struct session *s, const struct worker_result *result, int *ret_code,
			struct err *e)
{
	char words[512];

	worker_death(result, s->progress, words, sizeof(words));
	return report_failure(s, result->confinement,
			      result->signal == SIGXCPU ? DIAG_cpu_limit : DIAG_worker_died, words,
			      ret_code, e);
}

/* Nothing of the worker's report was written yet. */
static int report_memory(struct session *s, const struct worker_result *result, int *ret_code,
			 struct err *e)
{
	char place[256], words[512];

	worker_place(s->progress, place, sizeof(place));
	snprintf(words, sizeof(words), "the scan ended for want of memory%s", place);
	return report_failure(s, result->confinement, DIAG_memory_limit, words, ret_code, e);
}

int scan_run(struct scan_request *r, int *ret_exit_code, struct err *e)
{
	struct session s;
	struct worker_result result = {0};
	int code;

	if (session_open(&s, r, r->output_count, e) < 0)
		return -1;
	code = session_run(&s, scan_body, &result, e);
	if (code < 0 && e->code == ERR_MEMORY) {
		code = report_memory(&s, &result, ret_exit_code, e);
	} else if (code == 0 && result.signal) {
		code = report_death(&s, &result, ret_exit_code, e);
	} else if (code == 0) {
		*ret_exit_code = result.status;
		for (size_t i = 0; i < r->output_count && code == 0; i++)
			code = session_copy(&s, i, r->outputs[i].file, e);
	}
	session_done(&s);
	return code;
}
