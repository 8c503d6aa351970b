/*
 * Scores of FIRST's Exploit Prediction Scoring System, CSV:
 *
 *	#model_version:v2023.03.01,score_date:2025-02-20T00:00:00+0000
 *	cve,epss,percentile
 *	CVE-1999-0001,0.00383,0.73075
 *
 * A record is one row. The first line may be missing; columns go by their names, so that tables
 *with more of them are read too.
 */
#include "advisory/feed.h"
#include "text/csv.h"

#include <stdlib.h>

struct scores {
	struct feed_run *run;
	struct str day; /* in the run's arena */
	ptrdiff_t cve, epss, percentile;
	bool headed;
};

static ptrdiff_t column(const struct csv *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (str_eq_nocase(str_trim(c->fields[i]), str_of(name)))
			return (ptrdiff_t)i;
	return -1;
}

/* "score_date:2025-02-20T00:00:00+0000" in the comment */
static void read_comment(struct scores *s, const struct csv *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct str field = c->fields[i];

		str_skip(&field, STR("#"));
		if (str_skip(&field, STR("score_date:")))
			s->day = arena_str(s->run->arena, str_to(field, 10));
	}
}

static int read_head(struct scores *s, const struct csv *c, struct err *e)
{
	s->cve = column(c, "cve");
	s->epss = column(c, "epss");
	s->percentile = column(c, "percentile");
	if (s->percentile < 0)
		s->percentile = column(c, "epss percentile");
	if (s->cve < 0 || s->epss < 0 || s->percentile < 0)
		return err_set(e, ERR_FORMAT,
			       "line %llu: no head line with cve, epss and percentile",
			       (unsigned long long)c->line);
	s->headed = true;
	return 0;
}

/* A decimal between 0 and 1. */
static bool share(struct str text, double *ret)
{
	char room[32], *end;
	double value;

	if (!text.len || text.len >= sizeof(room) || text.data[0] < '0' || text.data[0] > '9')
		return false;
	memcpy(room, text.data, text.len);
	room[text.len] = '\0';
	value = strtod(room, &end);
	if (*end || !(value >= 0 && value <= 1))
		return false;
	*ret = value;
	return true;
}

static int read_row(struct scores *s, const struct csv *c, struct err *e)
{
	struct str id = csv_field(c, s->cve);
	double epss, percentile;

	feed_record(s->run);
	if (!is_cve_id(id) || !share(csv_field(c, s->epss), &epss) ||
	    !share(csv_field(c, s->percentile), &percentile)) {
		feed_left_out(s->run, "line %llu: no id with two shares",
			      (unsigned long long)c->line);
		return 0;
	}
	return feed_give_epss(s->run, id, s->day, epss, percentile, e);
}

static int read_rows(struct scores *s, struct csv *c, struct err *e)
{
	int r;

	while ((r = csv_next(c, e)) > 0) {
		if (c->count && str_starts(c->fields[0], STR("#")))
			read_comment(s, c);
		else if ((s->headed ? read_row(s, c, e) : read_head(s, c, e)) < 0)
			return -1;
	}
	return r;
}

static int read_epss(struct feed_run *run, struct stream *in, struct err *e)
{
	struct scores s = {.run = run, .day = STR("")};
	struct csv c;
	struct str chunk;
	int r;

	csv_init(&c, 1 << 20, run->arena->budget);
	while ((r = stream_next(in, &chunk, e)) > 0) {
		csv_feed(&c, chunk);
		r = read_rows(&s, &c, e);
		if (r < 0)
			break;
	}
	if (r == 0) {
		csv_feed_end(&c);
		r = read_rows(&s, &c, e);
	}
	csv_done(&c);
	return r;
}

static bool wants_epss(struct str path)
{
	return str_ends(path, STR(".csv"));
}

const struct feed feed_epss = {
	.name = "epss",
	.what = "EPSS scores, CSV, packed or not",
	.wants = wants_epss,
	.read = read_epss,
};
