#include "rpm.h"

#include "binary/rpmmanifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int visit(void *context, const struct rpm_package *p, uint32_t line, struct err *e)
{
	(void)context;
	(void)line;
	(void)e;
	if (!p->name.len || !p->version.len || !p->release.len)
		abort();
	rpm_touch(p->name);
	rpm_touch(p->arch);
	rpm_touch(p->source_rpm);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rpm_manifest_visitor visitor = {.package = visit};

	rpm_manifest_read(str_make(data, size), &visitor, NULL, DIAG_NOWHERE, NULL);
	return 0;
}
