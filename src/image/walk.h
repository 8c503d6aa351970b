/*
 * Inside of the module: one opened source, the layers it is made of, the walks over them.
 */
#ifndef PLIMSOLL_IMAGE_WALK_H
#define PLIMSOLL_IMAGE_WALK_H

#include "archive/tar.h"
#include "base/map.h"
#include "image/source.h"
#include "io/stream.h"

/* --- where bytes come from (store_*.c) ----------------------------------------------------------
 */

/* What a name leads to. */
struct blob {
	size_t member; /* the store's own number; two names of one thing have one number */
	uint64_t size; /* UINT64_MAX unknown */
};

struct store;
struct task;

struct store_ops {
	/* MUST. ERR_NOT_FOUND: there is no such name. Names are clean paths. */
	int (*find)(struct store *s, struct str name, struct blob *ret, struct err *e);
	/* MUST. Several threads may open. ERR_UNSUPPORTED: the bytes have passed and were not kept.
	 */
	struct stream *(*open)(struct store *s, const struct blob *b, struct err *e);
	/* MAY. The walk that was made of it while it passed, or NULL. */
	struct task *(*walked)(struct store *s, const struct blob *b);
	/* MUST */
	void (*close)(struct store *s);
};

struct store {
	const struct store_ops *ops;
};

/* A whole document of at most json_max bytes into an arena; ERR_NOT_FOUND, ERR_LIMIT. Errors name
 * it. */
int store_read(struct walk *w, struct str name, struct arena *a, struct str *ret, struct err *e);

/* Members of a tar by name, links followed as an extraction into a folder would make them. */
enum member_type { MEMBER_FILE, MEMBER_SYMLINK, MEMBER_OTHER };

struct member {
	enum member_type type;
	bool sparse; /* its bytes are not one piece */
	bool kept;   /* in `bytes` */
	struct str name, link;
	uint64_t offset, size;
	struct str bytes;
	struct task *task; /* was walked as a layer */
	size_t same_as;	   /* the member whose body this is: hardlinks */
};

struct members {
	struct arena *arena;
	VEC(struct member) list;
	struct map names; /* value: index + 1 */
	bool overflow;	  /* more than are kept: what is missing may be there */
	bool flat;	  /* nothing but what image archives have was met */
};

/* Names that decide what an archive is. */
bool members_decides(struct str name);
/* Names that only images have, so that the tar itself is hardly a layer. */
bool members_tell_image(struct str name);
void members_init(struct members *m, struct arena *arena);
void members_done(struct members *m);
/* A later entry of a name replaces the earlier one. ret_index: SIZE_MAX when it was not kept. */
int members_add(struct members *m, const struct tar_entry *t, size_t *ret_index, struct err *e);
/* The regular file that a name leads to; ERR_NOT_FOUND says what stands in the way. */
int members_resolve(const struct members *m, struct str name, size_t *ret_index, struct err *e);

/* The members of the source, a tar that can be read anywhere. */
int store_open_tar(struct walk *w, struct store **ret, struct err *e);
/* The files below an OCI layout folder, through the broker. */
struct store *store_open_folder(struct walk *w, struct err *e);
/* Members that were met while a tar passed; owns the list. */
struct store *store_open_passed(struct walk *w, struct members *m, struct err *e);
/* Of a store over members, else NULL. */
const struct members *store_members(const struct store *s);

/* --- what the manifest says (plan.c, docker.c, oci.c) -------------------------------------------
 */

struct plan_layer {
	struct str name;       /* in the store */
	struct str message;    /* how messages call it */
	struct digest digest;  /* of the blob as claimed; algorithm NONE: no claim */
	struct digest diff_id; /* as claimed */
	uint64_t size;	       /* as claimed; UINT64_MAX: no claim */
	struct str media_type; /* "" unknown */
	struct str created_by;
	const char *refused; /* NULL, or why it cannot be read: "is encrypted" */
	struct str place;    /* of its name in the manifest, for messages; "" none */
};

struct plan {
	enum image_kind kind;
	struct str reference;	/* tag or name of what was chosen; "" as typed */
	struct digest manifest; /* computed; NONE */
	struct digest config;	/* computed; NONE: the configuration was not readable */
	struct str os, architecture, variant;
	VEC(struct plan_layer) layers;
	size_t dropped; /* layers over the limit */
};

void plan_done(struct plan *p);
/* A layer more; over the limit it is counted and not added. NULL without memory. */
int plan_add_layer(struct walk *w, struct plan *p, struct plan_layer layer, struct err *e);
/* Reads the configuration: platform, diff_ids, history. What is wrong with it is a diagnostic. */
void plan_read_config(struct walk *w, struct plan *p, struct str name, struct str text);

