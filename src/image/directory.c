/*
 * A root file system or project in a folder. The broker lists it; here the listing is walked like a
 * layer, and the files that somebody wants are opened one by one through the broker. Nothing has a
 * digest: the folder may change while it is read.
 */
#include "image/listing.h"
#include "image/walk.h"

#include <sys/mman.h>
#include <unistd.h>

static void say_note(struct task *t, const struct entry *entry, enum listing_note note)
{
	static const struct {
		enum diag_code code;
		const char *text;
	} notes[] = {
		[LISTING_PLAIN] = {DIAG_entry_odd, NULL},
		[LISTING_UNREADABLE] = {DIAG_file_unreadable,
					"the folder could not be read: its entries are missing"},
		[LISTING_OTHER_KIND] =
			{DIAG_entry_odd,
			 "a file system of the kernel is mounted here; not looked at"},
		[LISTING_TOO_DEEP] = {DIAG_path_limit, "longer or deeper than the limit of paths"},
		[LISTING_CUT] = {DIAG_entry_limit, "the folder is read no further"},
	};

	if (notes[note].text)
		task_say(t, notes[note].code, entry->path, -1, "%s", notes[note].text);
	if (note == LISTING_CUT || note == LISTING_UNREADABLE)
		t->state = LAYER_INCOMPLETE;
}

static int hand(struct walk *w, struct task *t, const struct entry *entry,
		const struct layer_visitor *visitor, struct err *e)
{
	struct body body = {.kind = BODY_NONE};
	int r;

	if (entry->type == ENTRY_FILE)
		body = (struct body){.kind = BODY_FOLDER,
				     .size = entry->size,
				     .walk = w,
				     .index = (size_t)entry->offset};
	r = layer_hand(w, t, visitor, entry, &body, e);
	body_done(&body);
	/* only this file ends: the others are still there */
	if (body.failure.code && !w->cancelled) {
		task_say(t, DIAG_file_unreadable, entry->path, -1, "%s", body.failure.message);
		return 0;
	}
	return r;
}

static int walk_listing(struct walk *w, struct task *t, struct listing *l,
			const struct wanted *wanted, const struct layer_visitor *visitor,
			struct err *e)
{
	struct entry entry;
	enum listing_note note;
	int r;

	while ((r = listing_next(l, &entry, &note, e)) > 0) {
		if (wanted && !wanted_has(wanted, entry.path))
			continue;
		if (!wanted)
			say_note(t, &entry, note);
		if (note == LISTING_TOO_DEEP && entry.type != ENTRY_DIR)
			continue;
		if (hand(w, t, &entry, visitor, e) < 0) {
			t->state = LAYER_INCOMPLETE;
			return w->cancelled ? -1 : 0;
		}
	}
	return r;
}

/* The listing as the broker made it: sealed, so that it cannot shrink under the mapping. */
static int map_listing(struct walk *w, struct str *ret, struct err *e)
{
	struct ask_reply reply;
	void *data;

	if (ask(w->request.link, ASK_LISTING, STR(""), &reply, e) < 0)
		return -1;
	if (reply.fd < 0)
		return err_set(e, ERR_INTERNAL, "no descriptor came");
	data = reply.size ? mmap(NULL, reply.size, PROT_READ, MAP_PRIVATE, reply.fd, 0)
			  : MAP_FAILED;
	close(reply.fd);
	if (data == MAP_FAILED)
		return err_set(e, ERR_IO, "the listing of the folder cannot be read");
	*ret = str_make(data, reply.size);
	return 0;
}

static int walk_folder(struct walk *w, struct task *t, const struct wanted *wanted,
		       const struct layer_visitor *visitor, struct err *e)
{
	struct listing l = {0};
	struct str data;
	int r;

	if (map_listing(w, &data, e) < 0)
		return -1;
	r = listing_open(&l, data, e);
	if (r == 0)
		r = walk_listing(w, t, &l, wanted, visitor, e);
	listing_close(&l);
	munmap((void *)data.data, data.len);
	return r;
}

static int fill(struct walk *w, const struct task *t, struct err *e)
{
	struct image *image = &w->image;

	image->kind = IMAGE_DIRECTORY;
	image->reference = w->request.reference;
	image->layers = arena_alloc(&w->arena, sizeof(*image->layers));
	if (!image->layers)
		return ERR_NOMEM(e);
	image->layers[0] =
		(struct image_layer){.created_by = STR(""), .state = t->state, .task = t->number};
	image->layer_count = 1;
	return 0;
}

static int run(struct walk *w, const struct layer_visitor *visitor, struct err *e)
{
	struct task *t = walk_add_task(w, STR(""), e);
	int r;

	if (!t)
		return -1;
	t->layer = 0;
	t->blob.size = UINT64_MAX;
	if (visitor->begin(visitor->context, t->number, e) < 0)
		return -1;
	t->began = true;
	progress_phase(w->request.progress, PHASE_TAR_WALK, 0);
	r = walk_folder(w, t, NULL, visitor, e);
	visitor->end(visitor->context, t->number, r == 0 && t->state == LAYER_WALKED);
	diags_move(w->request.diags, &t->diags, 0);
	return r < 0 ? -1 : fill(w, t, e);
}

static int again(struct walk *w, const struct str *paths, size_t path_count,
		 const struct layer_visitor *visitor, struct err *e)
{
	const struct wanted wanted = {paths, path_count};
	struct task *t = w->tasks.items[0];
	uint64_t entries = t->entries;
	int r = walk_folder(w, t, &wanted, visitor, e);

	t->entries = entries;
	diags_move(w->request.diags, &t->diags, 0);
	return r;
}

const struct source source_directory = {
	.name = "dir",
	.kind = IMAGE_DIRECTORY,
	.folder = true,
	.run = run,
	.again = again,
};
