/*
 * YAML in, over libyaml's event parser, into trees (text/tree.h). One document after the other.
 *
 * Limits answer what YAML offers an attacker: depth; nodes of a document, where an alias counts as
 * many as what it stands for (so a tree can be walked without asking whether aliases were used);
 * an alias to a node that contains it is refused. UTF-8 only.
 *
 * Plain scalars get the type of the YAML 1.2 core schema: yes, no, on and off are strings. Explicit
 * tags of that schema are obeyed, others ignored. Merge keys ("<<") are ordinary keys. Keys must be
 * scalars.
 */
#ifndef PLIMSOLL_TEXT_YAML_H
#define PLIMSOLL_TEXT_YAML_H

#include "text/tree.h"

enum { YAML_DEPTH = 256, YAML_NODES = 1 << 20 };

struct yaml_options {
	size_t depth_max, nodes_max; /* 0: as above */
};

struct yaml_reader;

/* The text must outlive the reader; options may be NULL. NULL: ERR_MEMORY. */
struct yaml_reader *yaml_reader_new(struct str text, const struct yaml_options *options,
				    struct err *e);
void yaml_reader_free(struct yaml_reader *y);
/*
 * 1 with the next document, 0 behind the last, <0: ERR_FORMAT with the place ("line 3, column 14:
 * "), ERR_LIMIT, ERR_MEMORY; errors stay.
 */
int yaml_reader_next(struct yaml_reader *y, struct arena *a, struct tree *ret, struct err *e);

#endif
