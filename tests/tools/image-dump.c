/*
 * image-dump [OPTION...] SOURCE: opens a source through broker and worker and prints what it is
 *made of, one JSON object a line, for the Python tests.
 *
 *	{"image": {...}}, {"layer": {...}}, {"entry": {...}}, {"again": {...}}, {"diag": {...}}
 *
 * --no-verify, --threads N, --platform P, --no-hash, --hash-random, --again PATH (repeatable,
 *sorted),
 * --limit NAME=N (layers entries path depth ratio grace json kept), --no-cage, --stop-phase N,
 * --kind-only. Exit 0; 1 with the error on standard error (hint behind " | "); 99 the worker died.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/map.h"
#include "base/work.h"
#include "crypto/digest.h"
#include "image/broker.h"
#include "io/worker.h"

enum { TASKS = 70000, HEAD = 16 };

struct lines {
	FILE *file; /* in memory: tasks run side by side */
	char *data;
	size_t size;
	uint64_t entries, files;
	bool complete, ended;
};

struct dump {
	struct image_broker broker;
	struct image_request request;
	struct image_limits limits;
	bool hash, hash_random, entries;
	struct str again[64];
	size_t again_count;
	const char *phase;
	struct lines *tasks;
};

static void put_text(FILE *f, struct str s)
{
	fputc('"', f);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		/* bytes as code points below 256: Python turns them back with latin-1 */
		if (c < 0x20 || c == '"' || c == '\\' || c >= 0x7f)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static int visit_begin(void *context, size_t task, struct err *e)
{
	struct dump *d = context;
	struct lines *l = &d->tasks[task];

	if (task >= TASKS || (l->file && !l->ended))
		return err_set(e, ERR_INTERNAL, "task %zu begins twice", task);
	if (!l->file)
		l->file = open_memstream(&l->data, &l->size);
	l->ended = false;
	return 0;
}

static int hash_random(struct body *body, struct hasher *h, struct err *e)
{
	char piece[3000];
	uint64_t size = body_size(body);

	for (uint64_t at = 0; at < size; at += sizeof(piece)) {
		int64_t n = body_read_at(body, at, piece, sizeof(piece), e);

		if (n < 0)
			return -1;
		hasher_add(h, str_make(piece, (size_t)n));
	}
	return 0;
}

static int hash_body(struct dump *d, struct body *body, char out[DIGEST_TEXT], struct err *e)
{
	struct hasher *h = hasher_new(DIGEST_SHA256, e);
	struct digest digest;
	struct str chunk;
	int r = 0;

	if (!h)
		return -1;
	if (d->hash_random && body_is_random(body))
		r = hash_random(body, h, e);
	else
		while ((r = body_next(body, &chunk, e)) > 0)
			hasher_add(h, chunk);
	if (hasher_end(h, &digest, r < 0 ? NULL : e) < 0)
		r = -1;
	digest_format_hex(&digest, out);
	hasher_free(h);
	return r;
}

static int visit_entry(void *context, size_t task, const struct entry *entry, struct body *body,
		       struct err *e)
{
	struct dump *d = context;
	struct lines *l = &d->tasks[task];
	char digest[DIGEST_TEXT] = "";
	int r = 0;

	l->entries++;
	l->files += entry->type == ENTRY_FILE;
	if (entry->type == ENTRY_FILE && d->hash)
		r = hash_body(d, body, digest, e);
	if (!d->entries)
		return r;
	fprintf(l->file, "{\"%s\": {\"task\": %zu, \"path\": ", d->phase, task);
	put_text(l->file, entry->path);
	fprintf(l->file,
		", \"type\": \"%s\", \"mode\": %u, \"uid\": %u, \"gid\": %u, \"size\": %llu",
		entry_type_name(entry->type), entry->mode, entry->uid, entry->gid,
		(unsigned long long)entry->size);
	fprintf(l->file, ", \"dev\": [%u, %u], \"random\": %s, \"sha256\": \"%s\", \"link\": ",
		entry->dev_major, entry->dev_minor, body_is_random(body) ? "true" : "false",
		r < 0 ? "" : digest);
	put_text(l->file, entry->link);
	fprintf(l->file, "}}\n");
	return r;
}

static void visit_end(void *context, size_t task, bool complete)
{
	struct dump *d = context;
	struct lines *l = &d->tasks[task];

	l->complete = complete;
	l->ended = true;
	fflush(l->file);
}

static void put_task(FILE *out, struct lines *l)
{
	if (!l->file)
		return;
	fclose(l->file);
	fwrite(l->data, 1, l->size, out);
	free(l->data);
	*l = (struct lines){0};
}

static void put_image(FILE *out, const struct dump *d, const struct image *image,
		      const struct worker_self *self)
{
	static const char *const states[] = {"walked", "incomplete", "missing"};

	fprintf(out,
		"{\"image\": {\"kind\": \"%s\", \"reference\": ", image_kind_name(image->kind));
	put_text(out, image->reference);
	fprintf(out, ", \"digest\": \"%s\", \"id\": \"%s\", \"os\": ", image->digest,
		image->image_id);
	put_text(out, image->os);
	fprintf(out, ", \"architecture\": ");
	put_text(out, image->architecture);
	fprintf(out, ", \"variant\": ");
	put_text(out, image->variant);
	fprintf(out, ", \"confinement\": \"%s\", \"peak\": %llu}}\n",
		confinement_name(self->confinement),
		(unsigned long long)d->request.budget->bytes_peak);
	for (size_t i = 0; i < image->layer_count; i++) {
		const struct image_layer *l = &image->layers[i];
		const struct lines *t = l->task < TASKS ? &d->tasks[l->task] : NULL;

		fprintf(out,
			"{\"layer\": {\"index\": %d, \"digest\": \"%s\", \"diff_id\": \"%s\", "
			"\"size\": %llu, \"verified\": %s, \"state\": \"%s\", \"task\": %lld, "
			"\"entries\": %llu, \"files\": %llu, \"complete\": %s, \"created_by\": ",
			l->index, l->digest, l->diff_id, (unsigned long long)l->size,
			l->verified ? "true" : "false", states[l->state],
			l->task < TASKS ? (long long)l->task : -1,
			t ? (unsigned long long)t->entries : 0,
			t ? (unsigned long long)t->files : 0, t && t->complete ? "true" : "false");
		put_text(out, l->created_by);
		fprintf(out, "}}\n");
	}
}

static void put_diags(FILE *out, struct diags *diags)
{
	diags_sort(diags);
	for (size_t i = 0; i < diags->list.count; i++) {
		const struct diag *g = &diags->list.items[i];

		fprintf(out, "{\"diag\": {\"code\": \"%s\", \"class\": \"%s\", \"layer\": %d, ",
			diag_name(g->code), diag_class_name(diag_class(g->code)), g->layer);
		fprintf(out, "\"offset\": %lld, \"path\": ", (long long)g->offset);
		put_text(out, g->path);
		fprintf(out, ", \"message\": ");
		put_text(out, g->message);
		fprintf(out, "}}\n");
	}
}

static int walk_again(FILE *out, struct dump *d, struct image *image,
		      const struct layer_visitor *visitor, struct err *e)
{
	d->phase = "again";
	d->entries = d->hash = true;
	for (size_t i = 0; d->again_count && i < image->layer_count; i++) {
		if (image->layers[i].task >= TASKS)
			continue;
		if (image_walk_again(image, (int)i, d->again, d->again_count, visitor, e) < 0)
			return -1;
		put_task(out, &d->tasks[image->layers[i].task]);
	}
	return 0;
}

static int body_of_worker(void *context, const struct worker_self *self, struct err *e)
{
	struct dump *d = context;
	struct budget budget = {.bytes_max = 1ULL << 31};
	struct arena arena;
	struct diags diags;
	struct image *image;
	struct layer_visitor visitor = {d, visit_begin, visit_entry, visit_end};
	struct ask_reply reply;
	FILE *out;
	int r;

	if (ask(self->link, ASK_OUTPUT, STR("0"), &reply, e) < 0)
		return -1;
	out = fdopen(reply.fd, "w");
	d->tasks = calloc(TASKS, sizeof(*d->tasks));
	arena_init(&arena, &budget, 0);
	diags_init(&diags, NULL);
	d->request.link = self->link;
	d->request.progress = self->progress;
	d->request.budget = &budget;
	d->request.diags = &diags;
	d->request.arena = &arena;
	d->phase = "entry";
	r = image_walk(&d->request, &visitor, &image, e);
	if (r == 0) {
		put_image(out, d, image, self);
		for (size_t i = 0; i < image->layer_count; i++)
			if (image->layers[i].task < TASKS)
				put_task(out, &d->tasks[image->layers[i].task]);
		for (size_t i = 0; i < TASKS; i++)
			if (d->tasks[i].file) {
				fclose(d->tasks[i].file);
				free(d->tasks[i].data);
				d->tasks[i] = (struct lines){0};
			}
		r = walk_again(out, d, image, &visitor, e);
		image_close(image);
	}
	put_diags(out, &diags);
	diags_done(&diags);
	arena_done(&arena);
	free(d->tasks);
	fclose(out);
	if (r == 0 && budget.bytes != 0)
		return err_set(e, ERR_INTERNAL, "%llu bytes of the budget were not given back",
			       (unsigned long long)budget.bytes);
	return r;
}

static int give_output(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
		       struct err *e)
{
	(void)context;
	(void)kind;
	(void)name;
	ret->fd = dup(STDOUT_FILENO);
	return ret->fd < 0 ? err_set(e, ERR_IO, "dup") : 0;
}

static void set_limit(struct image_limits *l, const char *text)
{
	const char *value = strchr(text, '=');
	unsigned long long n = value ? strtoull(value + 1, NULL, 10) : 0;

	switch (text[0]) {
	case 'l':
		l->layers_max = n;
		break;
	case 'e':
		l->entries_layer_max = n;
		break;
	case 'p':
		l->path_max = (uint32_t)n;
		break;
	case 'd':
		l->path_depth_max = (uint32_t)n;
		break;
	case 'r':
		l->ratio_max = (unsigned)n;
		break;
	case 'g':
		l->ratio_grace = n;
		break;
	case 'j':
		l->json_max = n;
		break;
	case 'k':
		l->kept_bodies_max = n;
		break;
	}
}

int main(int argc, char **argv)
{
	static struct dump d;
	struct ask_handler output = {NULL, give_output};
	struct worker_options options = {.confine = CONFINE_ALL, .signals = true};
	struct worker_result result;
	struct err e = ERR_INIT;
	const char *source = NULL, *stop_phase = NULL;
	char text[512];
	int r;

	d = (struct dump){.hash = true, .entries = true, .limits = image_limits_default};
	d.request.verify = true;
	if (crypto_init(&e) < 0)
		return 1;
	map_seed();
	d.request.threads = work_cpus();
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(a, "--no-verify") == 0)
			d.request.verify = false;
		else if (strcmp(a, "--no-hash") == 0)
			d.hash = false;
		else if (strcmp(a, "--no-entries") == 0)
			d.entries = false;
		else if (strcmp(a, "--hash-random") == 0)
			d.hash_random = true;
		else if (strcmp(a, "--no-cage") == 0)
			options.confine = 0;
		else if (strcmp(a, "--threads") == 0 && ++i)
			d.request.threads = (unsigned)strtoul(value, NULL, 10);
		else if (strcmp(a, "--platform") == 0 && ++i)
			d.request.platform = str_of(value);
		else if (strcmp(a, "--again") == 0 && ++i)
			d.again[d.again_count++] = str_of(value);
		else if (strcmp(a, "--limit") == 0 && ++i)
			set_limit(&d.limits, value);
		else if (strcmp(a, "--stop-phase") == 0 && ++i)
			stop_phase = value;
		else
			source = a;
	}
	d.request.limits = &d.limits;
	options.progress = progress_new();
	if (!source || !options.progress)
		return 3;
	if (stop_phase)
		options.progress->stop_phase = (int)strtol(stop_phase, NULL, 10);
	r = image_broker_open(&d.broker, source, &d.limits, &e);
	if (r == 0) {
		image_broker_request(&d.broker, &d.request);
		image_broker_handle(&d.broker, options.handlers);
		options.handlers[ASK_OUTPUT] = &output;
		r = worker_run(&options, body_of_worker, &d, &result, &e);
		image_broker_close(&d.broker);
	}
	if (r < 0) {
		fprintf(stderr, "%s: %s%s%s\n", err_code_name(e.code), e.message,
			e.hint[0] ? " | " : "", e.hint);
		return 1;
	}
	if (result.signal) {
		worker_death(&result, options.progress, text, sizeof(text));
		fprintf(stderr, "died: %s\n", text);
		return 99;
	}
	progress_free(options.progress);
	return result.status;
}
