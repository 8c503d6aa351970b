/*
 * The walk over one layer. Whatever is wrong with it is said as a diagnostic of its task and ends
 * this walk only: what was seen until then counts.
 */
#include "image/walk.h"

#include <stdarg.h>
#include <stdio.h>

void task_say(struct task *t, enum diag_code code, struct str path, int64_t offset,
	      const char *format, ...)
{
	struct diag_place place = {.layer = -1, .path = path, .offset = offset};
	char text[700];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	diag_add(&t->diags, code, place, "%s", text);
}

static bool over_ratio(const struct walk *w, const struct layer_stack *s)
{
	/* what the stage that failed did not hand up any more: a chunk or two */
	const uint64_t slack = 4 << 20;

	return s->top->position + slack > w->limits->ratio_grace;
}

void layer_explain(struct walk *w, const struct layer_stack *s, const struct err *why,
		   struct failure *ret)
{
	const char *before = "", *text = why->message;

	*ret = (struct failure){.code = DIAG_layer_unreadable,
				.at = s->raw ? (int64_t)s->raw->position : -1};
	if (why->code == ERR_TRUNCATED) {
		/* where, in what the user can look at */
		ret->code = DIAG_layer_truncated;
		snprintf(ret->text, sizeof(ret->text), "is cut short at %.1f MB (%.600s)",
			 (double)(ret->at < 0 ? 0 : ret->at) / 1e6, text);
		return;
	}
	if (why->code == ERR_LIMIT && s->codec && over_ratio(w, s))
		ret->code = DIAG_inflate_ratio;
	if (why->code == ERR_MEMORY) {
		ret->code = DIAG_memory_limit;
		before = "is read no further: ";
	}
	snprintf(ret->text, sizeof(ret->text), "%s%.600s", before, text);
}

void layer_failed(struct walk *w, struct task *t, struct layer_stack *s, const struct err *why)
{
	struct failure f;

	layer_explain(w, s, why, &f);
	t->state = LAYER_INCOMPLETE;
	task_say(t, f.code, STR_NULL, f.at, "%s", f.text);
}

struct tar_options layer_tar_options(struct walk *w, struct task *t)
{
	struct tar_options o = tar_options_default;

	o.budget = w->request.budget;
	o.diags = t ? &t->diags : NULL;
	o.path_max = w->limits->path_max;
	o.depth_max = w->limits->path_depth_max;
	o.hole_ratio = w->limits->ratio_max;
	o.hole_grace = w->limits->ratio_grace;
	return o;
}

int layer_hand(struct walk *w, struct task *t, const struct layer_visitor *visitor,
	       const struct entry *entry, struct body *body, struct err *e)
{
	uint64_t max = w->limits->entries_layer_max;

	if (progress_cancelled(w->request.progress)) {
		w->cancelled = 1;
		return err_set(e, ERR_CANCELLED, "interrupted");
	}
	t->entries++;
	/* the root itself: the runtime passes over it */
	if (!entry->path.len)
		return 0;
	if (max && t->entries > max) {
		task_say(t, DIAG_entry_limit, entry->path, (int64_t)entry->offset,
			 "more than %llu entries: the layer is read no further",
			 (unsigned long long)max);
		return err_set(e, ERR_LIMIT, "more than %llu entries", (unsigned long long)max);
	}
	return visitor->entry(visitor->context, t->number, entry, body, e);
}

/* How the entries of a tar end: to the end, by the tar's failure, or because the visitor stopped.
 */
enum outcome { OUTCOME_END, OUTCOME_FAILED, OUTCOME_STOPPED };

static enum outcome hand_one(struct walk *w, struct task *t, struct tar *tar,
			     struct tar_entry *entry, struct layer_stack *s,
			     const struct layer_visitor *visitor, struct err *e)
{
	struct body body;
	int r;

	body_init_tar(&body, entry, tar, s);
	if (w->once && keeper_take(w, t, entry, &body, e) < 0)
		return OUTCOME_FAILED;
	r = layer_hand(w, t, visitor, &entry->entry, &body, e);
	body_done(&body);
	if (body.failure.code) {
		*e = body.failure;
		return OUTCOME_FAILED;
	}
	return r < 0 ? OUTCOME_STOPPED : OUTCOME_END;
}

static enum outcome hand_all(struct walk *w, struct task *t, struct tar *tar, struct layer_stack *s,
			     const struct layer_visitor *visitor, struct err *e)
{
	struct tar_entry entry;
	struct tar_end end;
	int r;

	while ((r = tar_next(tar, &entry, e)) > 0) {
		enum outcome o;

		if (t->entries == 0)
			progress_phase(w->request.progress, PHASE_TAR_WALK, t->layer);
		o = hand_one(w, t, tar, &entry, s, visitor, e);
		layer_stack_progress(w, s);
		if (o != OUTCOME_END)
			return o;
	}
	if (r < 0)
		return OUTCOME_FAILED;
	/* without digests nothing is read for the sake of reading, but what hides behind the end is
	 */
	if (tar_finish(tar, &end, e) < 0)
		return OUTCOME_FAILED;
	t->empty = !t->entries && !end.marker && !end.trailing;
	layer_judge_end(t, s, &end);
	return OUTCOME_END;
}

