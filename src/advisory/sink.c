#include "advisory/sink.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/date.h"

enum { TITLE_MAX = 160, DAY_SECONDS = 86400, BACKED_WITHIN = 180 };

int sink_init(struct feed_sink *s, const struct sorter_options *sorter, struct diags *diags,
	      struct err *e)
{
	*s = (struct feed_sink){.diags = diags};
	arena_init(&s->arena, sorter->budget, 0);
	map_init(&s->contributions, sorter->budget);
	buf_init(&s->item, sorter->budget, 0);
	s->sorter = sorter_new(sorter, e);
	return s->sorter ? 0 : -1;
}

void sink_done(struct feed_sink *s)
{
	sorter_free(s->sorter);
	vec_done(&s->feeds);
	vec_done(&s->dropped);
	map_done(&s->contributions);
	buf_done(&s->item);
	arena_done(&s->arena);
}

/* --- dates --- */

void newest_add(struct newest *n, int32_t day)
{
	size_t at = n->count;

	while (at > 0 && n->days[at - 1] < day)
		at--;
	if (at == NEWEST)
		return;
	if (n->count < NEWEST)
		n->count++;
	memmove(&n->days[at + 1], &n->days[at], (n->count - at - 1) * sizeof(n->days[0]));
	n->days[at] = day;
}

int32_t newest_day(const struct newest *n)
{
	for (size_t i = 0; i < n->count;) {
		size_t next = i + 1;

		while (next < n->count && n->days[next] == n->days[i])
			next++;
		if (next - i >= NEWEST / 2 ||
		    (next < n->count && n->days[i] - n->days[next] <= BACKED_WITHIN))
			return n->days[i];
		i = next;
	}
	return n->count ? n->days[0] : -1;
}

static bool day_of(struct str text, int64_t *ret_seconds)
{
	/* feeds that do not know say year 1; what lies before the first CVE is no date either */
	return date_parse(text, ret_seconds) && *ret_seconds > 0 &&
	       *ret_seconds / DAY_SECONDS < INT32_MAX;
}

/* --- feeds and their counts --- */

static struct sink_feed *current(struct feed_sink *s)
{
	return &s->feeds.items[s->current];
}

int sink_begin(struct feed_sink *s, const struct feed *feed, struct err *e)
{
	struct sink_feed *f;

	for (size_t i = 0; i < s->feeds.count; i++) {
		if (s->feeds.items[i].feed == feed) {
			s->current = i;
			return 0;
		}
	}
	f = vec_push(&s->feeds);
	if (!f)
		return ERR_NOMEM(e);
	f->feed = feed;
	s->current = s->feeds.count - 1;
	return 0;
}

void sink_file_time(struct feed_sink *s, int64_t seconds)
{
	if (current(s)->file_time < seconds)
		current(s)->file_time = seconds;
}

static struct str day_text(int32_t day, struct arena *a)
{
	char text[DATE_TEXT];

	if (day <= 0)
		return STR("");
	return arena_str(a, str_of(date_format_day((int64_t)day * DAY_SECONDS, text)));
}

struct str sink_feed_date(const struct sink_feed *f, struct arena *a)
{
	if (f->newest.count)
		return day_text(newest_day(&f->newest), a);
	return day_text((int32_t)(f->file_time / DAY_SECONDS), a);
}

struct str sink_date(struct feed_sink *s, const struct contribution *c, struct arena *a)
{
	if (c->newest.count)
		return day_text(newest_day(&c->newest), a);
	for (size_t i = 0; i < s->feeds.count; i++)
		if (str_is(c->feed, s->feeds.items[i].feed->name) && s->feeds.items[i].newest.count)
			return sink_feed_date(&s->feeds.items[i], a);
	return day_text((int32_t)(c->file_time / DAY_SECONDS), a);
}

void feed_record(struct feed_run *run)
{
	current(run->sink)->records++;
	run->sink->record_left_out = false;
}

