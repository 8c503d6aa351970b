/*
 * An image as the worker sees it: manifest, configuration, layers in order; and the walk over the
 * layers' entries. Sources are a family (image/source.h); this is what the rest of the program
 * uses.
 */
#ifndef PLIMSOLL_IMAGE_IMAGE_H
#define PLIMSOLL_IMAGE_IMAGE_H

#include "base/diag.h"
#include "base/progress.h"
#include "crypto/digest.h"
#include "io/ask.h"
#include "model/entry.h"

enum image_kind {
	IMAGE_DOCKER_ARCHIVE,
	IMAGE_OCI_LAYOUT,
	IMAGE_OCI_ARCHIVE,
	IMAGE_ARCHIVE, /* one tar taken as one layer */
	IMAGE_DIRECTORY,
};
/* "docker-archive", "oci-layout", "oci-archive", "archive", "directory" */
const char *image_kind_name(enum image_kind kind);

enum layer_state {
	LAYER_WALKED,	  /* to its end */
	LAYER_INCOMPLETE, /* a gap says where and why */
	LAYER_MISSING,
};

struct image_layer {
	int index;
	char digest[DIGEST_TEXT];  /* as the manifest names the blob, or as computed; "" unknown */
	char diff_id[DIGEST_TEXT]; /* as computed when verified, else as the configuration says; ""
				    */
	uint64_t size;		   /* as stored; 0 unknown */
	struct str created_by;	   /* of the history entry that made it; "" */
	bool verified;		   /* blob digest and diff_id computed now and equal */
	enum layer_state state;
	size_t task; /* which walk brought it: two equal layers share one */
};

struct image_limits {
	uint64_t layers_max;	    /* 500 */
	uint64_t entries_layer_max; /* 2,000,000 */
	uint32_t path_max;	    /* 4,096 bytes */
	uint32_t path_depth_max;    /* 256 folders */
	unsigned ratio_max;	    /* 200, once past ratio_grace */
	uint64_t ratio_grace;	    /* 1 GiB */
	uint64_t json_max;	    /* 4 MiB a manifest or configuration */
	uint64_t
		kept_bodies_max; /* bytes of small bodies kept of input that cannot be read twice */
};
extern const struct image_limits image_limits_default;

struct image_request {
	struct str reference; /* as typed, for messages */
	struct str select;    /* "#REF": tag or digest; "" */
	struct str platform;  /* "os/arch[/variant]", "" = linux on this machine's architecture */
	enum image_kind
		kind; /* as the broker found out, or forced by prefix; the worker decides between
			 docker-archive, oci-archive and archive by content unless forced */
	bool forced;
	bool verify;
	unsigned threads;
	const struct image_limits *limits;
	struct ask_link *link;
	struct budget *budget;
	struct diags *diags;
	struct progress *progress;
	struct arena *arena; /* strings of the image live here */
};

struct image {
	enum image_kind kind;
	struct str reference;	    /* selected tag, or as typed */
	char digest[DIGEST_TEXT];   /* of the manifest; "" for docker-archive */
	char image_id[DIGEST_TEXT]; /* of the configuration; "" */
	struct str os, architecture, variant;
	struct image_layer *layers;
	size_t layer_count;
	uint64_t second_pass_bytes; /* read by image_walk_again, for the bench */
	void *source;		    /* the member's own */
};

/* A body being read by the visitor; valid inside `entry` only. What is not read is skipped. */
struct body;
uint64_t body_size(const struct body *b);
/* 1 with the next borrowed chunk, 0 at the end, <0: the layer ends here. */
int body_next(struct body *b, struct str *ret_chunk, struct err *e);
/* The whole body into an arena; ERR_LIMIT over max, before anything is read. */
int body_read(struct body *b, struct arena *a, size_t max, struct str *ret, struct err *e);
/* Random access without copying the body (plain seekable layer or folder); <0 unsupported
 * otherwise. */
bool body_is_random(const struct body *b);
int64_t body_read_at(struct body *b, uint64_t offset, void *buf, size_t len, struct err *e);

/*
 * What looks at the entries. begin..entry*..end of one task run in one thread; tasks run side by
 * side. `task` numbers the walks from 0; a task may turn out not to be a layer of the chosen image
 * (input that cannot seek): its facts are dropped then. <0 ends that task only (the visitor has
 * said a diagnostic); `end` is called always, complete=false when the walk stopped early.
 */
struct layer_visitor {
	void *context;
	int (*begin)(void *context, size_t task, struct err *e);
	int (*entry)(void *context, size_t task, const struct entry *entry, struct body *body,
		     struct err *e);
	void (*end)(void *context, size_t task, bool complete);
};

/*
 * Opens the source, walks every layer once with the visitor, and gives the image with its layers in
 * order. Whatever is odd or missing is in request->diags; <0 only when there is no image at all
 * (not readable, no such tag, several images: the error lists them).
 */
int image_walk(const struct image_request *request, const struct layer_visitor *visitor,
	       struct image **ret, struct err *e);

/*
 * The one bounded second pass: hands those entries of layer `index` whose path is in paths[]
 * (sorted, clean) to the visitor, once. ERR_UNSUPPORTED when the input cannot be read twice and the
 * bodies were not kept.
 */
int image_walk_again(struct image *image, int index, const struct str *paths, size_t path_count,
		     const struct layer_visitor *visitor, struct err *e);

void image_close(struct image *image);

#endif
