/* u32 (little-endian) length of the write-ahead log, the log, the database. */
#include "rpm.h"

#include "base/cur.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cur c = cur_of(str_make(data, size));
	uint32_t length = cur_le32(&c);
	struct str wal = cur_take(&c, length), main = cur_take(&c, cur_left(&c));

	rpm_read("sqlite", main, wal.len ? wal : STR_NULL);
	return 0;
}