void feed_dropped(struct feed_run *run, const char *reason)
{
	struct feed_sink *s = run->sink;
	struct dropped *d;

	current(s)->dropped++;
	for (size_t i = 0; i < s->dropped.count; i++) {
		d = &s->dropped.items[i];
		if (d->feed == s->current && d->reason == reason) {
			d->count++;
			return;
		}
	}
	d = vec_push(&s->dropped);
	if (d)
		*d = (struct dropped){s->current, reason, 1};
}

bool feed_is_left_out(const struct feed_run *run)
{
	return run->sink->record_left_out;
}

void feed_left_out(struct feed_run *run, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!run->sink->record_left_out)
		current(run->sink)->left_out++;
	run->sink->record_left_out = true;
	diag_add(run->sink->diags, DIAG_feed_record,
		 (struct diag_place){.layer = -1, .path = run->path, .offset = -1}, "%s", text);
}

/* --- contributions --- */

static struct contribution *contribution(struct feed_sink *s, struct str partition, struct str feed)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	struct contribution *c = s->last;
	struct str kept;
	void **slot;

	if (c && str_eq(c->partition, partition) && str_eq(c->feed, feed))
		return c;
	buf_add(&key, partition);
	buf_add_char(&key, '\0');
	buf_add(&key, feed);
	c = buf_failed(&key) ? NULL : map_find(&s->contributions, buf_str(&key));
	if (!c) {
		kept = arena_str(&s->arena, buf_str(&key));
		slot = kept.data ? map_put(&s->contributions, kept) : NULL;
		c = slot ? ARENA_NEW(&s->arena, struct contribution) : NULL;
		if (!c)
			return NULL;
		c->partition = str_to(kept, partition.len);
		c->feed = str_from(kept, partition.len + 1);
		*slot = c;
	}
	s->last = c;
	return c;
}

/* --- items --- */

static bool has_nul(struct str s)
{
	return s.len && memchr(s.data, '\0', s.len) != NULL;
}

/* Opens an item; the caller appends the record. */
static struct buf *begin(struct feed_run *run, const char *prefix, struct str partition,
			 struct str key, unsigned rank, int64_t time)
{
	struct buf *b = &run->sink->item;
	uint64_t newest_first = UINT64_MAX - (uint64_t)(time > 0 ? time : 0);

	buf_clear(b);
	buf_add_cstr(b, prefix);
	buf_add(b, partition);
	buf_add_char(b, '\0');
	buf_add(b, key);
	buf_add_char(b, '\0');
	buf_add_char(b, (char)rank);
	for (int i = 7; i >= 0; i--)
		buf_add_char(b, (char)(newest_first >> (8 * i)));
	return b;
}

static int end(struct feed_run *run, struct str key, int64_t time, struct err *e)
{
	struct buf *b = &run->sink->item;
	struct contribution *c;
	struct str partition;

	if (key.len == 0 || key.len > PARTITION_KEY_MAX || has_nul(key)) {
		feed_left_out(run, "a name of %zu bytes", key.len);
		return 0;
	}
	if (b->len > PARTITION_RECORD_MAX) {
		feed_left_out(run, "a record of %zu bytes for one name", b->len);
		return 0;
	}
	if (buf_failed(b))
		return ERR_NOMEM(e);
	partition = str_of(b->data);
	c = contribution(run->sink, partition, str_of(run->feed->name));
	if (!c)
		return ERR_NOMEM(e);
	if (c->file_time < run->file_time)
		c->file_time = run->file_time;
	if (time > 0) {
		newest_add(&c->newest, (int32_t)(time / DAY_SECONDS));
		newest_add(&current(run->sink)->newest, (int32_t)(time / DAY_SECONDS));
	}
	return sorter_add(run->sink->sorter, buf_str(b), e);
}

