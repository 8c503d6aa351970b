/*
 * Inside src/model: the notation that all CVSS versions share, "AV:N/AC:L/...", read against the
 * table of metrics of one version.
 */
#ifndef PLIMSOLL_MODEL_CVSS_METRICS_H
#define PLIMSOLL_MODEL_CVSS_METRICS_H

#include "base/str.h"

struct cvss_metric {
	const char *name;
	const char *values; /* blank-separated; a value is known by its place in here, from 0 */
	bool mandatory;
};

enum { CVSS_METRICS_MAX = 40 };

/*
 * values[i] becomes the place of the value of rules[i], -1 when the vector does not have it. False
 * when a metric or value is unknown, stands twice, or a mandatory one is missing. Any order is
 * taken: the score does not depend on it.
 */
bool cvss_read_metrics(struct str body, const struct cvss_metric *rules, size_t count,
		       int8_t values[CVSS_METRICS_MAX]);

/* CVSS 4.0, the part behind "CVSS:4.0/"; score times 10 or -1. */
int cvss4_score10(struct str body);

#endif
