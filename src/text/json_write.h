/*
 * JSON out, streaming, into a buffer or a callback. Failure is sticky: writers need not look at
 * every call, json_writer_end tells. What cannot be JSON (a value where a key must stand, an end
 * without a beginning, NaN) is a bug of the caller and fails with ERR_INTERNAL.
 *
 *	json_writer_init(&w, &buf, 2);
 *	json_write_object(&w);
 *	json_write_key(&w, STR("layers"));
 *	json_write_array(&w);
 *	json_write_string(&w, path);
 *	json_write_end(&w);
 *	json_write_end(&w);
 *	r = json_writer_end(&w, e);
 *
 * Strings that are not UTF-8 are written with \xnn (lower case, as characters) for each byte that
 * is not part of a well-formed sequence (REPORT.md).
 */
#ifndef PLIMSOLL_TEXT_JSON_WRITE_H
#define PLIMSOLL_TEXT_JSON_WRITE_H

#include "base/buf.h"

enum { JSON_WRITE_DEPTH = 512 };

/* Takes the bytes; <0 with an error stops the writer. */
typedef int json_sink(void *context, struct str bytes, struct err *e);

struct json_writer {
	size_t depth; /* open objects and arrays */

	/* private */
	struct buf *out;
	struct buf own; /* in front of the sink */
	json_sink *sink;
	void *context;
	unsigned indent;
	bool first;			       /* nothing was written yet on this level */
	bool keyed;			       /* a key stands before */
	uint64_t kinds[JSON_WRITE_DEPTH / 64]; /* bit per level: an object */
	struct err error;
};

/* indent: blanks a level, 0 for compact output on one line without a final line break. */
void json_writer_init(struct json_writer *w, struct buf *out, unsigned indent);
/* The sink gets pieces of about 64 KiB. End with json_writer_done. */
void json_writer_init_sink(struct json_writer *w, json_sink *sink, void *context, unsigned indent);
/*
 * Checks that all is closed, adds a final line break where output is indented, empties into the
 * sink. <0 with the first failure: ERR_MEMORY, ERR_INTERNAL, or the sink's.
 */
int json_writer_end(struct json_writer *w, struct err *e);
void json_writer_done(struct json_writer *w);
/* For long loops that want to stop early. */
static inline bool json_writer_failed(const struct json_writer *w)
{
	return w->error.code != ERR_NONE;
}

void json_write_object(struct json_writer *w);
void json_write_array(struct json_writer *w);
/* Ends the innermost object or array. */
void json_write_end(struct json_writer *w);

void json_write_key(struct json_writer *w, struct str key);
void json_write_string(struct json_writer *w, struct str s);
void json_write_cstr(struct json_writer *w, const char *s);
void json_write_i64(struct json_writer *w, int64_t value);
void json_write_u64(struct json_writer *w, uint64_t value);
/* The shortest text that reads back as the same double; whatever the locale. */
void json_write_double(struct json_writer *w, double value);
void json_write_bool(struct json_writer *w, bool value);
void json_write_null(struct json_writer *w);
/* One value that is JSON already (a number kept as text, a kept fragment). */
void json_write_raw(struct json_writer *w, struct str json);

/* Key and value in one call; key is a C string. */
void json_write_member(struct json_writer *w, const char *key, struct str value);
void json_write_member_cstr(struct json_writer *w, const char *key, const char *value);
void json_write_member_u64(struct json_writer *w, const char *key, uint64_t value);
void json_write_member_i64(struct json_writer *w, const char *key, int64_t value);
void json_write_member_double(struct json_writer *w, const char *key, double value);
void json_write_member_bool(struct json_writer *w, const char *key, bool value);
void json_write_member_object(struct json_writer *w, const char *key);
void json_write_member_array(struct json_writer *w, const char *key);

enum { DOUBLE_TEXT = 48 };
/* As json_write_double; false for infinities and NaN. */
bool double_format(double value, char out[DOUBLE_TEXT]);

/* Appends s as a JSON string with its quotes, as json_write_string does. */
void json_quote(struct buf *b, struct str s);

#endif
