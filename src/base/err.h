/*
 * Errors: the operation did not happen. The caller owns a fixed-size struct err, so reporting one
 * never allocates. Library code sets and wraps; only cli and service print.
 *
 *	return err_set(e, ERR_FORMAT, "manifest.json: line %zu: not a list", line);
 *	return err_wrap(e, "layer %d", index);      -> "layer 3: gzip: stream is cut short"
 */
#ifndef PLIMSOLL_BASE_ERR_H
#define PLIMSOLL_BASE_ERR_H

#include <stdbool.h>

#include "base/str.h"

enum err_code {
	ERR_NONE = 0,
	ERR_MEMORY,	 /* an allocation failed, or the budget is spent */
	ERR_IO,		 /* a system call failed */
	ERR_TRUNCATED,	 /* the input ends where it must go on */
	ERR_FORMAT,	 /* the input is not what it claims to be */
	ERR_LIMIT,	 /* a limit was reached */
	ERR_DIGEST,	 /* bytes differ from their digest */
	ERR_NOT_FOUND,	 /* what was named is not there */
	ERR_UNSUPPORTED, /* known but not handled, or built without */
	ERR_NETWORK,	 /* no answer, or not the one needed */
	ERR_USAGE,	 /* the caller's words are off: exit 3 */
	ERR_CANCELLED,	 /* interrupted by the user */
	ERR_INTERNAL,	 /* a broken promise inside the program */
};

struct err {
	enum err_code code;
	char message[768]; /* UTF-8, printable, no newline: what came from an input is escaped */
	char hint[256];	   /* a command that can be typed, or empty */
};

#define ERR_INIT ((struct err){.code = ERR_NONE})

/*
 * Both return -1, so that "return err_set(...)" reads well. Control characters and invalid UTF-8
 * in the formatted text become \xnn. A NULL e is allowed and drops the text.
 */
int err_set(struct err *e, enum err_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* As err_set with strerror(errno_value) behind a colon. */
int err_set_errno(struct err *e, int errno_value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Puts "context: " before the message; keeps the code. */
int err_wrap(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Sets the hint; returns -1 too. */
int err_hint(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* That they return -1 is known where they are called: to analysers above all. */
static inline int err_minus_one(int result)
{
	(void)result;
	return -1;
}
#define err_set(...)	   err_minus_one((err_set)(__VA_ARGS__))
#define err_set_errno(...) err_minus_one((err_set_errno)(__VA_ARGS__))
#define err_wrap(...)	   err_minus_one((err_wrap)(__VA_ARGS__))
#define err_hint(...)	   err_minus_one((err_hint)(__VA_ARGS__))

/* Short field word for a code: "format", "truncated", ... */
const char *err_code_name(enum err_code code);

/*
 * Writes s into out[size] as printable UTF-8: bytes below 0x20, 0x7f, C1 controls, characters that
 * change direction or are not seen, and invalid UTF-8 as \xnn. Always NUL-terminated; a text that
 * does not fit ends in "...". Returns out.
 */
char *err_escape(char *out, size_t size, struct str s);

#endif
