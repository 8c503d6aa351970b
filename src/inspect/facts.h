/*
 * What stage 1 learned of one layer: its entries, and what inspectors said of their files. Written
 * by one thread while the layer is walked, frozen at its end, then read by all.
 */
#ifndef PLIMSOLL_INSPECT_FACTS_H
#define PLIMSOLL_INSPECT_FACTS_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/map.h"
#include "crypto/digest.h"
#include "model/entry.h"
#include "model/package.h"

struct inspector;

/* A name in the layer's path table: parent and component, so a path of n bytes costs its last part.
 */
typedef uint32_t path_id; /* 0 is the root */

enum { PATH_NONE = UINT32_MAX, FACT_NONE = UINT32_MAX };

/*
 * One entry of the layer as the archive has it, in the archive's order: a log, which the squash
 * replays (inventory/layer_tree.h). Whiteouts and overwritten entries are here too.
 */
struct layer_entry {
	path_id path;	       /* as in the archive; links in its parents are not followed */
	uint32_t type : 3;     /* enum entry_type */
	uint32_t device_0 : 1; /* a char device 0:0 */
	uint32_t link : 28;    /* index into `links`, LINK_NONE */
};
enum { LINK_NONE = (1 << 28) - 1 };

/* What only the list of files shows; millions of entries are cheaper without. */
struct entry_detail {
	uint64_t size; /* of the content; of char and block devices major << 32 | minor */
	uint32_t uid, gid;
	uint32_t digest; /* index into `digests` when the content was hashed, FACT_NONE */
	uint16_t mode;	 /* 07777 */
};

struct file_digest { /* sha256 */
	uint8_t bytes[32];
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
	void *value; /* in the arena of the facts (facts_arena) */
};

/*
 * What an inspector found odd in a file. Said as a diagnostic only when the file still shows in the
 * image: a broken database that a later layer replaced hides nothing.
 */
struct fact_note {
	const struct inspector *by;
	uint32_t entry;
	bool said;
	enum diag_code code;
	int64_t offset;	    /* in the file, -1: none */
	struct str path;    /* as the inspector was given it */
	struct str message; /* printable */
};

struct path_table;

struct facts {
	struct budget *budget;
	struct arena arena;
	struct arena later; /* of what the second pass adds, once `arena` is frozen */
	VEC(struct layer_entry) entries;
	VEC(struct entry_detail) details; /* of each entry, or of none */
	VEC(uint32_t) links; /* symlink texts and hardlink target paths, kept in `paths` */
	VEC(struct file_digest) digests;
	VEC(struct fact_blob) blobs; /* these four sorted by entry once frozen */
	VEC(struct fact_packages) packages;
	VEC(struct fact_other) others;
	VEC(struct fact_note) notes;
	size_t notes_of[DIAG_CODES]; /* beyond DIAG_KEEP of one code only counted */
	size_t notes_lost;	     /* for want of memory */
	struct path_table *paths;
	struct diags diags; /* of the layer itself: limits; its index is not known yet, -1 */
	bool complete;	    /* the walk came to the layer's end */
	bool whiteouts;	    /* some entry is named .wh.* */
	bool frozen;
	bool detailed;
};

struct facts *facts_new(struct budget *budget, bool detailed);
void facts_free(struct facts *f);
/*
 * Appends to the log. ERR_LIMIT when the layer has more than `max` entries (parents that no entry
 * names count too), or when the scan's entries or what their list may take are spent; ERR_MEMORY.
 */
int facts_add_entry(struct facts *f, const struct entry *entry, uint64_t max, uint32_t *ret_index,
		    struct err *e);
/*
 * In memory until the layers are stacked: what a name takes in the path table and in the layer's
 * tree, its own bytes aside.
 */
enum { NAME_BYTES = 28 };
/* The place of the digest of an entry's content, of detailed facts; NULL without memory. */
struct file_digest *facts_add_digest(struct facts *f, uint32_t entry);
/* The layer is walked: further facts go to `later`. Called again after the second pass. */
void facts_freeze(struct facts *f);

/* Forgets the log and the paths; what inspectors said stays. */
void facts_forget_entries(struct facts *f);

/* Where copies live: `arena`, or `later` once frozen. */
struct arena *facts_arena(struct facts *f);
struct str facts_link(const struct facts *f, const struct layer_entry *entry);
/* NULL when the facts are not detailed. */
const struct entry_detail *facts_detail(const struct facts *f, uint32_t entry);

/* For inspectors: copies of strings into the facts, and additions. <0 without memory. */
int facts_add_blob(struct facts *f, const struct inspector *by, uint32_t entry, struct str bytes);
int facts_add_packages(struct facts *f, const struct inspector *by, uint32_t entry,
		       const struct package *items, size_t count, bool damaged);
/* As facts_add_packages without copies: all lives in facts_arena already. */
int facts_take_packages(struct facts *f, const struct inspector *by, uint32_t entry,
			struct package *items, size_t count, bool damaged);
int facts_add_other(struct facts *f, const struct inspector *by, uint32_t entry, void *value);
/* Drops what is beyond DIAG_KEEP of a code, or without memory; both are counted. */
void facts_add_note(struct facts *f, const struct inspector *by, uint32_t entry,
		    enum diag_code code, struct str path, int64_t offset, const char *message);

/* For resolvers, once frozen: what that inspector said of that file; NULL when nothing. */
const struct fact_blob *facts_find_blob(const struct facts *f, const struct inspector *by,
					uint32_t entry);
const struct fact_packages *facts_find_packages(const struct facts *f, const struct inspector *by,
						uint32_t entry);
/* The first note of the entry, whoever made it; NULL. More may follow it in `notes`. */
struct fact_note *facts_find_notes(const struct facts *f, uint32_t entry);
void *facts_find_other(const struct facts *f, const struct inspector *by, uint32_t entry);

/* --- path table: about 16 bytes a name and its own bytes ----------------------------------------
 */

struct path_table *path_table_new(struct budget *budget);
void path_table_free(struct path_table *t);
/* Names so far; ids are below it, parents have smaller ids than their children. */
uint32_t path_table_count(const struct path_table *t);
/* Makes the path and its parents; PATH_NONE without memory. */
path_id path_table_add(struct path_table *t, struct str path);
path_id path_table_add_child(struct path_table *t, path_id parent, struct str name);
/* PATH_NONE when absent. */
path_id path_table_find(const struct path_table *t, struct str path);
path_id path_table_find_child(const struct path_table *t, path_id parent, struct str name);
path_id path_table_parent(const struct path_table *t, path_id id);
/* Valid until the next addition to the table. */
struct str path_table_name(const struct path_table *t, path_id id);
/* Any text beside the names: <0 without memory. Valid until the next addition. */
int path_table_keep(struct path_table *t, struct str text, uint32_t *ret_offset);
struct str path_table_kept(const struct path_table *t, uint32_t offset);
/* Bytes of all names and texts. */
uint32_t path_table_text(const struct path_table *t);
/* Appends the whole path to out. */
void path_table_format(const struct path_table *t, path_id id, struct buf *out);

#endif