/* --- the walk over one layer (layer.c) ----------------------------------------------------------
 */

struct keeper;

struct task {
	size_t number;
	int layer;	 /* first one it is for; -1 unknown */
	struct str name; /* of the blob, for messages */
	struct blob blob;
	uint64_t weight; /* how long it may take, for the order */
	/* which digests are wanted; NONE: not */
	enum digest_algorithm blob_algorithm, diff_algorithm;
	/* what came of it */
	enum layer_state state;
	struct digest digest, diff_id; /* algorithm NONE: not computed */
	uint64_t size;		       /* bytes as stored, as far as they were read */
	uint64_t entries;
	bool began;
	bool inner;	     /* a member of a tar that passes, whose bytes are counted there */
	bool empty;	     /* not one byte: no tar at all, for who expects one */
	bool lost;	     /* some body could not be handed on: it was taken for a layer */
	struct diags diags;  /* moved to the request's once the layer is known */
	struct keeper *kept; /* entries of input that cannot be read twice */
};

/* What ended a walk, as the diagnostic it is. */
struct failure {
	enum diag_code code;
	int64_t at; /* bytes as stored, -1 unknown */
	char text[700];
};

struct walk {
	struct image image; /* first: what the caller holds */
	struct image_request request;
	const struct image_limits *limits;
	const struct layer_visitor *visitor; /* while image_walk runs */
	const struct source *source;
	struct arena arena;   /* everything that lives as long as the image */
	struct arena scratch; /* documents while they are read */
	struct map said;      /* by walk_say_about */
	struct store *store;
	struct task *whole_task; /* the walk over a tar that passed, or NULL */
	bool whole; /* the source itself is the one layer, read again by walk_open_whole */
	bool once;  /* it cannot be read twice: entries are kept */
	_Atomic uint64_t kept_bytes;
	int fd;	       /* of the source, where it is a file; -1 */
	uint64_t size; /* of it; UINT64_MAX unknown */
	VEC(struct task *) tasks;
	struct failure cut; /* text set: the tar around the layers could not be read to its end */
	struct diags outer; /* about that tar; dropped where it is the layer itself */
	_Atomic int cancelled;
};

