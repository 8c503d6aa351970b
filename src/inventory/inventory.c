#include "inventory/private.h"

int inventory_locate(struct inventory *inv, struct str path, int top, struct trail *trail,
		     struct place_found *ret, struct err *e)
{
	struct look *w = &inv->look;
	bool redirected = false;

	*ret = (struct place_found){.entry = FACT_NONE};
	w->trail = trail;
	for (;;) {
		const struct layer_tree *tree;

		if (look_run(w, path, 0, top, e) < 0)
			return -1;
		w->trail = NULL;
		ret->links += w->links;
		/* a folder has no hardlinks, whoever takes the layer */
		ret->kind = w->kind == FOUND_FOLDER && redirected ? FOUND_NOTHING : w->kind;
		ret->place =
			w->kind == FOUND_DANGLING || w->kind == FOUND_LOOP ? w->link : w->place;
		if (w->kind != FOUND_FILE)
			return 0;
		tree = &inv->squash.trees[w->place.layer];
		ret->entry = squash_inode(&inv->squash, w->place);
		if (ret->entry != INODE_LOWER)
			break;
		/* the runtime refuses such a hardlink; who takes it means the file below */
		path = facts_link(tree->facts, squash_entry(&inv->squash, w->place));
		top = (int)w->place.layer - 1;
		redirected = true;
	}
	if (inv->squash.trees[ret->place.layer].facts->entries.items[ret->entry].type != ENTRY_FILE)
		ret->kind = FOUND_OTHER;
	return 0;
}

int inventory_find(struct inventory *inv, struct str path, int upto, struct found *ret,
		   struct err *e)
{
	CLEANUP(buf_done) struct buf real = BUF_INIT;
	int top = upto < 0 ? inv->squash.count - 1 : upto;
	struct found found;
	struct place_found f;

	if (!inv->squash.trees)
		return err_set(e, ERR_INTERNAL, "the files of the image were not kept");
	if (inventory_locate(inv, path, top, NULL, &f, e) < 0)
		return -1;
	found = (struct found){
		.kind = f.kind,
		.layer = (int)f.place.layer,
		.entry = f.entry,
		.links = f.links,
		.real = STR(""),
	};
	if (f.kind != FOUND_NOTHING && inv->squash.count) {
		found.facts = inv->squash.trees[f.place.layer].facts;
		if (found.facts)
			squash_path(&inv->squash, f.place, &real);
		found.real = arena_str(&inv->arena, buf_str(&real));
		if (buf_failed(&real) || !found.real.data)
			return ERR_NOMEM(e);
	}
	*ret = found;
	return 0;
}

int inventory_layer_count(const struct inventory *inv)
{
	return inv->squash.count;
}

const struct distro *inventory_distro(const struct inventory *inv)
{
	return &inv->distro;
}

const struct package *inventory_packages(const struct inventory *inv, size_t *ret_count)
{
	*ret_count = inv->package_count;
	return inv->packages;
}

/* What was noted while layers were walked gets the index of the layer; a shared walk the first. */
static void take_diags(struct inventory *inv)
{
	for (int i = 0; i < inv->squash.count; i++) {
		struct facts *facts = inv->squash.trees[i].facts;

		if (facts)
			diags_move(inv->options.diags, &facts->diags, i);
	}
}

/* Decision 9: entries that nobody needs go after the squash. */
static void forget_files(struct inventory *inv)
{
	for (int i = 0; i < inv->squash.count; i++)
		if (inv->squash.trees[i].facts)
			facts_forget_entries(inv->squash.trees[i].facts);
	look_done(&inv->look);
	squash_done(&inv->squash);
	look_init(&inv->look, &inv->squash);
}

static int build(struct inventory *inv, struct err *e)
{
	struct progress *progress = inv->options.progress;

	progress_phase(progress, PHASE_SQUASH, -1);
	if (squash_init(&inv->squash, inv->options.image, inv->options.run, inv->options.budget,
			inv->options.diags, e) < 0)
		return -1;
	take_diags(inv);
	if (databases_find(inv, e) < 0 || databases_read(inv, e) < 0)
		return -1;
	progress_phase(progress, PHASE_RESOLVE, -1);
	if (resolution_run(inv, e) < 0)
		return -1;
	if (!inv->options.keep_files)
		forget_files(inv);
	return 0;
}

int inventory_build(const struct inventory_options *options, struct inventory **ret, struct err *e)
{
	struct inventory *inv = mem_zero(1, sizeof(*inv));

	if (!inv)
		return ERR_NOMEM(e);
	inv->options = *options;
	arena_init(&inv->arena, options->budget, 0);
	look_init(&inv->look, &inv->squash);
	if (build(inv, e) < 0) {
		inventory_free(inv);
		return -1;
	}
	*ret = inv;
	return 0;
}

void inventory_free(struct inventory *inv)
{
	if (!inv)
		return;
	look_done(&inv->look);
	squash_done(&inv->squash);
	vec_done(&inv->databases);
	arena_done(&inv->arena);
	mem_free(inv);
}
