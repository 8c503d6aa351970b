/*
 * JSON in: a strict pull reader (RFC 8259) that hands up one event a call. Not recursive; memory is
 * bounded by its options and independent of the document's length; time is linear, also when a
 * string is cut over any number of chunks.
 *
 *	json_init_slice(&j, text, NULL);
 *	if (json_expect(&j, JSON_OBJECT, e) < 0)
 *		return -1;
 *	while ((r = json_next_key(&j, &key, e)) > 0) {
 *		if (str_is(key, "id"))
 *			r = json_expect_string(&j, &id, e);	(valid until the next call)
 *		else
 *			r = json_skip_value(&j, e);
 *		if (r < 0)
 *			return -1;
 *	}
 *	return r < 0 ? -1 : json_expect(&j, JSON_END, e);
 *
 * Errors say "line 3, column 14: ..." and stay: every further call fails alike. ERR_FORMAT for what
 * is not JSON, ERR_TRUNCATED for an input that ends too early, ERR_LIMIT, ERR_MEMORY, and whatever
 * the source of the chunks reports.
 *
 * What RFC 8259 leaves open: a byte order mark before the document is skipped; numbers stay text;
 * a duplicate key is an event like any other with `duplicate` set; a lone surrogate (\ud800)
 * becomes U+FFFD with `replaced` set, as Node and Go do: refusing would let one escape hide a
 * whole file.
 */
#ifndef PLIMSOLL_TEXT_JSON_H
#define PLIMSOLL_TEXT_JSON_H

#include "base/buf.h"
#include "text/keyset.h"

enum json_event {
	JSON_END,  /* the document is complete and nothing but blanks follows */
	JSON_MORE, /* only with json_init_push: call json_feed or json_feed_end */
	JSON_OBJECT,
	JSON_OBJECT_END,
	JSON_ARRAY,
	JSON_ARRAY_END,
	JSON_KEY,
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
};

/* Where nothing is said: */
enum {
	JSON_DEPTH = 512,
	JSON_DEPTH_MAX = 4096, /* what may be asked for */
	JSON_TOKEN = 16 << 20, /* bytes of a string as it stands in the document, or of a number */
	JSON_KEYS = 1 << 20,   /* keys of all objects open at one time (24 to 40 bytes each) */
};

struct json_options {
	size_t depth_max, token_max, keys_max; /* 0: as above */
	/* invalid UTF-8 inside strings becomes U+FFFD (with `replaced`), as Node reads it */
	bool replace_invalid;
	struct budget *budget;
};

/* As stream_next: 1 with a chunk, 0 at the end, <0; the chunk stays valid until the next call. */
typedef int json_pull(void *context, struct str *ret_chunk, struct err *e);

struct json {
	/* --- of the last event: to read --- */
	enum json_event event;
	struct str text; /* key or string, decoded; number or literal; valid until the next call */
	uint64_t offset; /* of its first byte in the document */
	uint64_t line;	 /* 1-based */
	uint64_t column; /* 1-based, in bytes */
	bool duplicate;	 /* a key that this object had before */
	bool replaced;	 /* text has U+FFFD where the document has something else */
	size_t depth;	 /* open objects and arrays */
	uint64_t duplicates; /* keys with `duplicate` so far */

	/* --- private --- */
	struct json_options options;
	json_pull *pull;
	void *context;
	const char *start, *at, *end; /* the chunk */
	uint64_t base;		      /* offset of the chunk */
	uint64_t lines, line_start;   /* line breaks so far, offset behind the last */
	bool ended;		      /* no further chunk comes */
	unsigned char state, token, flags, bom;
	struct buf carry;   /* the token so far, when it is cut by the end of a chunk */
	struct buf decoded; /* the string without its escapes */
	struct keyset keys;
	uint64_t kinds[JSON_DEPTH_MAX / 64]; /* bit per level: an object */
	struct err error;
};

/* options may be NULL. The text must outlive the reader. */
void json_init_slice(struct json *j, struct str text, const struct json_options *options);
/* Chunks come from a callback: json_init_pull(&j, stream_pull, stream, NULL). */
void json_init_pull(struct json *j, json_pull *pull, void *context,
		    const struct json_options *options);
/* Chunks are fed: json_next answers JSON_MORE when it has read the last one. */
void json_init_push(struct json *j, const struct json_options *options);
void json_done(struct json *j);

/* The chunk must stay valid until JSON_MORE; only after JSON_MORE or json_init_push. */
void json_feed(struct json *j, struct str chunk);
void json_feed_end(struct json *j);

/* The next event (enum json_event), or <0. After JSON_END: JSON_END again. */
int json_next(struct json *j, struct err *e);

/* Offset behind the last event's text: with `offset` the extent of a value in the document. */
uint64_t json_position(const struct json *j);
/* "an object", "a string", ... for messages */
const char *json_event_name(enum json_event event);
/* An error of the caller's about the last event: "line 3, column 14: ...". Not sticky. */
int json_error(const struct json *j, struct err *e, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * All below: <0 on error, and ERR_FORMAT with the place when the next event is another than
 * expected. Not for json_init_push.
 */
int json_expect(struct json *j, enum json_event event, struct err *e);
int json_expect_string(struct json *j, struct str *ret_text, struct err *e);
/* A number without sign, fraction or exponent, in range. */
int json_expect_u64(struct json *j, uint64_t *ret_value, struct err *e);
int json_expect_bool(struct json *j, bool *ret_value, struct err *e);
/* In an object: 1 with the next key, 0 when its end was read. */
int json_next_key(struct json *j, struct str *ret_key, struct err *e);
/* In an array: 1 when a value was begun (its first event is in j->event), 0 when the end was read.
 */
int json_next_item(struct json *j, struct err *e);
/* Reads the next value to its end. */
int json_skip_value(struct json *j, struct err *e);
/* When the last event began an object or array: reads on to its end. Else nothing. */
int json_skip_rest(struct json *j, struct err *e);

#endif
