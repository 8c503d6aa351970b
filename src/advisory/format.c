/*
 * The encodings that reader and writer of partitions share. Everything read here may be hostile:
 * all of it goes through struct cur, and a count is believed only as far as bytes stand behind it.
 */
#include "advisory/format.h"

#include <stdio.h>

#include "base/date.h"

const char partition_magic[8] = {'\x89', 'P', 'L', 'I', 'M', 'D', 'B', '\n'};

enum { DAY_SECONDS = 86400 };

enum partition_kind partition_kind_of(struct str name)
{
	static const char *const ids[PARTITION_KINDS] = {
		[PARTITION_CVE] = "id/cve", [PARTITION_EPSS] = "id/epss",
		[PARTITION_KEV] = "id/kev", [PARTITION_ALIAS] = "id/alias",
		[PARTITION_EOL] = "id/eol",
	};

	if (str_starts(name, STR("pkg/")))
		return PARTITION_PKG;
	for (int i = PARTITION_CVE; i < PARTITION_KINDS; i++)
		if (str_is(name, ids[i]))
			return (enum partition_kind)i;
	return PARTITION_KINDS;
}

/* --- keys --- */

uint64_t key_hash(struct str key)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (uint8_t)key.data[i]) * 0x100000001b3u;
	h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
	h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 33;
}

/*
 * A split block Bloom filter (Putze, Sanders, Singler 2007, "cache-, hash- and space-efficient
 * Bloom filters", in the form of Apache Parquet): one unit of 256 bits a key, one bit in each of
 * its eight 32-bit lanes.
 */
static const uint32_t salts[8] = {0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d,
				  0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31};

static size_t filter_unit(size_t units, uint64_t hash)
{
	return (size_t)(((hash >> 32) * (uint64_t)units) >> 32) * PARTITION_FILTER_UNIT;
}

/* Bit number within the unit, for lane i. */
static unsigned filter_bit(uint64_t hash, unsigned i)
{
	return i * 32 + (((uint32_t)hash * salts[i]) >> 27);
}

void filter_add(uint8_t *filter, size_t units, uint64_t hash)
{
	uint8_t *unit = filter + filter_unit(units, hash);

	for (unsigned i = 0; i < 8; i++) {
		unsigned bit = filter_bit(hash, i);

		unit[bit / 8] |= (uint8_t)(1u << bit % 8);
	}
}

bool filter_test(const uint8_t *filter, size_t units, uint64_t hash)
{
	const uint8_t *unit;

	if (units == 0)
		return false;
	unit = filter + filter_unit(units, hash);
	for (unsigned i = 0; i < 8; i++) {
		unsigned bit = filter_bit(hash, i);

		if (!(unit[bit / 8] & 1u << bit % 8))
			return false;
	}
	return true;
}

/* --- strings, ids, days --- */

void put_str(struct buf *b, struct str s)
{
	buf_add_varint(b, s.len);
	buf_add(b, s);
}

struct str get_str(struct cur *c)
{
	uint64_t len = cur_varint(c);

	if (len > cur_left(c)) {
		c->bad = true;
		return STR_NULL;
	}
	return cur_take(c, (size_t)len);
}

/*
 * An id is a varint n: n even is a string of n/2 bytes; n odd is "CVE-", the year n/2 + 1970, "-"
 * and the number that follows as a varint, written with at least four digits.
 */
static bool cve_parse(struct str id, uint64_t *ret_year, uint64_t *ret_number)
{
	struct str number = str_from(id, 9);

	if (id.len < 13 || id.len > 22 || !str_starts(id, STR("CVE-")) || id.data[8] != '-' ||
	    (number.len > 4 && number.data[0] == '0'))
		return false;
	return str_parse_u64(str_sub(id, 4, 8), ret_year) && *ret_year >= 1970 &&
	       str_parse_u64(number, ret_number);
}

void put_id(struct buf *b, struct str id)
{
	uint64_t year, number;

	if (cve_parse(id, &year, &number)) {
		buf_add_varint(b, (year - 1970) << 1 | 1);
		buf_add_varint(b, number);
	} else {
		buf_add_varint(b, (uint64_t)id.len << 1);
		buf_add(b, id);
	}
}

struct str get_id(struct cur *c, struct arena *a)
{
	uint64_t n = cur_varint(c), number;
	char text[40];
	int len;

