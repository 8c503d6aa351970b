/*
 * Mining a history: what was changed in Dockerfiles, commit by commit, tells what their authors
 * came to think better. Each change is said in all ways a rule could say it (tree_diff.h); those
 * count whose rule was violated more before the change than after it. Rules that are kept in the
 * newest versions remain.
 *
 * Versions that differ in values alone are no change, and a change that was made in many files
 * alike (one for each version of what is packaged) is one.
 */
#ifndef PLIMSOLL_DOCKERFILE_HISTORY_H
#define PLIMSOLL_DOCKERFILE_HISTORY_H

#include "dockerfile/tree_diff.h"

/* Beyond them what is new is passed over, and history_finish says so. */
enum { HISTORY_CANDIDATES_MAX = 50000 };

struct history {
	struct associations *list; /* all candidates, then the rules */
	struct forest heads;	   /* the newest version of each file, alike ones once */
	struct tree_differ differ;
	struct arena arena;
	struct map candidates; /* by text: index in items, plus one */
	VEC(struct history_candidate) items;
	struct map changes; /* those that were counted */
	struct map paths;
	struct map shapes; /* of the heads */
	struct association_scratch scratch;

	/* figures */
	uint64_t versions; /* changes read */
	uint64_t bumps;	   /* of these: in values alone, or made before in another file */
	uint64_t left_out; /* ways to say it beyond HISTORY_CANDIDATES_MAX */

	/* of the change at hand */
	const struct forest *forest;
	size_t old_tree, new_tree;
	bool turned;
	struct str commit, path;
};

struct history_candidate {
	struct association *rule;
	struct str type;
	uint32_t distance;    /* the shortest */
	uint64_t last_change; /* in which it was counted */
	struct str last_commit;
};

void history_init(struct history *h, struct associations *list);
void history_done(struct history *h);

/* Trees 0 and 1 of the forest are the versions before and after; newest changes first. */
int history_add(struct history *h, const struct forest *f, struct str commit, struct str path,
		struct err *e);
/* 1: the newest version of that path is not known yet. Make its tree in h->heads, then... */
int history_needs_head(struct history *h, struct str path, struct err *e);
/* ...this: it is dropped where one like it is there. */
int history_head_added(struct history *h, struct err *e);

struct history_options {
	uint64_t support_min;  /* changes that made it; 0: 2 */
	double confidence_min; /* per cent of the cases in the newest versions; 0: 75 */
};

/* Leaves the rules in the list, best first. */
int history_finish(struct history *h, const struct history_options *options, struct err *e);

#endif
