/*
 * zip: the directory and every member to its end.
 */
#include <stdint.h>
#include <stdlib.h>

#include "archive/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = ERR_INIT;
	struct stream *s = stream_open_memory(str_make(data, size), &e);
	struct zip *z = s ? zip_open(s, size, &e) : NULL;
	struct zip_entry entry;
	uint64_t total = 0, members = 0;

	while (z && zip_next(z, &entry, &e) > 0 && total < 1 << 24) {
		struct stream *member = zip_member(z, &e);
		struct str chunk;

		if (++members > size)
			abort();
		while (member && stream_next(member, &chunk, &e) > 0 && total < 1 << 24)
			total += chunk.len;
		stream_close(member);
	}
	zip_close(z);
	stream_close(s);
	return 0;
}
