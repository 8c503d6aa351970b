/*
 * Any bytes through a codec (by their head, and by name): whole and in small chunks give
 * the same bytes and the same end, and the budget is given back.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../tests/lib/tiny.h"
#include "io/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT_MAX = 8 << 20 };

struct seen {
	uint64_t hash;
	uint64_t bytes;
	enum err_code code;
};

static struct seen drain(struct stream *s, struct err *e)
{
	struct seen seen = {.hash = 1};
	struct str chunk;

	while (s && seen.bytes < OUT_MAX && stream_next(s, &chunk, e) > 0) {
		if (chunk.len == 0)
			abort();
		for (size_t i = 0; i < chunk.len; i++)
			seen.hash = seen.hash * 31 + (uint8_t)chunk.data[i];
		seen.bytes += chunk.len;
	}
	stream_close(s);
	seen.code = e->code;
	return seen;
}

static struct seen decode(const struct codec *codec, struct stream *below)
{
	struct budget budget = {.bytes_max = 256 << 20};
	struct err e = ERR_INIT;
	struct stream *s = codec ? codec->open(below, &budget, &e)
				 : stream_open_decoded(below, &budget, NULL, &e);
	struct seen seen = drain(s, &e);

	if (budget.bytes)
		abort();
	return seen;
}

static void compare(const struct codec *codec, struct str bytes)
{
	struct seen a = decode(codec, stream_open_memory(bytes, NULL));
	struct seen b = decode(codec, tiny_open(bytes, 7));

	/* which of two errors of a corrupt stream is seen may depend on the chunks; its bytes may
	 * not */
	if ((a.code == ERR_NONE) != (b.code == ERR_NONE))
		abort();
	if (a.code == ERR_NONE && a.bytes < OUT_MAX && (a.hash != b.hash || a.bytes != b.bytes))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = str_make(data, size);
	struct err e = ERR_INIT;

	/* by its head; and by one codec, which the last byte names */
	compare(NULL, bytes);
	compare(codecs[size ? data[size - 1] % 5 : 0], bytes);
	drain(stream_open_inflate(stream_open_memory(bytes, NULL), NULL, &e), &e);
	return 0;
}
