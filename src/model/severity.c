/*
 * Severity words: ours, those of feeds, and the bands of the CVSS versions.
 *
 * Bands: CVSS v2 has none of its own, NVD's are used (low to 3.9, medium to 6.9, high above); v3.x
 * and v4.0 table 14 (v3.1) and table 23 (v4.0): none 0, low 0.1-3.9, medium 4.0-6.9, high 7.0-8.9,
 * critical.
 */
#include "model/severity.h"

static const char *const names[SEVERITIES] = {
	[SEVERITY_UNKNOWN] = "unknown", [SEVERITY_NEGLIGIBLE] = "negligible",
	[SEVERITY_LOW] = "low",		[SEVERITY_MEDIUM] = "medium",
	[SEVERITY_HIGH] = "high",	[SEVERITY_CRITICAL] = "critical",
};

/* Words of feeds that are not ours. What stands in no list is unknown, never a guess. */
static const struct {
	const char *word;
	enum severity severity;
} feed_words[] = {
	{"unimportant", SEVERITY_NEGLIGIBLE}, /* Debian: no security impact */
	{"none", SEVERITY_NEGLIGIBLE},	      /* CVSS 0.0 as a word */
	{"minor", SEVERITY_LOW},
	{"moderate", SEVERITY_MEDIUM}, /* Red Hat, SUSE, GitHub */
	{"important", SEVERITY_HIGH},  /* Red Hat, SUSE */
};

const char *severity_name(enum severity s)
{
	return s < SEVERITIES ? names[s] : names[SEVERITY_UNKNOWN];
}

bool severity_parse(struct str s, enum severity *ret)
{
	for (int i = 0; i < SEVERITIES; i++) {
		if (str_eq_nocase(s, str_of(names[i]))) {
			*ret = (enum severity)i;
			return true;
		}
	}
	return false;
}

enum severity severity_from_feed(struct str word)
{
	enum severity s;

	word = str_trim(word);
	if (severity_parse(word, &s))
		return s;
	for (size_t i = 0; i < sizeof(feed_words) / sizeof(feed_words[0]); i++) {
		if (str_eq_nocase(word, str_of(feed_words[i].word)))
			return feed_words[i].severity;
	}
	return SEVERITY_UNKNOWN;
}

enum severity cvss_severity(int score10, int version)
{
	if (score10 < 0)
		return SEVERITY_UNKNOWN;
	if (score10 == 0)
		return SEVERITY_NEGLIGIBLE;
	if (score10 < 40)
		return SEVERITY_LOW;
	if (score10 < 70)
		return SEVERITY_MEDIUM;
	return score10 < 90 || version < 30 ? SEVERITY_HIGH : SEVERITY_CRITICAL;
}
