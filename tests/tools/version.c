/* version COMPARATOR < lines: version_check over standard input, for the differential tests. */
#include <stdio.h>

#include "test_io.h"
#include "version/check.h"

int main(int argc, char **argv)
{
	const struct comparator *c = comparator_find(str_of(argc > 1 ? argv[1] : ""));
	struct version_check counts;
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	int result;

	if (!c)
		return 3;
	result = version_check(c, test_read_stream(stdin), &out, &counts, &e);
	fwrite(out.data, 1, out.len, stdout);
	buf_done(&out);
	if (result < 0) {
		fprintf(stderr, "%s\n", e.message);
		return 3;
	}
	return counts.failed ? 2 : 0;
}
