/* An ignore file: read, and applied to a report of one finding. */
#include <stdint.h>

#include "policy/policy.h"

static void add_finding(struct document *d)
{
	struct package *p = vec_push(&d->packages);
	struct document_finding *f = vec_push(&d->findings);

	if (!p || !f)
		return;
	*p = (struct package){
		.type = PACKAGE_DEB, .name = STR("a"), .version = STR("1"), .arch = STR("amd64")};
	*f = (struct document_finding){.kind = STR("vulnerability"),
				       .id = STR("A"),
				       .severity = SEVERITY_HIGH,
				       .path = STR("var/lib/dpkg/status"),
				       .layer = -1};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct document *d = document_new(NULL, NULL);
	struct policy p;
	struct err e = ERR_INIT;

	if (!d)
		return 0;
	policy_init(&p);
	d->now = 1732442400;
	add_finding(d);
	if (policy_read_ignore(&p, str_make(data, size), "ignore.yaml", &e) == 0)
		policy_judge(&p, d, &e);
	policy_done(&p);
	document_free(d);
	return 0;
}