	if (!(n & 1)) {
		if (n >> 1 > cur_left(c)) {
			c->bad = true;
			return STR_NULL;
		}
		return cur_take(c, (size_t)(n >> 1));
	}
	number = cur_varint(c);
	if (n >> 1 > 9999 - 1970)
		c->bad = true;
	if (c->bad)
		return STR_NULL;
	len = snprintf(text, sizeof(text), "CVE-%04u-%04llu", (unsigned)(n >> 1) + 1970,
		       (unsigned long long)number);
	return arena_str(a, str_make(text, (size_t)len));
}

void put_day(struct buf *b, struct str day)
{
	int64_t seconds;

	if (day.len == 10 && date_parse(day, &seconds) && seconds >= 0)
		buf_add_varint(b, (uint64_t)(seconds / DAY_SECONDS) + 1);
	else
		buf_add_varint(b, 0);
}

struct str get_day(struct cur *c, struct arena *a)
{
	uint64_t days = cur_varint(c);
	char text[DATE_TEXT];

	if (days == 0)
		return STR("");
	if (days > 2932896) { /* the end of year 9999 */
		c->bad = true;
		return STR_NULL;
	}
	return arena_str(a, str_of(date_format_day((int64_t)(days - 1) * DAY_SECONDS, text)));
}

/* --- words --- */

void words_init(struct words *w, struct arena *arena)
{
	*w = (struct words){.arena = arena};
}

void words_done(struct words *w)
{
	vec_done(&w->list);
	map_done(&w->index);
}

/* Its number from 1; 0 when the table is full, -1 without memory. */
static int words_put(struct words *w, struct str word)
{
	struct str kept, *item;
	void **slot;

	if (!word.data)
		word = STR("");
	slot = map_find(&w->index, word);
	if (slot)
		return (int)(intptr_t)slot;
	if (w->list.count == PARTITION_WORDS_MAX)
		return 0;
	kept = arena_str(w->arena, word);
	slot = kept.data ? map_put(&w->index, kept) : NULL;
	item = slot ? vec_push(&w->list) : NULL;
	if (!item)
		return -1;
	*item = kept;
	*slot = (void *)(intptr_t)w->list.count;
	return (int)w->list.count;
}

void put_word(struct buf *b, struct words *w, struct str word)
{
	int number = w ? words_put(w, word) : 0;

	if (number < 0) {
		b->failed = true;
		return;
	}
	buf_add_varint(b, (uint64_t)number);
	if (number == 0)
		put_str(b, word);
}

struct str get_word(struct cur *c, const struct str *words, size_t count)
{
	uint64_t number = cur_varint(c);

	if (number == 0)
		return get_str(c);
	if (number > count) {
		c->bad = true;
		return STR_NULL;
	}
	return words[number - 1];
}

/* --- advisories --- */

/*
 * First byte: state (2 bits), fix (3 bits), names (1 bit). Second: severity (3 bits), then which of
 * these follow the ids: module, arches, versions, fix date. Third: the spans.
 */
enum {
	HAS_MODULE = 8,
	HAS_ARCHES = 16,
	HAS_VERSIONS = 32,
	HAS_FIX_DATE = 64,
};

/* Of a span: which of its ends are given. An introduced of "0" is the same as none, and common. */
enum {
	SPAN_ZERO = 1,
	SPAN_INTRODUCED = 2,
	SPAN_FIXED = 4,
	SPAN_LAST = 8,
};

static void put_ids(struct buf *b, const struct str *ids, size_t count)
{
	buf_add_varint(b, count);
	for (size_t i = 0; i < count; i++)
		put_id(b, ids[i]);
}

static void put_span(struct buf *b, const struct version_span *s)
{
	bool zero = str_is(s->introduced, "0");
	unsigned bits = (zero ? SPAN_ZERO : 0) |
			(s->introduced.len && !zero ? SPAN_INTRODUCED : 0) |
			(s->fixed.len ? SPAN_FIXED : 0) | (s->last_affected.len ? SPAN_LAST : 0);

	buf_add_varint(b, bits);
	if (bits & SPAN_INTRODUCED)
		put_str(b, s->introduced);
	if (bits & SPAN_FIXED)
		put_str(b, s->fixed);
	if (bits & SPAN_LAST)
		put_str(b, s->last_affected);
}

