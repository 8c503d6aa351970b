#include "rpm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rpm_header h;
	struct rpm_package p;

	if (rpm_header_open(str_make(data, size), &h, NULL) == 0 &&
	    rpm_header_package(&h, &p, NULL) == 0)
		rpm_touch_package(&h, &p);
	return 0;
}
