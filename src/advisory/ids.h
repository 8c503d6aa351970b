/*
 * The records of the id/ partitions: what the feeds know of vulnerability ids and of releases.
 */
#ifndef PLIMSOLL_ADVISORY_IDS_H
#define PLIMSOLL_ADVISORY_IDS_H

#include "advisory/database.h"
#include "advisory/format.h"

/* id/cve: one of what several feeds say; the merge makes one record of them. */
struct cve_facts {
	enum severity severity; /* a word of a source, unknown: none */
	struct str severity_source, title;
	struct id_score *scores;
	size_t score_count;
};
void put_cve(struct buf *b, struct words *words, const struct cve_facts *facts);
bool get_cve(struct cur *c, const struct str *words, size_t word_count, struct arena *a,
	     struct cve_facts *ret);
/*
 * The vector that decides: v4 before v3 before v2, of these that of nvd, else the first; NULL when
 * none is well-formed.
 */
const struct id_score *best_score(const struct id_score *scores, size_t count,
				  enum severity *ret_severity);

/* id/epss: probabilities, kept to nine decimals. */
void put_epss(struct buf *b, double score, double percentile);
bool get_epss(struct cur *c, double *ret_score, double *ret_percentile);

struct kev_facts {
	struct str added, due; /* days, may be "" */
	bool ransomware;       /* known to be used in campaigns */
};
void put_kev(struct buf *b, const struct kev_facts *facts);
bool get_kev(struct cur *c, struct arena *a, struct kev_facts *ret);

/* id/alias: other names of an id. */
void put_aliases(struct buf *b, const struct str *ids, size_t count);
bool get_aliases(struct cur *c, struct arena *a, struct str **ret, size_t *ret_count);

/* id/eol: key "debian/12". */
struct eol_facts {
	struct str day; /* end of free support, "" unknown */
	struct str codename;
};
void put_eol(struct buf *b, const struct eol_facts *facts);
bool get_eol(struct cur *c, struct arena *a, struct eol_facts *ret);

#endif