bool sink_item_parse(struct str bytes, struct sink_item *ret)
{
	struct sink_item item = {0};
	ptrdiff_t at = str_find_char(bytes, '\0'), next;
	struct cur c;

	if (at < 0)
		return false;
	item.partition = str_to(bytes, (size_t)at);
	bytes = str_from(bytes, (size_t)at + 1);
	next = str_find_char(bytes, '\0');
	if (next < 0)
		return false;
	item.key = str_to(bytes, (size_t)next);
	c = cur_of(str_from(bytes, (size_t)next + 1));
	item.rank = cur_u8(&c);
	item.time = (int64_t)(UINT64_MAX - cur_be64(&c));
	item.record = cur_take(&c, cur_left(&c));
	*ret = item;
	return !c.bad;
}

int feed_give_advisory(struct feed_run *run, struct str partition, enum feed_rank rank,
		       struct str day, const struct advisory *a, struct err *e)
{
	struct buf *b;
	int64_t time = 0;

	if (!a->id.len) {
		feed_left_out(run, "a record without an id");
		return 0;
	}
	if (!day_of(day, &time))
		time = 0;
	b = begin(run, "pkg/", partition, a->package, rank, time);
	put_advisory(b, NULL, a);
	return end(run, a->package, time, e);
}

/* One printable line of at most TITLE_MAX bytes, cut between words. */
static struct str short_title(struct arena *a, struct str text)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;
	size_t last_blank = 0;
	bool blank = false;

	text = str_trim(text);
	for (size_t i = 0; i < text.len && line.len <= TITLE_MAX; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c <= ' ' || c == 0x7f) {
			blank = true;
			continue;
		}
		if (blank && line.len) {
			last_blank = line.len;
			buf_add_char(&line, ' ');
		}
		blank = false;
		buf_add_char(&line, (char)c);
	}
	if (line.len > TITLE_MAX) {
		line.len = last_blank ? last_blank : TITLE_MAX - 16;
		while (line.len && (unsigned char)line.data[line.len - 1] >= 0x80 && !last_blank)
			line.len--; /* not inside a character */
		buf_add_cstr(&line, " \xe2\x80\xa6");
	}
	return buf_failed(&line) ? STR_NULL : arena_str(a, buf_str(&line));
}

int feed_give_cve(struct feed_run *run, struct str id, unsigned rank, const struct cve_facts *facts,
		  struct err *e)
{
	struct cve_facts f = *facts;

	f.title = short_title(run->arena, facts->title);
	if (!f.title.data)
		return ERR_NOMEM(e);
	if (!f.title.len && !f.score_count && f.severity == SEVERITY_UNKNOWN)
		return 0;
	put_cve(begin(run, "id/cve", STR(""), id, rank, 0), NULL, &f);
	return end(run, id, 0, e);
}

int feed_give_epss(struct feed_run *run, struct str id, struct str day, double score,
		   double percentile, struct err *e)
{
	int64_t time = 0;

	if (!day_of(day, &time))
		time = 0;
	put_epss(begin(run, "id/epss", STR(""), id, 0, time), score, percentile);
	return end(run, id, time, e);
}

int feed_give_kev(struct feed_run *run, struct str id, struct str day,
		  const struct kev_facts *facts, struct err *e)
{
	int64_t time = 0;

	if (!day_of(day, &time))
		time = 0;
	put_kev(begin(run, "id/kev", STR(""), id, 0, time), facts);
	return end(run, id, time, e);
}

int feed_give_alias(struct feed_run *run, struct str id, struct str alias, struct err *e)
{
	if (!alias.len || str_eq(id, alias))
		return 0;
	put_aliases(begin(run, "id/alias", STR(""), id, 0, 0), &alias, 1);
	return end(run, id, 0, e);
}

int feed_give_eol(struct feed_run *run, struct str key, unsigned rank,
		  const struct eol_facts *facts, struct err *e)
{
	put_eol(begin(run, "id/eol", STR(""), key, rank, 0), facts);
	return end(run, key, 0, e);
}

bool is_cve_id(struct str s)
{
	struct str rest = s, year;
	uint64_t n;

	return s.len <= 22 && str_skip(&rest, STR("CVE-")) && str_next(&rest, '-', &year) &&
	       year.len == 4 && str_parse_u64(year, &n) && rest.len >= 4 && str_parse_u64(rest, &n);
}
