/*
 * Layers stacked as overlayfs stacks them. Nothing is merged: a look-up goes through the trees of
 * the layers from the top, so an image as it was after any layer costs no memory of its own.
 */
#ifndef PLIMSOLL_INVENTORY_SQUASH_H
#define PLIMSOLL_INVENTORY_SQUASH_H

#include "inventory/inventory.h"
#include "inventory/layer_tree.h"

/* A path in one layer. */
struct place {
	uint32_t layer;
	path_id node;
};

struct squash {
	struct layer_tree *trees; /* by index of the layer, lowest first */
	int count;
	struct budget *budget;
};

/* Trees of all layers, and what is odd about their stacking. */
int squash_init(struct squash *s, struct image *image, struct inspect_run *run,
		struct budget *budget, struct diags *diags, struct err *e);
void squash_done(struct squash *s);

/*
 * Where a walk went: the paths, without links, of each link followed and of what was found, or
 * first missed, each ended by a NUL. A layer that leaves all of them alone does not change the
 * answer.
 */
struct trail {
	struct buf text;
};

struct look {
	const struct squash *squash;
	int top, bottom;    /* the layers that are looked at */
	unsigned links_max; /* 40 in a running container */
	bool follow_last;   /* a link in the last component is followed */
	bool alone; /* one layer as its folder lies on the disk, read by the applier: a whiteout is
			a device, links by link_clean */
	struct trail *trail; /* MAY */
	/* results */
	enum found_kind kind; /* FOUND_NOTHING, FOUND_FOLDER, FOUND_FILE (anything else that is
				 there), FOUND_DANGLING, FOUND_LOOP */
	struct place place;   /* of what was found; of a folder its uppermost layer's */
	unsigned links;
	struct place link; /* the last one followed, when links > 0 */
	/* private, kept between walks */
	VEC(struct place) places;
	VEC(size_t) frames;
	struct buf text, next_text;
};

void look_init(struct look *w, const struct squash *s);
void look_done(struct look *w);
/* Layers bottom..top. <0 without memory. */
int look_run(struct look *w, struct str path, int bottom, int top, struct err *e);
/* After FOUND_FOLDER: its places, the uppermost layer first. Valid until the next walk. */
const struct place *look_folder(const struct look *w, size_t *ret_count);

enum change {
	CHANGE_NONE,
	CHANGE_INSIDE, /* what was found is a folder, and the layer only adds to it or takes from it
			*/
	CHANGE_ALL,
};
/* What the layer does to a walk that ended in `kind`. */
enum change trail_change(const struct trail *t, const struct squash *s, int layer,
			 enum found_kind kind);

/* Appends the path of a place. */
void squash_path(const struct squash *s, struct place p, struct buf *out);
struct str squash_name(const struct squash *s, struct place p);
/* The entry there, NULL of folders that no entry names. */
const struct layer_entry *squash_entry(const struct squash *s, struct place p);
/* The entry whose content is there: a hardlink's target; INODE_LOWER, FACT_NONE. */
uint32_t squash_inode(const struct squash *s, struct place p);

#endif
