/*
 * From the facts of the layers to what the image holds: squash, links, resolvers, attribution.
 * docs/formats/squash.md has the rules, each with its fixture.
 */
#ifndef PLIMSOLL_INVENTORY_INVENTORY_H
#define PLIMSOLL_INVENTORY_INVENTORY_H

#include "image/image.h"
#include "inspect/inspector.h"
#include "model/package.h"

struct inventory;

struct inventory_options {
	struct image *image;
	struct inspect_run *run;
	image_again *again; /* image_walk_again; NULL: the input cannot be read twice */
	struct budget *budget;
	struct diags *diags;
	struct progress *progress;
	bool keep_files; /* the file system is listed or searched later; else it is forgotten */
};

/*
 * Squashes (what the container runtime shows, decision 3), finds the wanted paths through links,
 * runs the one second pass if needed, resolves packages and the distribution, attributes layers.
 * The image and the run must outlive it.
 */
int inventory_build(const struct inventory_options *options, struct inventory **ret, struct err *e);
void inventory_free(struct inventory *inv);

/* id is empty when none was found. */
const struct distro *inventory_distro(const struct inventory *inv);
/* In the order of package_cmp. */
const struct package *inventory_packages(const struct inventory *inv, size_t *ret_count);

/* --- the squashed file system ------------------------------------------------------------------
 */

/* One path of it. Slices are valid while the call that hands it out lasts. */
struct inventory_file {
	struct str path;
	enum entry_type type;
	uint16_t mode;
	uint32_t uid, gid;
	uint64_t size;			  /* of files and hardlinks: of the content */
	const struct file_digest *sha256; /* likewise; NULL: not hashed */
	struct str link; /* of symlinks as stored, of hardlinks the path they name */
	int layer;	 /* that brought it; of folders no member names the first that needs them */
};

/* Only with keep_files. All paths, sorted by their bytes. <0 from visit ends it. */
int inventory_each_file(struct inventory *inv,
			int (*visit)(void *context, const struct inventory_file *file,
				     struct err *e),
			void *context, struct err *e);
/*
 * The lines of `files --format json` (REPORT) to a sink as json_writer_init_sink takes it: pieces
 * of about 64 KiB.
 */
int inventory_write_files(struct inventory *inv,
			  int (*sink)(void *context, struct str bytes, struct err *e),
			  void *context, struct err *e);

/* --- for resolvers -----------------------------------------------------------------------------
 */

enum found_kind {
	FOUND_NOTHING, /* no such path */
	FOUND_FILE,    /* a regular file, also by way of a hardlink */
	FOUND_FOLDER,
	FOUND_OTHER,	/* device, fifo */
	FOUND_DANGLING, /* a link on the way leads nowhere */
	FOUND_LOOP,	/* more than 40 links on the way */
};

/* Where a path leads. */
struct found {
	enum found_kind kind;
	int layer;	     /* of FOUND_FILE: whose bytes they are */
	struct facts *facts; /* of that layer */
	uint32_t entry;	     /* index into facts->entries; of a hardlink that of its target */
	struct str real;     /* the path without links; of a dangling link the last one followed */
	unsigned links;	     /* followed */
};

/*
 * What stands at a path in the image as it is after layer `upto` (inclusive; -1: all), links
 * followed as in the running container. `real` lives in the inventory. <0 without memory.
 */
int inventory_find(struct inventory *inv, struct str path, int upto, struct found *ret,
		   struct err *e);

/*
 * A file at a path that an inspector with `database` or `linked` wants, in the images after the
 * layers first..last. The same file can stand here for several paths, and for a path several times.
 */
struct database_file {
	const struct inspector *by;
	struct str path; /* as wanted: "var/lib/dpkg/status" */
	struct str real; /* where its bytes stand */
	int layer;
	struct facts *facts;
	uint32_t entry;
	int first, last;
};
/* Those of one inspector, sorted by path and first. */
const struct database_file *inventory_databases(struct inventory *inv, const struct inspector *by,
						size_t *ret_count);
int inventory_layer_count(const struct inventory *inv);

#endif
