/*
 * The confined side of a mining run: files to trees, trees to figures or rules.
 */
#include "dockerfile/mine_work.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "dockerfile/docker_tree.h"
#include "dockerfile/git_log.h"
#include "dockerfile/history.h"
#include "dockerfile/lint.h"
#include "dockerfile/miner.h"
#include "text/json_write.h"

static struct str base_name(struct str path)
{
	ptrdiff_t slash = str_find_last_char(path, '/');

	return slash < 0 ? path : str_from(path, (size_t)slash + 1);
}

#define WORKER_MEMORY ((uint64_t)2 << 30)

/* Makes the trees of a corpus and hands them on. */
struct reader {
	struct mine_job *job;
	struct ask_link *link;
	struct budget budget;
	struct symbols symbols;
	struct forest forest;
	struct forest *target; /* where trees are made: that forest, or another */
	struct linter *linter;
	struct lint_config config;
	struct rule rule; /* whose hook makes the tree */
	const struct rule *rules[1];
	struct str only;
	struct str name;  /* of the file at hand */
	struct err error; /* of the hook */
	struct buf notes;
	bool keep; /* trees stay in the forest */
	/* called for each tree, the last of the forest */
	int (*take)(struct reader *r, void *context, struct err *e);
	void *context;
};

static void make_tree(struct lint *l)
{
	struct reader *r = (struct reader *)(uintptr_t)l->rule->data;

	docker_tree_add(l, r->target, r->job->request->deep, r->name, &r->error);
}

static int take_tree(struct reader *r, struct err *e)
{
	int result = r->take(r, r->context, e);

	if (!r->keep)
		forest_clear(&r->forest);
	return result;
}

static int add_text(struct reader *r, struct str name, struct str text, struct err *e)
{
	const struct lint_input in = {.text = text, .path = name};
	struct lint_result result;

	r->name = name;
	r->error = ERR_INIT;
	if (lint_text(r->linter, &in, &result, e) < 0)
		return -1;
	if (r->error.code) {
		*e = r->error;
		return -1;
	}
	return 0;
}

static int take_text(void *context, struct str name, struct str text, struct err *e)
{
	struct reader *r = context;

	return add_text(r, name, text, e) < 0 ? -1 : take_tree(r, e);
}

static int take_json(void *context, struct str json, struct err *e)
{
	struct reader *r = context;

	return forest_read_json(&r->forest, json, e) < 0 ? -1 : take_tree(r, e);
}

static void note_gap(void *context, const char *what)
{
	struct reader *r = context;

	++*r->job->gaps;
	buf_add_cstr(&r->notes, "plimsoll: ");
	buf_add_escaped(&r->notes, str_of(what));
	buf_add_char(&r->notes, '\n');
}

static int reader_init(struct reader *r, struct err *e)
{
	r->budget.bytes_max = WORKER_MEMORY;
	symbols_init(&r->symbols);
	forest_init(&r->forest, &r->symbols);
	r->target = &r->forest;
	buf_init(&r->notes, NULL, 16 << 20);
	r->rule = (struct rule){.code = "tree",
				.title = "Make the tree",
				.level = LEVEL_INFO,
				.flags = RULE_ALWAYS,
				.end = make_tree,
				.data = r};
	r->rules[0] = &r->rule;
	r->only = STR("tree");
	r->config = (struct lint_config){.extra_rules = r->rules,
					 .extra_rule_count = 1,
					 .read_foreign = !r->job->request->deep,
					 .only = &r->only,
					 .only_count = 1};
	r->linter = linter_new(&r->config, &r->budget, e);
	return r->linter ? 0 : -1;
}

static struct stream *open_source(struct reader *r, size_t number, struct err *e)
{
	struct ask_reply reply;
	char name[32];

	snprintf(name, sizeof(name), "%zu", number);
	if (ask(r->link, ASK_SOURCE, str_of(name), &reply, e) < 0)
		return NULL;
	return stream_open_fd(reply.fd, true, 0, UINT64_MAX, e);
}

static int read_file(struct reader *r, size_t file, struct err *e)
{
	const struct corpus_sink sink = {r, take_text, take_json, note_gap};
	const char *path = r->job->files.files.items[file].path;
	struct stream *s = open_source(r, file + (r->job->history >= 0), e);

	return s ? corpus_read(s, str_of(path), &sink, &r->budget, e) : -1;
}

