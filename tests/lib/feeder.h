/*
 * Feeds layers to the inspectors without the image module: the entries of a real tar, or of a
 * table.
 */
#ifndef PLIMSOLL_TESTS_FEEDER_H
#define PLIMSOLL_TESTS_FEEDER_H

#include "image/walk.h"
#include "inventory/inventory.h"

/* One line of a table: the text of a file, or what its type needs. */
struct line {
	enum entry_type type;
	const char *path, *text; /* content, link target */
	uint16_t mode;
	uint32_t uid;
	unsigned major, minor;
};
#define FILE_(path, text) \
	{ \
		ENTRY_FILE, path, text, 0644, 0, 0, 0 \
	}
#define DIR_(path, mode) \
	{ \
		ENTRY_DIR, path, "", mode, 0, 0, 0 \
	}
#define LINK_(path, target) \
	{ \
		ENTRY_SYMLINK, path, target, 0777, 0, 0, 0 \
	}
#define HARD_(path, target) \
	{ \
		ENTRY_HARDLINK, path, target, 0644, 0, 0, 0 \
	}
#define CHAR_(path, major, minor) \
	{ \
		ENTRY_CHAR, path, "", 0644, 0, major, minor \
	}
#define FIFO_(path) \
	{ \
		ENTRY_FIFO, path, "", 0644, 0, 0, 0 \
	}
#define END_ \
	{ \
		.path = NULL \
	}

struct layer_source {
	const struct line *lines; /* or */
	struct str tar;
};

enum { FEED_LAYERS = 600 };

struct feed {
	struct budget budget;
	struct diags diags;
	struct inspect_run *run;
	struct image image;
	struct image_layer layers[FEED_LAYERS];
	struct layer_source sources[FEED_LAYERS];
	struct inventory *inv;
	struct err e;
	uint64_t entries_max;
	unsigned again; /* layers that were read a second time */
	bool once;	/* cannot be read twice */
};

static inline int feed_lines(const struct line *line, const struct layer_visitor *v, size_t task,
			     bool (*wanted)(void *context, struct str path), void *context,
			     struct err *e)
{
	for (; line->path; line++) {
		bool link = line->type == ENTRY_SYMLINK || line->type == ENTRY_HARDLINK;
		struct str text = str_of(line->text);
		struct entry entry = {
			.type = line->type,
			.path = str_of(line->path),
			.link = link ? text : STR_NULL,
			.mode = line->mode,
			.uid = line->uid,
			.dev_major = line->major,
			.dev_minor = line->minor,
			.size = line->type == ENTRY_FILE ? text.len : 0,
		};
		struct body body;

		if (wanted && !wanted(context, entry.path))
			continue;
		body_init_memory(&body, text);
		if (v->entry(v->context, task, &entry, &body, e) < 0)
			return -1;
	}
	return 0;
}

static inline int feed_tar(struct str bytes, const struct layer_visitor *v, size_t task,
			   bool (*wanted)(void *context, struct str path), void *context,
			   struct err *e)
{
	struct stream *s = stream_open_memory(bytes, e);
	struct stream *plain = s ? stream_open_decoded(s, NULL, NULL, e) : NULL;
	struct tar *tar = plain ? tar_open(plain, &tar_options_default, e) : NULL;
	struct tar_entry entry;
	int r = tar ? 0 : -1;

	while (tar && (r = tar_next(tar, &entry, e)) > 0) {
		struct body body;

		if (wanted && !wanted(context, entry.entry.path))
			continue;
		body_init_tar(&body, &entry, tar, NULL);
		r = v->entry(v->context, task, &entry.entry, &body, e);
		body_done(&body);
		if (r < 0)
			break;
	}
	tar_close(tar);
	stream_close(plain);
	return r;
}

static inline int feed_source(const struct layer_source *s, const struct layer_visitor *v,
			      size_t task, bool (*wanted)(void *context, struct str path),
			      void *context, struct err *e)
{
	int r = v->begin(v->context, task, e);

	if (r == 0 && s->lines)
		r = feed_lines(s->lines, v, task, wanted, context, e);
	else if (r == 0)
		r = feed_tar(s->tar, v, task, wanted, context, e);
	v->end(v->context, task, r == 0);
	return r;
}

struct wanted_paths {
	const struct str *paths;
	size_t count;
};

static inline bool is_wanted(void *context, struct str path)
{
	const struct wanted_paths *w = context;

	for (size_t i = 0; i < w->count; i++)
		if (str_eq(w->paths[i], path))
			return true;
	return false;
}

static inline int feed_again(struct image *image, int index, const struct str *paths, size_t count,
			     const struct layer_visitor *visitor, struct err *e)
{
	struct feed *f = image->source;
	struct wanted_paths w = {paths, count};

	if (f->once)
		return err_set(e, ERR_UNSUPPORTED, "standard input");
	f->again++;
	return feed_source(&f->sources[index], visitor, 99, is_wanted, &w, e);
}

static inline void feed_init(struct feed *f, bool hash)
{
	struct inspect_options options = {
		.hash_files = hash, .details = true, .budget = &f->budget};

	*f = (struct feed){.e = ERR_INIT};
	crypto_init(&f->e);
	diags_init(&f->diags, NULL);
	f->run = inspect_run_new(&options, &f->e);
	f->image = (struct image){.kind = IMAGE_DOCKER_ARCHIVE, .layers = f->layers, .source = f};
}

static inline int feed_layer(struct feed *f, struct layer_source source)
{
	struct layer_visitor v = inspect_visitor(f->run);
	size_t i = f->image.layer_count++;

	f->sources[i] = source;
	f->layers[i] = (struct image_layer){.index = (int)i, .task = i};
	return feed_source(&source, &v, i, NULL, NULL, &f->e);
}

static inline int feed_build(struct feed *f)
{
	struct inventory_options options = {
		.image = &f->image,
		.run = f->run,
		.again = feed_again,
		.keep_files = true,
		.budget = &f->budget,
		.diags = &f->diags,
	};

	return inventory_build(&options, &f->inv, &f->e);
}

static inline void feed_done(struct feed *f)
{
	inventory_free(f->inv);
	inspect_run_free(f->run);
	diags_done(&f->diags);
}

/* "code layer path; ..." of all diagnostics, sorted. */
static inline void feed_diags(struct feed *f, struct buf *out)
{
	diags_sort(&f->diags);
	for (size_t i = 0; i < f->diags.list.count; i++) {
		const struct diag *d = &f->diags.list.items[i];

		buf_printf(out, "%s%s %d %.*s", i ? "; " : "", diag_name(d->code), d->layer,
			   STR_ARG(d->path));
	}
}

#endif
