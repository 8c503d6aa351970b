#include "advisory/build.h"

#include <sys/stat.h>

#include "advisory/core.h"
#include "advisory/store.h"
#include "advisory/writer.h"
#include "base/map.h"
#include "io/worker.h"

enum { REPORT_MAX = 8 << 20 };

static int ask_broker(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
		      struct err *e)
{
	return ask(context, kind, name, ret, e);
}

static int worker_side(void *context, const struct worker_self *self, struct err *e)
{
	struct asker asker = {.ask = ask_broker, .context = self->link};

	return build_core(&asker, context, e);
}

static int run_worker(const struct build_request *request, struct build_files *files, struct err *e)
{
	struct ask_handler handler = {.context = files, .answer = build_files_answer};
	struct worker_options options = {
		.handlers = {[ASK_LISTING] = &handler,
			     [ASK_SOURCE] = &handler,
			     [ASK_FILE] = &handler,
			     [ASK_OUTPUT] = &handler},
		.confine = CONFINE_ALL,
		.signals = true,
	};
	struct worker_result result;
	char death[256];

	if (worker_run(&options, worker_side, (void *)(uintptr_t)request, &result, e) < 0)
		return -1;
	if (result.signal) {
		worker_death(&result, NULL, death, sizeof(death));
		return err_set(e, ERR_INTERNAL, "%s", death);
	}
	return result.status == 0 ? 0 : err_set(e, ERR_INTERNAL, "the worker ended early");
}

static int run(const struct build_request *request, struct build_files *files, struct err *e)
{
	struct asker asker = {.ask = build_files_answer, .context = files};

	return request->in_process ? build_core(&asker, request, e) : run_worker(request, files, e);
}

/* The worker's words, without anything a terminal would obey. */
static int read_report(const struct build_files *files, struct buf *out, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	int fd = build_files_report(files);
	struct stat st;
	struct str rest, line;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > REPORT_MAX)
		return err_set(e, ERR_INTERNAL, "the build wrote no report");
	if (!buf_reserve(&text, (size_t)st.st_size + 1))
		return ERR_NOMEM(e);
	if (file_read_at(fd, text.data, (size_t)st.st_size, 0, e) < 0)
		return -1;
	buf_used(&text, (size_t)st.st_size);
	rest = buf_str(&text);
	while (str_next_line(&rest, &line)) {
		buf_add_escaped(out, line);
		buf_add_char(out, '\n');
	}
	return buf_failed(out) ? ERR_NOMEM(e) : 0;
}

static int build_into(const struct build_request *request, struct store *store, struct buf *report,
		      struct err *e)
{
	struct build_files_options options = {.dir = store->dir,
					      .input_count = request->input_count};
	const char **paths = mem_zero(request->input_count, sizeof(*paths));
	struct build_files *files = NULL;
	int r;

	if (!paths)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < request->input_count; i++)
		paths[i] = request->inputs[i].path;
	options.inputs = paths;
	r = build_files_open(&options, &files, e);
	if (r == 0)
		r = run(request, files, e);
	/* the last thing that can fail is the replacement itself */
	if (r == 0)
		r = read_report(files, report, e);
	if (r == 0)
		r = store_commit(store, files, e) < 0 ? err_wrap(e, "%s", request->out) : 0;
	build_files_close(files);
	mem_free(paths);
	return r;
}

int db_build(const struct build_request *request, struct buf *report, struct err *e)
{
	struct store store;
	int r;

	if (request->input_count == 0)
		return err_set(e, ERR_USAGE, "no feeds are given");
	if (crypto_init(e) < 0 || store_open(request->out, &store, e) < 0)
		return -1;
	map_seed();
	r = build_into(request, &store, report, e);
	store_close(&store);
	return r;
}

int build_input_parse(const char *text, struct build_input *ret, struct err *e)
{
	struct str rest = str_of(text), kind;
	const struct feed *feed;
	char kinds[512] = "";
	size_t len = 0;

	if (!str_next(&rest, '=', &kind) || !rest.data || rest.len == 0)
		return err_set(e, ERR_USAGE, "--feed: '%s' is not KIND=PATH", text);
	feed = feed_find(kind);
	if (feed) {
		*ret = (struct build_input){.feed = feed, .path = rest.data};
		return 0;
	}
	for (const struct feed *const *f = feeds; *f && len < sizeof(kinds); f++)
		len += (size_t)snprintf(kinds + len, sizeof(kinds) - len, "%s%s", len ? ", " : "",
					(*f)->name);
	return err_set(e, ERR_USAGE, "--feed: '%.*s' is not one of %s", STR_ARG(kind), kinds);
}
