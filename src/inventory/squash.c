/*
 * The trees of an image and what is odd about their stacking.
 */
#include "inventory/squash.h"

void squash_path(const struct squash *s, struct place p, struct buf *out)
{
	if (p.node != 0)
		path_table_format(s->trees[p.layer].facts->paths, p.node, out);
}

struct str squash_name(const struct squash *s, struct place p)
{
	return path_table_name(s->trees[p.layer].facts->paths, p.node);
}

const struct layer_entry *squash_entry(const struct squash *s, struct place p)
{
	const struct layer_tree *tree = &s->trees[p.layer];
	uint32_t entry = layer_tree_entry(tree, p.node);

	return entry == FACT_NONE ? NULL : &tree->facts->entries.items[entry];
}

uint32_t squash_inode(const struct squash *s, struct place p)
{
	const struct layer_tree *tree = &s->trees[p.layer];
	uint32_t entry = layer_tree_entry(tree, p.node);

	return entry == FACT_NONE ? FACT_NONE : layer_tree_inode(tree, entry);
}

/* --- oddities that need the layers below
 * ---------------------------------------------------------- */

/* What the layers below show at a path of this one; links are not followed. */
static int look_below(struct look *w, struct place p, enum found_kind *ret, struct buf *path,
		      struct err *e)
{
	buf_clear(path);
	squash_path(w->squash, p, path);
	if (buf_failed(path))
		return ERR_NOMEM(e);
	w->follow_last = false;
	if (look_run(w, buf_str(path), 0, (int)p.layer - 1, e) < 0)
		return -1;
	*ret = w->kind;
	return 0;
}

static void say(struct diags *diags, enum diag_code code, struct place p, const struct buf *path,
		const char *what)
{
	diag_add(diags, code, (struct diag_place){(int)p.layer, buf_str(path), -1}, "%s", what);
}

static int check_layer(struct squash *s, int layer, struct look *w, struct buf *path,
		       struct diags *diags, struct err *e)
{
	const struct layer_tree *t = &s->trees[layer];
	enum found_kind below;

	for (size_t i = 0; i < t->reborn.count; i++) {
		struct place p = {(uint32_t)layer, t->reborn.items[i]};

		if (look_below(w, p, &below, path, e) < 0)
			return -1;
		if (below == FOUND_FOLDER)
			say(diags, DIAG_ambiguous_archive, p, path,
			    "a folder made anew behind its whiteout: in the container it shows "
			    "what "
			    "the layers below hold, other readers hide that");
	}
	for (size_t i = 0; i < t->devices.count; i++) {
		struct place p = {(uint32_t)layer, t->devices.items[i]};

		if (look_below(w, p, &below, path, e) < 0)
			return -1;
		if (below == FOUND_NOTHING)
			say(diags, DIAG_entry_odd, p, path,
			    "a device 0:0: not seen in the container");
		else
			say(diags, DIAG_ambiguous_archive, p, path,
			    "a device 0:0 hides what the layers below hold, other readers do not");
	}
	return 0;
}

static bool any_below(const struct squash *s, int layer)
{
	while (layer-- > 0)
		if (layer_tree_first(&s->trees[layer], 0) != PATH_NONE)
			return true;
	return false;
}

static int check_all(struct squash *s, struct diags *diags, struct err *e)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	struct look w;
	int r = 0;

	look_init(&w, s);
	for (int i = 0; i < s->count && r == 0; i++) {
		if (s->trees[i].root_opaque && any_below(s, i))
			diag_add(
				diags, DIAG_ambiguous_archive, DIAG_LAYER(i),
				"the root is marked opaque: without effect in the container, other "
				"readers hide all layers below");
		r = check_layer(s, i, &w, &path, diags, e);
	}
	look_done(&w);
	return r;
}

/* --- building ------------------------------------------------------------------------------------
 */

static enum tree_mode mode_of(const struct image *image, int index)
{
	if (image->kind == IMAGE_DIRECTORY)
		return TREE_PLAIN;
	return index == 0 ? TREE_BASE : TREE_UPPER;
}

int squash_init(struct squash *s, struct image *image, struct inspect_run *run,
		struct budget *budget, struct diags *diags, struct err *e)
{
	*s = (struct squash){.budget = budget};
	s->trees = mem_zero(image->layer_count, sizeof(*s->trees));
	if (!s->trees)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < image->layer_count; i++) {
		const struct image_layer *layer = &image->layers[i];
		struct facts *facts =
			layer->state == LAYER_MISSING ? NULL : inspect_facts(run, layer->task);

		if (layer_tree_build(&s->trees[i], facts, mode_of(image, (int)i), (int)i, budget,
				     diags, e) < 0) {
			s->count = (int)i + 1;
			squash_done(s);
			return -1;
		}
		s->count = (int)i + 1;
	}
	return check_all(s, diags, e);
}

void squash_done(struct squash *s)
{
	for (int i = 0; i < s->count; i++)
		layer_tree_done(&s->trees[i]);
	mem_free(s->trees);
	*s = (struct squash){0};
}
