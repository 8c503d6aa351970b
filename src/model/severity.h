/*
 * Severity words and CVSS scores.
 */
#ifndef PLIMSOLL_MODEL_SEVERITY_H
#define PLIMSOLL_MODEL_SEVERITY_H

#include "base/str.h"

enum severity {
	SEVERITY_UNKNOWN,
	SEVERITY_NEGLIGIBLE,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
	SEVERITIES
};

const char *severity_name(enum severity s);
/* Our own words, any case; false for others. */
bool severity_parse(struct str s, enum severity *ret);
/*
 * A feed's word, any case: ours, and unimportant = negligible, moderate = medium, important = high,
 * "not yet assigned", "untriaged" = unknown (REPORT: ids and severity).
 */
enum severity severity_from_feed(struct str word);

/*
 * Base score times 10 (0 to 100) of a CVSS vector of version 2.0, 3.0, 3.1 or 4.0, computed by that
 * version's own equations; -1 when the vector is malformed. Temporal and environmental metrics of
 * v2 and v3 are checked and do not count; v4.0 has one score over all metrics that the vector
 * gives. ret_version (may be NULL) is 20, 30, 31 or 40, untouched for a malformed vector.
 */
int cvss_score10(struct str vector, int *ret_version);
/* Bands of that version: v2 has no critical; 0.0 is negligible. */
enum severity cvss_severity(int score10, int version);

#endif
