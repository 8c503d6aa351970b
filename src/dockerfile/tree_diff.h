/*
 * What a tree has that an earlier version of it has not, said as what a rule could ask for: an
 * option that a command got, a command that was put beside others.
 */
#ifndef PLIMSOLL_DOCKERFILE_TREE_DIFF_H
#define PLIMSOLL_DOCKERFILE_TREE_DIFF_H

#include "dockerfile/association.h"

/* One way to say it; the texts are valid during the call. */
struct tree_difference {
	enum association_location location;
	struct str type; /* of the antecedent's node */
	struct str antecedent;
	struct str consequent;
	uint32_t distance; /* of the two commands, in commands; 0: below */
};

/* <0 stops. */
typedef int tree_difference_take(void *context, const struct tree_difference *d, struct err *e);

struct tree_command {
	uint32_t node;
	uint32_t script; /* the BASH-SCRIPT around it, or FOREST_NONE */
	uint64_t hash;	 /* of its types */
	bool known;	 /* the other version has it, perhaps changed */
};

typedef VEC(struct tree_command) tree_commands;

/* Memory between calls. */
struct tree_differ {
	const struct forest *forest;
	tree_commands before, after;
	VEC(uint64_t) hashes; /* by node */
	VEC(uint32_t) fresh;  /* types that a changed or new command got */
	VEC(struct tree_pair) pairs;
	VEC(struct tree_new) news;
	struct buf antecedent, consequent;
	tree_difference_take *take;
	void *context;
};

struct tree_pair {
	uint32_t before;
	uint32_t after;
};

struct tree_new {
	uint32_t command; /* index in `after` */
	uint32_t fresh;	  /* its types: [fresh, fresh_end) of fresh */
	uint32_t fresh_end;
	bool whole; /* the command is new; else only these types are */
};

void tree_differ_done(struct tree_differ *d);

/*
 * Takes two trees of a forest of Dockerfiles (by index). Texts of values play no part: two versions
 * that differ in these alone do not differ. *ret_key is the same for changes with the same commands
 * before and after, and 0 where these do not differ. Bounded: of very long files only a part is
 * compared.
 */
int tree_diff_prepare(struct tree_differ *d, const struct forest *f, size_t before, size_t after,
		      uint64_t *ret_key, struct err *e);
/* After that: calls take for each way to say what is new; turned: what is gone. */
int tree_diff_run(struct tree_differ *d, bool turned, tree_difference_take *take, void *context,
		  struct err *e);

/* The same for trees with the same commands. */
int tree_diff_hash(struct tree_differ *d, const struct forest *f, size_t tree, uint64_t *ret,
		   struct err *e);

#endif
