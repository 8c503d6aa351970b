#include "advisory/ids.h"

/* --- id/cve --- */

void put_cve(struct buf *b, struct words *words, const struct cve_facts *facts)
{
	buf_add_char(b, (char)facts->severity);
	put_word(b, words, facts->severity_source);
	put_str(b, facts->title);
	buf_add_varint(b, facts->score_count);
	for (size_t i = 0; i < facts->score_count; i++) {
		put_word(b, words, facts->scores[i].source);
		put_str(b, facts->scores[i].vector);
	}
}

bool get_cve(struct cur *c, const struct str *words, size_t word_count, struct arena *a,
	     struct cve_facts *ret)
{
	struct cve_facts f = {0};
	uint8_t severity = cur_u8(c);
	uint64_t count;

	if (severity >= SEVERITIES)
		c->bad = true;
	f.severity = (enum severity)severity;
	f.severity_source = get_word(c, words, word_count);
	f.title = get_str(c);
	count = cur_varint(c);
	if (c->bad || count > cur_left(c) / 2) { /* each takes two bytes at least */
		c->bad = true;
		return false;
	}
	f.scores = arena_alloc_array(a, (size_t)count, sizeof(*f.scores));
	f.score_count = (size_t)count;
	for (size_t i = 0; f.scores && i < f.score_count; i++) {
		f.scores[i].source = get_word(c, words, word_count);
		f.scores[i].vector = get_str(c);
	}
	if (c->bad || !f.scores)
		return false;
	*ret = f;
	return true;
}

const struct id_score *best_score(const struct id_score *scores, size_t count,
				  enum severity *ret_severity)
{
	const struct id_score *best = NULL;
	int best_rank = -1;

	for (size_t i = 0; i < count; i++) {
		int version, score = cvss_score10(scores[i].vector, &version), rank;

		if (score < 0)
			continue;
		/* 3.0 and 3.1 are one generation */
		rank = version / 10 * 2 + str_is(scores[i].source, "nvd");
		if (rank <= best_rank)
			continue;
		best_rank = rank;
		best = &scores[i];
		*ret_severity = cvss_severity(score, version);
	}
	return best;
}

/* --- id/epss --- */

/* Feeds give five decimals; a share that has no more is kept as such, another in billionths. */
static void put_share(struct buf *b, double share)
{
	double small = share * 1e5;
	uint64_t whole = (uint64_t)(small + 0.5);

	if (small - (double)whole < 1e-6 && (double)whole - small < 1e-6)
		buf_add_varint(b, whole << 1);
	else
		buf_add_varint(b, (uint64_t)(share * 1e9 + 0.5) << 1 | 1);
}

static double get_share(struct cur *c)
{
	uint64_t n = cur_varint(c);

	if (n >> 1 > 1000000000)
		c->bad = true;
	return c->bad ? 0 : n & 1 ? (double)(n >> 1) / 1e9 : (double)(n >> 1) / 1e5;
}

void put_epss(struct buf *b, double score, double percentile)
{
	put_share(b, score);
	put_share(b, percentile);
}

bool get_epss(struct cur *c, double *ret_score, double *ret_percentile)
{
	double score = get_share(c), percentile = get_share(c);

	if (c->bad || score > 1 || percentile > 1) {
		c->bad = true;
		return false;
	}
	*ret_score = score;
	*ret_percentile = percentile;
	return true;
}

/* --- id/kev --- */

void put_kev(struct buf *b, const struct kev_facts *facts)
{
	put_day(b, facts->added);
	put_day(b, facts->due);
	buf_add_char(b, facts->ransomware);
}

bool get_kev(struct cur *c, struct arena *a, struct kev_facts *ret)
{
	struct kev_facts f = {.added = get_day(c, a), .due = get_day(c, a)};
	uint8_t ransomware = cur_u8(c);

	f.ransomware = ransomware == 1;
	if (ransomware > 1)
		c->bad = true;
	if (c->bad || !f.added.data || !f.due.data)
		return false;
	*ret = f;
	return true;
}

/* --- id/alias --- */

void put_aliases(struct buf *b, const struct str *ids, size_t count)
{
	buf_add_varint(b, count);
	for (size_t i = 0; i < count; i++)
		put_id(b, ids[i]);
}

bool get_aliases(struct cur *c, struct arena *a, struct str **ret, size_t *ret_count)
{
	uint64_t count = cur_varint(c);
	struct str *ids;

	if (c->bad || count > cur_left(c)) {
		c->bad = true;
		return false;
	}
	ids = arena_alloc_array(a, (size_t)count, sizeof(*ids));
	for (size_t i = 0; ids && i < count; i++) {
		ids[i] = get_id(c, a);
		if (!ids[i].data)
			return false;
	}
	if (!ids || c->bad)
		return false;
	*ret = ids;
	*ret_count = (size_t)count;
	return true;
}

/* --- id/eol --- */

void put_eol(struct buf *b, const struct eol_facts *facts)
{
	put_day(b, facts->day);
	put_str(b, facts->codename);
}

bool get_eol(struct cur *c, struct arena *a, struct eol_facts *ret)
{
	struct eol_facts f = {.day = get_day(c, a)};

	f.codename = get_str(c);
	if (c->bad || !f.day.data)
		return false;
	*ret = f;
	return true;
}