/* NULL without memory; ended by image_close(&w->image). */
struct walk *walk_new(const struct image_request *request, const struct layer_visitor *visitor);
/* The source as a stream that passes, through to the image. Owns raw. */
int walk_passing(struct walk *w, struct stream *raw, struct err *e);
/* A new task; NULL without memory. */
struct task *walk_add_task(struct walk *w, struct str name, struct err *e);
/* The whole source from its start. */
struct stream *walk_open_whole(struct walk *w, struct err *e);
/* A diagnostic about the image as a whole. */
void walk_say(struct walk *w, enum diag_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same about one document of it, each text once however often the document is read. */
void walk_say_about(struct walk *w, enum diag_code code, struct str name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The gap of one file whose bytes were wanted and could not be had. */
void walk_say_file(struct walk *w, int layer, struct str path, const struct err *why);
/* A diagnostic of a task; its layer is filled in later. */
void task_say(struct task *t, enum diag_code code, struct str path, int64_t offset,
	      const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Paths wanted by a second pass; NULL where all entries are. */
struct wanted {
	const struct str *paths; /* sorted */
	size_t count;
};

/*
 * Walks one blob as a layer: owns raw, also on failure. What goes wrong with the blob is a
 * diagnostic of the task; <0 only for ERR_CANCELLED.
 */
int layer_walk(struct walk *w, struct task *t, struct stream *raw,
	       const struct layer_visitor *visitor, struct err *e);
/* The same without digests and diagnostics, for the wanted entries. <0: it could not be read. */
int layer_walk_again(struct walk *w, struct stream *raw, size_t number, const struct wanted *wanted,
		     const struct layer_visitor *visitor, struct err *e);

/* The stack of a blob: what is read, inflated and hashed. */
struct layer_stack {
	struct stream *raw;	   /* bytes as stored */
	struct stream *blob;	   /* digest over raw, or NULL */
	struct stream *diff;	   /* digest over what is unpacked, or NULL */
	struct stream *top;	   /* what the tar is read from; owns all below */
	struct stream *tail;	   /* remembers the last bytes as stored */
	const struct codec *codec; /* NULL: plain */
	uint64_t told;		   /* bytes of raw that progress knows of */
};
/* Nobody needs them any more: what is not hashed yet is not. */
void layer_stack_drop_digests(struct layer_stack *s);
/* The codec that the runtime would take for these first 512 bytes; NULL: none. */
const struct codec *layer_codec(struct str head);
/* Owns raw, also on failure. */
int layer_stack_open(struct walk *w, struct task *t, struct stream *raw, struct layer_stack *ret,
		     struct err *e);
void layer_stack_close(struct layer_stack *s);
/* Reads all that is left and takes the digests into the task; error as the stream's. */
int layer_stack_end(struct layer_stack *s, struct task *t, struct err *e);
/* After a failure: the digest of the blob, if the stored bytes at least can be read to their end.
 */
void layer_stack_end_blob(struct layer_stack *s, struct task *t);
void layer_stack_progress(struct walk *w, struct layer_stack *s);
/* What stands behind the end of the tar. */
void layer_judge_end(struct task *t, struct layer_stack *s, const struct tar_end *end);
/* A failed stream as the diagnostic it is, and said of the task. */
void layer_explain(struct walk *w, const struct layer_stack *s, const struct err *why,
		   struct failure *ret);
void layer_failed(struct walk *w, struct task *t, struct layer_stack *s, const struct err *why);
struct tar_options layer_tar_options(struct walk *w, struct task *t);

/* One entry to the visitor. <0: the walk of this task ends; *ret_said: and a diagnostic was said.
 */
int layer_hand(struct walk *w, struct task *t, const struct layer_visitor *visitor,
	       const struct entry *entry, struct body *body, struct err *e);

/* --- the layers of a plan (layers.c) -------------------------------------------------------------
 */

/* Fills tasks[i] for each layer, NULL where there is none; *ret_first is why the first one has
 * none. */
int layers_find(struct walk *w, const struct plan *p, struct task **tasks, struct err *ret_first,
		struct err *e);
/* Walks all tasks that are layers and were not walked yet. <0 without memory, or ERR_CANCELLED. */
int layers_walk(struct walk *w, struct err *e);
/* Diagnostics of walks that turned out to be no layer are dropped with them. */
void layers_gather_diags(struct walk *w);
/* What the caller gets of the image. */
int layers_fill(struct walk *w, const struct plan *p, struct task **tasks, struct err *e);

/* --- bodies (body.c) ----------------------------------------------------------------------------
 */

enum body_kind {
	BODY_NONE, /* not a file */
	BODY_TAR,  /* of the entry that a tar stands at */
	BODY_MEMORY,
	BODY_FOLDER, /* of a folder source: opened when it is looked at */
	BODY_GONE,   /* cannot be had any more */
};

struct body {
	enum body_kind kind;
	uint64_t size;
	struct tar *tar;
	struct stream *raw; /* for random access: NULL none */
	uint64_t offset;    /* in raw */
	struct str memory;
	bool taken;   /* memory was handed out */
	bool touched; /* somebody wanted bytes */
	struct walk *walk;
	size_t index; /* of the listing */
	struct stream *file;
	struct err failure; /* code set: reading failed */
};

void body_init_tar(struct body *b, const struct tar_entry *t, struct tar *tar,
		   const struct layer_stack *s);
void body_init_memory(struct body *b, struct str bytes);
void body_done(struct body *b);

/* --- entries that are kept (keeper.c) -----------------------------------------------------------
 */

/* The bytes of a small body are taken into memory before the visitor sees it, budget allowing. */
int keeper_take(struct walk *w, struct task *t, const struct tar_entry *entry, struct body *body,
		struct err *e);
int keeper_walk(struct walk *w, const struct task *t, const struct wanted *wanted,
		const struct layer_visitor *visitor, struct err *e);
void keeper_free(struct keeper *k);

bool wanted_has(const struct wanted *wanted, struct str path);

/* --- tars that are walked while they pass (passing.c) -------------------------------------------
 */

/*
 * The source as a stream: the tar itself is walked as a layer, and so is each member that may be
 * one. Afterwards w->store has the members. ret_whole is the walk over the tar itself (NULL when a
 * form was forced that is no single layer).
 */
int passing_walk(struct walk *w, struct stream *raw, const struct layer_visitor *visitor,
		 struct task **ret_whole, struct err *e);
/* Passes again and gives the members that are the tasks' blobs, in their order in the tar. */
typedef int passing_member(struct walk *w, struct task *t, struct stream *member, void *context,
			   struct err *e); /* owns member */
int passing_again(struct walk *w, struct task **tasks, size_t count, passing_member *member,
		  void *context, struct err *e);

#endif
