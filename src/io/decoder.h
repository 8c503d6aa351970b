/*
 * What the members of the codec family share: the ring of output buffers, the input, memory charged
 * to the budget. A member embeds struct decoder first and gives a step.
 *
 * To add a codec: src/io/NAME.c ending in `const struct codec codec_NAME = {...};`, its line in
 * codecs.def (sorted), rows in tests/unit/io/test_codecs.c and seeds in fuzz/corpus/codecs/.
 */
#ifndef PLIMSOLL_IO_DECODER_H
#define PLIMSOLL_IO_DECODER_H

#include "io/stream.h"

enum { DECODER_RING = 4, DECODER_CHUNK = 256 << 10 };

struct decoder;

struct decoder_ops {
	struct stream_ops stream; /* decoder_next, decoder_close; name is the codec's */
	/*
	 * Decodes into out[room], room > 0; *made (0 at call) takes the bytes written, also with an
	 * error. 1 go on, 0 the data is complete, <0 an error. Takes input with decoder_input and
	 * shortens d->in by what it used.
	 */
	int (*step)(struct decoder *d, char *out, size_t room, size_t *made, struct err *e);
	/* Frees what the library holds; called once. */
	void (*done)(struct decoder *d);
};

struct decoder {
	struct stream stream;
	struct stream *below;
	struct budget *budget;
	uint64_t charged; /* to the budget, to be released at the end */
	struct str in;	  /* input not yet used */
	char *ring;
	unsigned slot;
	int state;	    /* as stream.state, but for the chunk that is handed up first */
	struct err pending; /* the error behind that chunk */
};

/*
 * A zeroed struct of `size` bytes that begins with a struct decoder, with its ring; NULL on
 * failure, `below` closed then.
 */
void *decoder_new(size_t size, const struct decoder_ops *ops, struct stream *below,
		  struct budget *budget, struct err *e);
int decoder_next(struct stream *s, struct str *ret_chunk, struct err *e);
void decoder_close(struct stream *s);

/* Fills d->in when it is empty: 1 there is input, 0 there is no more, <0 error. */
int decoder_input(struct decoder *d, struct err *e);
int decoder_charge(struct decoder *d, uint64_t bytes, struct err *e);
/* For the allocation hooks of the libraries: charged, NULL on failure. `free` accepts NULL. */
void *decoder_alloc(struct decoder *d, size_t count, size_t size);
void decoder_free(struct decoder *d, void *p);

/* The errors every codec has. */
int decoder_cut_short(struct decoder *d, struct err *e);
int decoder_junk_behind(struct decoder *d, struct err *e);
int decoder_malformed(struct decoder *d, const char *what, struct err *e);

#define DECODER_STREAM_OPS(codec_name) \
	{ \
		.name = (codec_name), .next = decoder_next, .close = decoder_close \
	}

#endif
