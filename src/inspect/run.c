/*
 * The visitor that looks at a layer: every entry into the log of its facts, the bodies of those
 * that an inspector wants to that inspector. Tasks run side by side; each touches its own struct
 * task only.
 */
#include "inspect/glob_index.h"
#include "inspect/jobs.h"

enum { BLOCK_TASKS = 64, BLOCKS = 1024, INSPECTORS_MAX = 64, LOOK_UP_EVERY = 256 };

struct task {
	struct facts *facts;
	struct arena scratch;
	struct hasher *hasher;
	unsigned since_look;
};

struct inspect_run {
	struct inspect_options options;
	struct glob_index *globs;
	pthread_mutex_t lock; /* for making blocks */
	struct task *blocks[BLOCKS];
};

struct inspect_run *inspect_run_new(const struct inspect_options *options, struct err *e)
{
	struct inspect_run *r = mem_zero(1, sizeof(*r));

	if (!r)
		return ERR_NOMEM(e), NULL;
	r->options = *options;
	pthread_mutex_init(&r->lock, NULL);
	r->globs = glob_index_new(inspectors, e);
	if (!r->globs) {
		inspect_run_free(r);
		return NULL;
	}
	return r;
}

static void task_done(struct task *t)
{
	facts_free(t->facts);
	hasher_free(t->hasher);
	arena_done(&t->scratch);
}

void inspect_run_free(struct inspect_run *r)
{
	if (!r)
		return;
	for (size_t b = 0; b < BLOCKS; b++) {
		for (size_t i = 0; r->blocks[b] && i < BLOCK_TASKS; i++)
			task_done(&r->blocks[b][i]);
		mem_free(r->blocks[b]);
	}
	glob_index_free(r->globs);
	pthread_mutex_destroy(&r->lock);
	mem_free(r);
}

/* NULL when the task never began. A block stays where it is, so a task's own thread needs no lock.
 */
static struct task *find_task(const struct inspect_run *r, size_t task)
{
	struct task *block = task / BLOCK_TASKS < BLOCKS ? r->blocks[task / BLOCK_TASKS] : NULL;

	return block ? &block[task % BLOCK_TASKS] : NULL;
}

static struct task *make_task(struct inspect_run *r, size_t task, struct err *e)
{
	struct task **block;

	if (task / BLOCK_TASKS >= BLOCKS)
		return err_set(e, ERR_LIMIT, "more layers than can be counted"), NULL;
	pthread_mutex_lock(&r->lock);
	block = &r->blocks[task / BLOCK_TASKS];
	if (!*block)
		*block = mem_zero(BLOCK_TASKS, sizeof(**block));
	pthread_mutex_unlock(&r->lock);
	return *block ? &(*block)[task % BLOCK_TASKS] : (ERR_NOMEM(e), NULL);
}

static int visit_begin(void *context, size_t number, struct err *e)
{
	struct inspect_run *r = context;
	struct task *t = make_task(r, number, e);

	if (!t)
		return -1;
	if (t->facts)
		return err_set(e, ERR_INTERNAL, "walk %zu began twice", number);
	arena_init(&t->scratch, r->options.budget, 0);
	if (r->options.hash_files) {
		t->hasher = hasher_new(DIGEST_SHA256, e);
		if (!t->hasher)
			return -1;
	}
	t->facts = facts_new(r->options.budget, r->options.details);
	return t->facts ? 0 : ERR_NOMEM(e);
}

static void say_limit(struct facts *facts, const struct entry *entry, const struct err *e)
{
	struct diag_place place = {-1, entry->path, (int64_t)entry->offset};

	diag_add(&facts->diags, e->code == ERR_LIMIT ? DIAG_entry_limit : DIAG_memory_limit, place,
		 "the layer is read no further: %s", e->message);
}

static size_t fill_jobs(struct inspect_run *r, struct task *t, const struct entry *entry,
			uint32_t index, struct job jobs[INSPECTORS_MAX])
{
	uint64_t wanted = glob_index_match(r->globs, entry->path);
	size_t count = 0;

	for (unsigned i = 0; wanted; i++, wanted >>= 1) {
		if (!(wanted & 1))
			continue;
		jobs[count++] = (struct job){.in = {
						     .by = inspectors[i],
						     .path = entry->path,
						     .entry = index,
						     .info = entry,
						     .scratch = &t->scratch,
						     .facts = t->facts,
					     }};
	}
	return count;
}

static int read_body(struct inspect_run *r, struct task *t, const struct entry *entry,
		     struct body *body, uint32_t index, struct err *e)
{
	struct job jobs[INSPECTORS_MAX];
	struct job_run run = {
		.facts = t->facts,
		.hasher = t->hasher,
		.progress = r->options.progress,
		.info = entry,
		.body = body,
		.entry = index,
		.jobs = jobs,
		.count = fill_jobs(r, t, entry, index, jobs),
	};
	int result;

	if (run.count == 0 && !run.hasher)
		return 0;
	result = jobs_run(&run, e);
	arena_done(&t->scratch);
	/* what ends the layer is told by who walks it, but for what was missing here */
	if (result < 0 && e->code == ERR_MEMORY)
		say_limit(t->facts, entry, e);
	return result;
}

static int visit_entry(void *context, size_t number, const struct entry *entry, struct body *body,
		       struct err *e)
{
	struct inspect_run *r = context;
	struct task *t = find_task(r, number);
	uint64_t max = r->options.limits ? r->options.limits->entries_layer_max : 0;
	uint32_t index;

	if (!t || !t->facts)
		return err_set(e, ERR_INTERNAL, "walk %zu never began", number);
	if (t->since_look++ % LOOK_UP_EVERY == 0 && progress_cancelled(r->options.progress))
		return err_set(e, ERR_CANCELLED, "interrupted");
	if (facts_add_entry(t->facts, entry, max, &index, e) < 0) {
		say_limit(t->facts, entry, e);
		return -1;
	}
	if (entry->type != ENTRY_FILE)
		return 0;
	if (read_body(r, t, entry, body, index, e) == 0)
		return 0;
	/* what is wrong with the body the walker says */
	if (e->code == ERR_MEMORY || e->code == ERR_INTERNAL)
		say_limit(t->facts, entry, e);
	return -1;
}

static void visit_end(void *context, size_t number, bool complete)
{
	struct task *t = find_task(context, number);

	if (!t || !t->facts)
		return;
	t->facts->complete = complete;
	facts_freeze(t->facts);
	hasher_free(t->hasher);
	t->hasher = NULL;
	arena_done(&t->scratch);
}

struct layer_visitor inspect_visitor(struct inspect_run *r)
{
	return (struct layer_visitor){
		.context = r, .begin = visit_begin, .entry = visit_entry, .end = visit_end};
}

struct facts *inspect_facts(struct inspect_run *r, size_t task)
{
	struct task *t = find_task(r, task);

	return t ? t->facts : NULL;
}
