/* The small parsers of the model: vectors, severity words, distributions, purl patterns. */
#include <stdint.h>
#include <stdlib.h>

#include "model/package.h"
#include "model/severity.h"
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_make(data, size), first = STR_NULL, second;
	struct package p = {.type = (enum package_type)(size % PACKAGE_TYPE_COUNT)};
	struct distro d = {0};
	struct buf out = BUF_INIT;
	int version, score = cvss_score10(text, &version);

	if (score > 100 || score < -1)
		abort();
	severity_from_feed(text);
	second = text;
	str_next(&second, '\n', &first);
	policy_purl_matches(first, second);
	p.name = p.version = p.arch = second;
	d.id = first;
	d.version_id = d.codename = d.name = second;
	purl_format(&p, &d, &out);
	for (size_t i = 0; i < out.len; i++) {
		if (out.data[i] <= 0x20 || out.data[i] >= 0x7f)
			abort();
	}
	buf_clear(&out);
	distro_partition(&d, &out);
	buf_done(&out);
	return 0;
}
