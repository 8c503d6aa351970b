/*
 * Between the parts of waste: rows, and which layer an instruction made.
 */
#ifndef PLIMSOLL_DOCKERFILE_WASTE_MATCH_H
#define PLIMSOLL_DOCKERFILE_WASTE_MATCH_H

#include "dockerfile/lint.h"
#include "dockerfile/waste.h"

struct waste_row {
	const char *code;
	const char *place;
};
extern const struct waste_row waste_rows[];
size_t waste_row_count(void);
/* A file of that name counts for the row when an instruction names it. */
bool waste_row_names(const struct waste_row *row, struct str name);

/* Blanks and line ends made single, none at the ends. data NULL without memory. */
struct str waste_squeeze(struct arena *arena, struct str text);

enum { WASTE_NO_LAYER = -1, WASTE_OTHER_STAGE = -2, WASTE_TOO_MANY = -3 };

/*
 * The layer of each instruction of the file (by index), or one of the above. The last stage and
 * those that it builds on make layers. Texts that stand in the same order in the file and in the
 * history are the most that can be; of several such ways the one with the latest layers.
 */
int waste_match(struct lint *l, const struct waste_image *image, int **ret_layers, struct err *e);

/* What the history says of a RUN, squeezed: its words (JSON) or script; "" when nothing. */
struct str waste_script(struct lint *l, const struct instruction *i);
/* True when `created_by` (squeezed) tells of a RUN of that script under that shell. */
bool waste_is_run(struct str created_by, struct str script, struct str shell, bool json);

/*
 * The packages of the layer that only a Recommends brought, for an instruction with apt-get
 * install: what is reached from the packages it names through Depends and Recommends, without what
 * Depends alone reaches. Where an alternative is met, each of it counts as needed.
 */
int waste_recommended(struct lint *l, const struct instruction *i, const struct waste_layer *layer,
		      struct lint_waste *w, struct err *e);

#endif
