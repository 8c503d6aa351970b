/*
 * What stage 1 learned of one layer: its entries, and what inspectors said of their files. Written by
 * one thread while the layer is walked, frozen at its end, then read by all.
 */
#ifndef PLIMSOLL_INSPECT_FACTS_H
#define PLIMSOLL_INSPECT_FACTS_H

#include "base/diag.h"
#include "base/map.h"
#include "crypto/digest.h"
#include "model/entry.h"
#include "model/package.h"

struct inspector;

/* A name in the layer's path table: parent and component, so a path of n bytes costs its last part. */
typedef uint32_t path_id; /* 0 is the root */

enum { PATH_NONE = UINT32_MAX, FACT_NONE = UINT32_MAX };

/* One entry of the layer. The last of a path wins (decision 3): `dead` marks what was overwritten. */
struct layer_entry {
	path_id path;
	uint32_t link;	 /* index into `links`: symlink text or hardlink target path; FACT_NONE */
	uint64_t size;
	uint32_t uid, gid;
	uint16_t mode;
	uint8_t type; /* enum entry_type */
	uint8_t dead;
	uint32_t digest; /* index into `digests` when contents were hashed (files), FACT_NONE */
};

struct fact_blob {
	const struct inspector *by;
	uint32_t entry; /* index into entries */
	struct str bytes;
};

struct fact_packages {
	const struct inspector *by;
	uint32_t entry;
	struct package *items; /* layer is -1: attribution fills it in copies */
	size_t count;
	bool damaged; /* not understood to its end: a gap has been said */
};

/* Opaque facts of further kinds: a resolver of the same name reads them. */
struct fact_other {
	const struct inspector *by;
	uint32_t entry;
	void *value;
};

struct facts {
	int layer; /* index for diagnostics while walking; may be unknown: -1 */
	struct arena arena;
	VEC(struct layer_entry) entries;
	VEC(struct str) links;
	VEC(struct digest) digests;
	VEC(struct fact_blob) blobs;
	VEC(struct fact_packages) packages;
	VEC(struct fact_other) others;
	struct path_table *paths;
	struct diags diags; /* of this layer; moved to the scan's list, with the index, at the end */
	bool complete;
};

/* path table */
struct path_table;
struct path_table *path_table_new(struct budget *budget);
void path_table_free(struct path_table *t);
/* Makes the path and its parents; PATH_NONE without memory. */
path_id path_table_add(struct path_table *t, struct str path);
/* PATH_NONE when absent. */
path_id path_table_find(const struct path_table *t, struct str path);
path_id path_table_parent(const struct path_table *t, path_id id);
struct str path_table_name(const struct path_table *t, path_id id);
/* The whole path into out. */
void path_table_format(const struct path_table *t, path_id id, struct buf *out);

/* For inspectors: copies of strings into the facts, and additions. <0 without memory. */
int facts_add_blob(struct facts *f, const struct inspector *by, uint32_t entry, struct str bytes);
int facts_add_packages(struct facts *f, const struct inspector *by, uint32_t entry,
		       const struct package *items, size_t count, bool damaged);
int facts_add_other(struct facts *f, const struct inspector *by, uint32_t entry, void *value);

#endif