/* A stream inside a stream of the same kind: the runtime unpacks one. */
static void explain(struct walk *w, struct layer_stack *s, struct err *e)
{
	struct str head;

	(void)w;
	if (!s->codec || s->top->position || stream_peek(s->top, CODEC_HEAD, &head, NULL) < 0)
		return;
	if (codec_probe(head))
		err_set(e, ERR_FORMAT, "compressed twice: the container runtime unpacks once");
}

/* The tar of an open stack, and the digests; what is wrong is said. */
static void walk_stack(struct walk *w, struct task *t, struct layer_stack *s,
		       const struct layer_visitor *visitor, struct err *e)
{
	struct tar_options options = layer_tar_options(w, t);
	struct tar *tar;
	enum outcome o = OUTCOME_FAILED;
	struct err why = ERR_INIT;

	if (s->codec)
		explain(w, s, &why);
	tar = why.code ? NULL : tar_open(s->top, &options, &why);
	if (tar)
		o = hand_all(w, t, tar, s, visitor, &why);
	tar_close(tar);
	if (w->cancelled) {
		err_set(e, ERR_CANCELLED, "interrupted");
		return;
	}
	if (o == OUTCOME_STOPPED)
		t->state = LAYER_INCOMPLETE;
	if (o != OUTCOME_FAILED && layer_stack_end(s, t, &why) < 0)
		o = OUTCOME_FAILED;
	if (o == OUTCOME_FAILED) {
		layer_failed(w, t, s, &why);
		layer_stack_end_blob(s, t);
	}
	layer_stack_progress(w, s);
}

int layer_walk(struct walk *w, struct task *t, struct stream *raw,
	       const struct layer_visitor *visitor, struct err *e)
{
	struct layer_stack s = {0};
	struct err why = ERR_INIT;

	t->state = LAYER_WALKED;
	if (visitor->begin(visitor->context, t->number, &why) < 0) {
		stream_close(raw);
		layer_failed(w, t, &s, &why);
		return 0;
	}
	t->began = true;
	progress_phase(w->request.progress, PHASE_LAYER_HEADER, t->layer);
	if (layer_stack_open(w, t, raw, &s, &why) < 0) {
		layer_failed(w, t, &s, &why);
	} else {
		if (t->inner)
			s.told = UINT64_MAX;
		if (s.codec)
			progress_phase(w->request.progress, PHASE_INFLATE, t->layer);
		walk_stack(w, t, &s, visitor, e);
		layer_stack_close(&s);
	}
	visitor->end(visitor->context, t->number, t->state == LAYER_WALKED);
	return w->cancelled ? -1 : 0;
}

/* --- the second pass ----------------------------------------------------------------------------
 */

static int compare_path(const void *key, const void *item)
{
	return str_cmp(*(const struct str *)key, *(const struct str *)item);
}

bool wanted_has(const struct wanted *wanted, struct str path)
{
	return bsearch(&path, wanted->paths, wanted->count, sizeof(path), compare_path) != NULL;
}

static int hand_wanted(struct walk *w, struct layer_stack *s, struct tar *tar, size_t number,
		       const struct wanted *wanted, const struct layer_visitor *visitor,
		       struct err *e)
{
	struct tar_entry entry;
	uint64_t entries = 0, max = w->limits->entries_layer_max;
	int r;

	while ((r = tar_next(tar, &entry, e)) > 0) {
		struct body body;

		if (max && ++entries > max)
			return 0;
		if (progress_cancelled(w->request.progress))
			return err_set(e, ERR_CANCELLED, "interrupted");
		if (!wanted_has(wanted, entry.entry.path))
			continue;
		body_init_tar(&body, &entry, tar, s);
		r = visitor->entry(visitor->context, number, &entry.entry, &body, e);
		body_done(&body);
		if (r < 0)
			return -1;
	}
	return r;
}

int layer_walk_again(struct walk *w, struct stream *raw, size_t number, const struct wanted *wanted,
		     const struct layer_visitor *visitor, struct err *e)
{
	struct tar_options options = layer_tar_options(w, NULL);
	struct layer_stack s = {0};
	struct tar *tar;
	int r = -1;

	if (layer_stack_open(w, NULL, raw, &s, e) < 0)
		return -1;
	tar = tar_open(s.top, &options, e);
	if (tar)
		r = hand_wanted(w, &s, tar, number, wanted, visitor, e);
	w->image.second_pass_bytes += s.raw->position;
	tar_close(tar);
	layer_stack_close(&s);
	return r;
}
