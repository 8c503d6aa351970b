/*
 * For the helper programs of the Python tests (tests/tools): a whole stream in memory, never freed.
 */
#ifndef PLIMSOLL_TESTS_TOOLS_TEST_IO_H
#define PLIMSOLL_TESTS_TOOLS_TEST_IO_H

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

/* where a leak checker finds them */
static const char *test_kept[8];

static inline struct str test_read_stream(FILE *f)
{
	static size_t kept;
	size_t room = 1 << 16, len = 0, n;
	char *data = malloc(room);

	while (data && (n = fread(data + len, 1, room - len, f)) > 0) {
		len += n;
		if (len == room)
			data = realloc(data, room *= 2);
	}
	if (!data)
		abort();
	test_kept[kept++ % 8] = data;
	return str_make(data, len);
}

#endif
