/*
 * Any bytes as the file that has a changelog, by the first byte: a .deb (ar, data.tar, the packed
 * file in it), a packaging archive, a .diff. Through a descriptor, as the broker hands it over.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "advisory/notices_changelog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"demo_1.deb", "demo_1.debian.tar.xz", "demo_1.diff.gz",
					    "demo_1.tar.xz"};
	struct budget budget = {.bytes_max = 64 << 20};
	struct err e = ERR_INIT;
	struct str text = STR_NULL;
	struct arena arena;
	int fd;

	if (size == 0)
		return 0;
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)(size - 1))
		abort();
	arena_init(&arena, &budget, 0);
	if (changelog_extract(fd, str_of(names[data[0] & 3]), &arena, &budget, &text, &e) == 0 &&
	    (!text.data || text.len > CHANGELOG_MAX))
		abort();
	arena_done(&arena);
	if (budget.bytes)
		abort();
	return 0;
}
