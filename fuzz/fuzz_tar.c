/*
 * Any bytes as a tar, as they are and with right checksums: walked whole and in small chunks, with
 * the same result.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../tests/lib/tiny.h"
#include "archive/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t hash;
	uint64_t bytes;
	enum err_code code;
};

static struct seen walk(struct stream *s, const struct tar_options *options, struct diags *diags)
{
	struct tar_options with = *options;
	struct err e = ERR_INIT;
	struct tar *t;
	struct tar_entry entry;
	struct tar_end end;
	struct seen seen = {0};
	struct str chunk;
	char some[64];
	int r;

	with.diags = diags;
	t = tar_open(s, &with, &e);
	while (t && (r = tar_next(t, &entry, &e)) > 0) {
		seen.hash = str_hash(entry.entry.path, seen.hash + entry.entry.size);
		seen.hash = str_hash(entry.raw_link, seen.hash);
		if (tar_is_random(t) && tar_read_at(t, seen.hash % 100000, some, 64, &e) < 0)
			break;
		/* the limit on holes is a gigabyte: not here */
		while (seen.bytes < 1 << 20 && (r = tar_read_chunk(t, &chunk, &e)) > 0) {
			seen.bytes += chunk.len;
		}
		if (r < 0)
			break;
	}
	if (t && e.code == ERR_NONE && r == 0)
		tar_finish(t, &end, &e);
	seen.code = e.code;
	tar_close(t);
	stream_close(s);
	return seen;
}

static void compare(struct str bytes)
{
	struct diags diags;
	struct seen a, b;

	diags_init(&diags, NULL);
	a = walk(stream_open_memory(bytes, NULL), &tar_options_default, &diags);
	b = walk(tiny_open(bytes, 300), &tar_options_default, NULL);
	diags_done(&diags);
	if (a.code != b.code || (a.bytes < 1 << 20 && a.bytes != b.bytes))
		abort();
}

/* Makes the checksum of every block right, so that changed headers are read and not refused. */
static void set_checksums(char *bytes, size_t size)
{
	for (size_t at = 0; size - at >= 512; at += 512) {
		unsigned sum = 0;

		memset(bytes + at + 148, ' ', 8);
		for (size_t i = 0; i < 512; i++)
			sum += (uint8_t)bytes[at + i];
		if (sum != 8 * ' ')
			snprintf(bytes + at + 148, 7, "%06o", sum);
		else
			memset(bytes + at + 148, 0, 8);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);

	compare(str_make(data, size));
	memcpy(copy, data, size);
	set_checksums(copy, size);
	compare(str_make(copy, size));
	free(copy);
	return 0;
}
