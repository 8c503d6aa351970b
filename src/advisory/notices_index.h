/*
 * The indices of an apt archive: Release (which files, with which digests), Sources, Packages.
 */
#ifndef PLIMSOLL_ADVISORY_NOTICES_INDEX_H
#define PLIMSOLL_ADVISORY_NOTICES_INDEX_H

#include "base/map.h"
#include "io/stream.h"

struct index_file {
	struct str path;   /* below dists/SUITE (Release) or below the archive's root */
	struct str sha256; /* hex */
	uint64_t size;
};

struct release {
	struct str codename, date, valid_until; /* dates as ISO days, or "" */
	bool by_hash; /* indices are also at by-hash/SHA256/HEX beside them */
	VEC(struct index_file) files;
};

/* All slices in the arena. ERR_FORMAT without a SHA256 list, or with a second paragraph. */
int release_read(struct str text, struct arena *a, struct release *ret, struct err *e);
void release_done(struct release *r);
/* The smallest form of an index: "main/source/Sources" with .xz, .gz, .zst, .bz2 or none. NULL: not
 * there. */
const struct index_file *release_find(const struct release *r, const char *name);

struct source_entry {
	struct str package, version;
	VEC(struct index_file) files;
};

/*
 * Reads a Sources index; keeps, of every name in `wanted` (values are ignored), the entry with the
 * highest version. `entries` maps names to struct source_entry.
 */
int sources_read(struct stream *s, const struct map *wanted, struct arena *a, struct map *entries,
		 struct budget *budget, struct err *e);
void sources_done(struct map *entries);

struct binary_entry {
	struct str package, source, source_version;
	struct index_file file;
};
struct binary_list {
	VEC(struct binary_entry) items;
};
/* Of every source in `wanted` all its binary packages. */
int packages_read(struct stream *s, const struct map *wanted, struct arena *a,
		  struct binary_list *list, struct budget *budget, struct err *e);

#endif