void put_advisory(struct buf *b, struct words *words, const struct advisory *a)
{
	unsigned has = (a->module.len ? HAS_MODULE : 0) | (a->arches.len ? HAS_ARCHES : 0) |
		       (a->version_count ? HAS_VERSIONS : 0) | (a->fix_date.len ? HAS_FIX_DATE : 0);

	buf_add_char(b,
		     (char)((unsigned)a->state | (unsigned)a->fix << 2 | (unsigned)a->names << 5));
	buf_add_char(b, (char)((unsigned)a->severity | has));
	put_id(b, a->id);
	put_word(b, words, a->feed);
	put_word(b, words, a->severity_source);
	put_ids(b, a->cves, a->cve_count);
	put_ids(b, a->aliases, a->alias_count);
	buf_add_varint(b, a->span_count);
	for (size_t i = 0; i < a->span_count; i++)
		put_span(b, &a->spans[i]);
	if (has & HAS_MODULE)
		put_str(b, a->module);
	if (has & HAS_ARCHES)
		put_word(b, words, a->arches);
	if (has & HAS_VERSIONS) {
		buf_add_varint(b, a->version_count);
		for (size_t i = 0; i < a->version_count; i++)
			put_str(b, a->versions[i]);
	}
	if (has & HAS_FIX_DATE)
		put_day(b, a->fix_date);
}

/* A count of things that take at least one byte each; room for them in the arena. */
static void *get_array(struct cur *c, struct arena *a, size_t size, size_t *ret_count)
{
	uint64_t count = cur_varint(c);

	*ret_count = 0;
	if (count > cur_left(c))
		c->bad = true;
	if (c->bad || count == 0)
		return NULL;
	*ret_count = (size_t)count;
	return arena_alloc_array(a, (size_t)count, size);
}

static bool get_ids(struct cur *c, struct arena *a, struct str **ret, size_t *ret_count)
{
	size_t count;
	struct str *ids = get_array(c, a, sizeof(*ids), &count);

	if (count && !ids)
		return false;
	for (size_t i = 0; i < count && !c->bad; i++) {
		ids[i] = get_id(c, a);
		if (!ids[i].data && !c->bad)
			return false;
	}
	*ret = ids;
	*ret_count = count;
	return true;
}

static bool get_spans(struct cur *c, struct arena *a, struct advisory *ret)
{
	size_t count;
	struct version_span *spans = get_array(c, a, sizeof(*spans), &count);

	if (count && !spans)
		return false;
	for (size_t i = 0; i < count && !c->bad; i++) {
		uint64_t bits = cur_varint(c);

		if (bits & ~(uint64_t)(SPAN_ZERO | SPAN_INTRODUCED | SPAN_FIXED | SPAN_LAST))
			c->bad = true;
		if (bits & SPAN_ZERO)
			spans[i].introduced = STR("0");
		if (bits & SPAN_INTRODUCED)
			spans[i].introduced = get_str(c);
		if (bits & SPAN_FIXED)
			spans[i].fixed = get_str(c);
		if (bits & SPAN_LAST)
			spans[i].last_affected = get_str(c);
	}
	ret->spans = spans;
	ret->span_count = count;
	return true;
}

static bool get_versions(struct cur *c, struct arena *a, struct advisory *ret)
{
	ret->versions = get_array(c, a, sizeof(*ret->versions), &ret->version_count);
	if (ret->version_count && !ret->versions)
		return false;
	for (size_t i = 0; i < ret->version_count && !c->bad; i++)
		ret->versions[i] = get_str(c);
	return true;
}

bool get_advisory(struct cur *c, const struct str *words, size_t word_count, struct arena *arena,
		  struct advisory *ret, bool *ret_memory)
{
	struct advisory a = {0};
	uint8_t first = cur_u8(c), second = cur_u8(c);
	bool memory;

	a.state = (enum advisory_state)(first & 3);
	a.fix = (enum fix_state)(first >> 2 & 7);
	a.names = (enum advisory_names)(first >> 5 & 1);
	a.severity = (enum severity)(second & 7);
	if (a.state > STATE_NOT_AFFECTED || a.fix > FIX_UNKNOWN || first >> 6 ||
	    a.severity >= SEVERITIES || second >> 7)
		c->bad = true;
	a.id = get_id(c, arena);
	memory = a.id.data || c->bad;
	a.feed = get_word(c, words, word_count);
	a.severity_source = get_word(c, words, word_count);
	memory = memory && get_ids(c, arena, &a.cves, &a.cve_count) &&
		 get_ids(c, arena, &a.aliases, &a.alias_count) && get_spans(c, arena, &a);
	if (memory && second & HAS_MODULE)
		a.module = get_str(c);
	if (memory && second & HAS_ARCHES)
		a.arches = get_word(c, words, word_count);
	if (memory && second & HAS_VERSIONS)
		memory = get_versions(c, arena, &a);
	if (memory && second & HAS_FIX_DATE)
		a.fix_date = get_day(c, arena);
	*ret_memory = !memory;
	if (!memory || c->bad)
		return false;
	*ret = a;
	return true;
}