/* Files [first, end); one that cannot be read is a gap. */
static int read_files(struct reader *r, size_t first, size_t end, struct err *e)
{
	for (size_t i = first; i < end; i++) {
		struct err why = ERR_INIT;
		char text[1024];

		if (read_file(r, i, &why) == 0)
			continue;
		if (why.code == ERR_MEMORY || why.code == ERR_INTERNAL) {
			*e = why;
			return -1;
		}
		snprintf(text, sizeof(text), "%s: %s", r->job->files.files.items[i].path,
			 why.message);
		note_gap(r, text);
	}
	return 0;
}

/* --- evaluating --- */

struct evaluation {
	const struct associations *list;
	struct association_scratch scratch;
	struct mine_figures figures;
	uint64_t *violations; /* by rule, in the tree at hand */
	uint64_t *matches;
};

static size_t index_of(const struct evaluation *v, const struct association *a)
{
	return a->index < v->list->rules.count ? a->index : 0;
}

static void count_match(void *context, const struct association *a, uint32_t node, bool holds)
{
	struct evaluation *v = context;
	size_t i = index_of(v, a);

	(void)node;
	v->matches[i]++;
	v->violations[i] += !holds;
}

static int count_tree(struct reader *r, void *context, struct err *e)
{
	struct evaluation *v = context;
	size_t count = v->list->rules.count;
	const struct forest_tree *t = &r->forest.trees.items[r->forest.trees.count - 1];

	memset(v->matches, 0, count * sizeof(*v->matches));
	memset(v->violations, 0, count * sizeof(*v->violations));
	if (association_run((const struct association *const *)v->list->rules.items, count,
			    &r->forest, t, &v->scratch, count_match, v, e) < 0)
		return -1;
	v->figures.trees++;
	for (size_t i = 0; i < count; i++) {
		struct association_figures *f = &v->figures.rules[i];

		f->support += v->matches[i];
		f->confirmed += v->matches[i] - v->violations[i];
		f->files += v->matches[i] > 0;
		f->files_violating += v->violations[i] > 0;
	}
	return 0;
}

static int evaluation_init(struct evaluation *v, const struct associations *list, struct err *e)
{
	size_t count = list->rules.count ? list->rules.count : 1;

	*v = (struct evaluation){.list = list};
	v->figures.rules = mem_zero(count, sizeof(*v->figures.rules));
	v->matches = mem_zero(count, sizeof(*v->matches));
	v->violations = mem_zero(count, sizeof(*v->violations));
	return v->figures.rules && v->matches && v->violations ? 0 : ERR_NOMEM(e);
}

static int evaluate(struct reader *r, const struct associations *list, size_t first, size_t end,
		    struct evaluation *ret, struct err *e)
{
	if (evaluation_init(ret, list, e) < 0)
		return -1;
	r->keep = false;
	r->take = count_tree;
	r->context = ret;
	forest_clear(&r->forest);
	return read_files(r, first, end, e);
}

static int run_evaluate(struct reader *r, struct buf *out, struct err *e)
{
	const struct mine_request *q = r->job->request;
	struct associations list;
	struct evaluation v;

	associations_init(&list, &r->symbols);
	if (q->gold && associations_read_gold(&list, e) < 0)
		return -1;
	if (q->rules.data && associations_read(&list, q->rules, q->rules_path, e) < 0)
		return -1;
	if (evaluate(r, &list, 0, r->job->second, &v, e) < 0)
		return -1;
	mine_write_figures(&list, &v.figures, q, out);
	return 0;
}

/* --- trees --- */

static int write_tree(struct reader *r, void *context, struct err *e)
{
	const struct forest_tree *t = &r->forest.trees.items[r->forest.trees.count - 1];
	struct buf *out = context;

	forest_write_json(&r->forest, t->first, out);
	/* the name goes into the root */
	if (!buf_failed(out) && t->name.len) {
		out->len--;
		buf_add_cstr(out, ", \"path\": ");
		json_quote(out, t->name);
		buf_add_char(out, '}');
	}
	buf_add_char(out, '\n');
	return buf_failed(out) ? ERR_NOMEM(e) : 0;
}

static int run_trees(struct reader *r, struct buf *out, struct err *e)
{
	r->take = write_tree;
	r->context = out;
	return read_files(r, 0, r->job->second, e);
}

/* --- mining --- */

static int keep_tree(struct reader *r, void *context, struct err *e)
{
	(void)r;
	(void)context;
	(void)e;
	return 0;
}

