/*
 * What runs in the confined worker, between the parts of scan.
 */
#ifndef PLIMSOLL_SCAN_WORKER_SIDE_H
#define PLIMSOLL_SCAN_WORKER_SIDE_H

#include "advisory/link.h"
#include "inventory/inventory.h"
#include "match/match.h"
#include "scan/scan.h"

struct worker_side {
	const struct scan_request *request;
	struct ask_link *link;
	struct budget *budget;
	struct progress *progress;
	struct image_request image; /* reference, select, kind, forced, verify, platform */
	enum confinement confinement;
	unsigned threads;
	bool has_database;
	struct database_link database;
	uint64_t second_pass_bytes;
};

/* A source that was walked and squashed. */
struct worker_image {
	struct arena arena;
	struct inspect_run *run;
	struct image *image;
	struct inventory *inventory;
};

/* What image_walk needs; strings of the image live in the arena. */
struct image_request worker_image_request(const struct worker_side *w, struct diags *diags,
					  struct arena *arena);
int worker_open_image(const struct worker_side *w, struct diags *diags, bool hash_files,
		      struct worker_image *ret, struct err *e);
void worker_close_image(struct worker_image *i);
struct match_source worker_match_source(struct worker_side *w);

/* Fills the document up to its verdict. <0: there is no image to report on. */
int worker_scan(struct worker_side *w, struct document *d, struct err *e);

#endif
