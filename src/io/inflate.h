/*
 * Raw deflate, whole buffers: for many small members in a row (a zip of half a million files),
 * where a stream for each would cost more than its bytes. Reused from call to call.
 */
#ifndef PLIMSOLL_IO_INFLATE_H
#define PLIMSOLL_IO_INFLATE_H

#include "base/mem.h"

struct inflater;

/* NULL without memory. */
struct inflater *inflater_new(struct err *e);
/* Accepts NULL. */
void inflater_free(struct inflater *f);
/*
 * Inflates `packed` into out[size]: exactly size bytes, from a stream that ends within `packed`
 * (ERR_FORMAT otherwise). Bytes behind its end are not looked at.
 */
int inflater_run(struct inflater *f, struct str packed, char *out, size_t size, struct err *e);

/* CRC-32 as zip and gzip have it, continued from `crc` (0 at the start). */
uint32_t crc32_add(uint32_t crc, struct str bytes);

#endif
