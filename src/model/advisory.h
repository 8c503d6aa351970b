/*
 * What a feed says of one package and one vulnerability, in the form that the database keeps and
 * the matcher reads.
 */
#ifndef PLIMSOLL_MODEL_ADVISORY_H
#define PLIMSOLL_MODEL_ADVISORY_H

#include "base/str.h"
#include "model/severity.h"

enum advisory_names { NAMES_SOURCE, NAMES_BINARY }; /* what `package` names */

/* What the distribution says of versions in the ranges. */
enum advisory_state {
	STATE_AFFECTED,
	STATE_UNDER_INVESTIGATION,
	STATE_NOT_AFFECTED, /* kept only where it overrides another feed; never a finding */
};

/* REPORT: "available | none | will_not_fix | deferred | end_of_life | unknown" */
enum fix_state {
	FIX_AVAILABLE,
	FIX_NONE,
	FIX_WILL_NOT_FIX,
	FIX_DEFERRED,
	FIX_END_OF_LIFE,
	FIX_UNKNOWN,
};
const char *fix_state_name(enum fix_state f);
bool fix_state_parse(struct str s, enum fix_state *ret);
/* "affected", "under_investigation", "not_affected" */
const char *advisory_state_name(enum advisory_state s);
bool advisory_state_parse(struct str s, enum advisory_state *ret);

/* Versions v with introduced <= v and (v < fixed, or v <= last_affected, or no upper bound). */
struct version_span {
	struct str introduced;	  /* "" or "0": from the beginning */
	struct str fixed;	  /* "": none known; "0": never affected */
	struct str last_affected; /* "": not given */
};

struct advisory {
	struct str id;	  /* of the record: "DSA-5380-1", "CVE-2024-1", "ALSA-2024:1" */
	struct str *cves; /* vulnerabilities it names (CVE ids), sorted; may be none */
	size_t cve_count;
	struct str *aliases; /* further ids (GHSA, vendor), sorted */
	size_t alias_count;
	struct str package;
	enum advisory_names names;
	enum advisory_state state;
	enum fix_state fix;
	struct version_span *spans;
	size_t span_count;
	struct str *versions; /* exact affected versions, besides the spans */
	size_t version_count;
	enum severity severity; /* unknown: look in id/ partitions */
	struct str
		severity_source; /* "debian", "ubuntu", "redhat", "osv", ...; feed that said so */
	struct str cvss;	 /* vector given by the record itself, or "" */
	struct str arches;	 /* blank-separated, or "": all */
	struct str module;	 /* rpm module "name:stream", or "" */
	struct str feed;	 /* name of the feed that brought it */
	struct str title;	 /* short; may be "" */
	struct str evidence;	 /* sentence that names it (notices), or "" */
	struct str fix_date;	 /* "2024-05-01" or "" */
};

#endif