/* A change: both versions to trees, the newest one of a file kept apart. */
static int take_change(void *context, const struct git_change *c, struct err *e)
{
	struct reader *r = context;
	struct history *h = r->context;
	int new = lint_file_name(base_name(c->path)) ? history_needs_head(h, c->path, e) : -2;

	if (new < 0)
		return new == -2 ? 0 : -1;
	if (new) {
		r->target = &h->heads;
		if (add_text(r, c->path, c->after, e) < 0 || history_head_added(h, e) < 0)
			return -1;
		r->target = &r->forest;
	}
	if (c->is_new)
		return 0;
	forest_clear(&r->forest);
	if (add_text(r, c->path, c->before, e) < 0 || add_text(r, c->path, c->after, e) < 0)
		return -1;
	return history_add(h, &r->forest, c->commit, c->path, e);
}

static void note_history(struct reader *r, const struct history *h)
{
	char text[200];

	if (!h->left_out)
		return;
	snprintf(text, sizeof(text),
		 "more than %d different things were changed: the older ones are not counted",
		 HISTORY_CANDIDATES_MAX);
	note_gap(r, text);
}

static int mine_history(struct reader *r, struct associations *list, struct err *e)
{
	const struct mine_request *q = r->job->request;
	const struct history_options options = {q->support_min, q->confidence_min};
	const struct git_log_sink sink = {r, take_change, note_gap};
	struct stream *s = open_source(r, 0, e);
	struct history *h = mem_zero(1, sizeof(*h));

	if (!h)
		return ERR_NOMEM(e);
	history_init(h, list);
	r->context = h;
	if (!s || git_log_read(s, STR("git log"), &sink, &r->budget, e) < 0)
		return -1;
	note_history(r, h);
	return history_finish(h, &options, e);
}

static int mine_corpus(struct reader *r, struct associations *list, struct err *e)
{
	const struct mine_request *q = r->job->request;
	const struct miner_options options = {.support_min = q->support_min,
					      .confidence_min = q->confidence_min,
					      .ordered = q->ordered};

	r->keep = true;
	r->take = keep_tree;
	if (read_files(r, 0, r->job->second, e) < 0)
		return -1;
	return miner_run(&r->forest, &options, list, e);
}

static int run_mine(struct reader *r, struct buf *out, struct err *e)
{
	const struct mine_request *q = r->job->request;
	struct associations list;
	struct evaluation v;

	associations_init(&list, &r->symbols);
	if ((q->history ? mine_history(r, &list, e) : mine_corpus(r, &list, e)) < 0)
		return -1;
	if (q->second) {
		if (evaluate(r, &list, r->job->second, r->job->files.files.count, &v, e) < 0)
			return -1;
		for (size_t i = 0; i < list.rules.count; i++)
			list.rules.items[i]->second = v.figures.rules[i];
	}
	mine_write_rules(&list, q, out);
	return 0;
}

/* --- the worker --- */

static int put(struct reader *r, int stream, struct str text, struct err *e)
{
	struct ask_reply reply;
	char name[32];

	snprintf(name, sizeof(name), "%d", stream);
	if (ask(r->link, ASK_OUTPUT, str_of(name), &reply, e) < 0)
		return -1;
	while (text.len) {
		ssize_t n = write(reply.fd, text.data, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(e, errno, "the report");
		text = str_from(text, (size_t)n);
	}
	close(reply.fd);
	return 0;
}

int mine_worker(void *context, const struct worker_self *self, struct err *e)
{
	struct reader *r = mem_zero(1, sizeof(*r));
	struct buf out = BUF_INIT;
	const struct mine_request *q;
	int result;

	if (!r)
		return ERR_NOMEM(e);
	/* the process ends here: what it holds goes with it */
	r->job = context;
	r->link = self->link;
	q = r->job->request;
	if (reader_init(r, e) < 0)
		return -1;
	result = q->format == MINE_TREES    ? run_trees(r, &out, e)
		 : q->gold || q->rules.data ? run_evaluate(r, &out, e)
					    : run_mine(r, &out, e);
	if (result < 0)
		return -1;
	if (buf_failed(&out) || buf_failed(&r->notes))
		return ERR_NOMEM(e);
	return put(r, MINE_REPORT, buf_str(&out), e) < 0 ||
			       put(r, MINE_NOTES, buf_str(&r->notes), e) < 0
		       ? -1
		       : 0;
}
