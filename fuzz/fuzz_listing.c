/* The worker's reader of a folder's listing. */
#include "image/listing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct listing l = {0};
	struct entry entry;
	enum listing_note note;
	struct err e = ERR_INIT;

	if (listing_open(&l, str_make(data, size), &e) == 0)
		while (listing_next(&l, &entry, &note, &e) > 0)
			if (!entry.path.len || entry.path.data[0] == '/')
				__builtin_trap();
	listing_close(&l);
	return 0;
}
