#include "rpm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	rpm_read("ndb", str_make(data, size), STR_NULL);
	return 0;
}
