/* Any bytes as a zip: each body whole and as a stream, which must agree. */
#include <stdint.h>
#include <stdlib.h>

#include "archive/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(struct zip *z, const struct zip_entry *entry)
{
	struct err e = ERR_INIT, e2 = ERR_INIT;
	struct buf whole = BUF_INIT;
	int r = zip_read(z, entry, 1 << 20, &whole, &e);
	struct stream *s = zip_open_body(z, entry, &e2);
	struct str chunk;
	size_t at = 0;
	int next = s ? 1 : -1;

	while (s && at < 1 << 20 && (next = stream_next(s, &chunk, &e2)) > 0) {
		if (r == 0 && (chunk.len > whole.len - at ||
			       memcmp(chunk.data, whole.data + at, chunk.len) != 0))
			abort();
		at += chunk.len;
	}
	if (r == 0 && next < 0 && e2.code != ERR_LIMIT && e2.code != ERR_MEMORY)
		abort();
	stream_close(s);
	buf_done(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = str_make(data, size);
	struct zip_source source = zip_source_memory(&bytes);
	struct zip_options options = zip_options_default;
	struct budget budget = {.bytes_max = 64 << 20};
	struct err e = ERR_INIT;
	struct zip_entry entry;
	struct diags diags;
	struct zip *z;

	diags_init(&diags, NULL);
	options.diags = &diags;
	options.budget = &budget;
	z = zip_open(&source, &options, &e);
	for (int i = 0; z && i < 50 && zip_next(z, &entry, &e) > 0; i++)
		compare(z, &entry);
	zip_close(z);
	diags_done(&diags);
	if (budget.bytes)
		abort();
	return 0;
}
