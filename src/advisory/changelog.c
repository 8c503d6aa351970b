/*
 * Form, deb-changelog(5): "source (version) distributions; key=value", blank lines, items that
 * begin with two or more blanks, " -- name <mail>  date". Items are bulleted with '*', '-' or '+'
 * and go on in deeper lines without a bullet. Old changelogs end in other forms: what is no entry
 * is passed over.
 */
#include "advisory/changelog.h"

#include <ctype.h>

#include "base/date.h"
#include "base/map.h"

/* Longer items are cut for the evidence, never for the ids. */
enum { EVIDENCE_MAX = 240 };

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static size_t run_of(struct str s, size_t at, int (*is)(int))
{
	size_t n = 0;

	while (at + n < s.len && is((unsigned char)s.data[at + n]))
		n++;
	return n;
}

/* Length of "CVE-YYYY-N..." (4 digits or more) at `at`, or 0. */
static size_t cve_at(struct str s, size_t at)
{
	size_t year, number;

	if (!str_eq_nocase(str_sub(s, at, at + 4), STR("CVE-")))
		return 0;
	year = run_of(s, at + 4, isdigit);
	if (year != 4 || at + 8 >= s.len || s.data[at + 8] != '-')
		return 0;
	number = run_of(s, at + 9, isdigit);
	return number >= 4 && number <= 12 ? 9 + number : 0;
}

/* Length of "GHSA-xxxx-xxxx-xxxx" at `at`, or 0. */
static size_t ghsa_at(struct str s, size_t at)
{
	if (!str_eq_nocase(str_sub(s, at, at + 4), STR("GHSA")))
		return 0;
	for (size_t part = 0; part < 3; part++) {
		size_t from = at + 4 + part * 5;

		if (from >= s.len || s.data[from] != '-' || run_of(s, from + 1, isalnum) < 4)
			return 0;
	}
	return at + 19 < s.len && word_char(s.data[at + 19]) ? 0 : 19;
}

static size_t id_at(struct str s, size_t at)
{
	size_t n;

	if (at && word_char(s.data[at - 1]) && s.data[at - 1] != '_')
		return 0;
	n = cve_at(s, at);
	return n ? n : ghsa_at(s, at);
}

/* --- does an item say that it fixes?
 * ----------------------------------------------------------------- */

static bool has_phrase(struct str lower, const char *phrase)
{
	return str_find(lower, str_of(phrase)) >= 0;
}

static const char *const denials[] = {
	"not affected",
	"isn't affected",
	"is unaffected",
	"are unaffected",
	"not vulnerable",
	"isn't vulnerable",
	"does not affect",
	"doesn't affect",
	"do not affect",
	"false positive",
	"false-positive",
	"not applicable",
	"does not apply to",
	"not a security issue",
	"not fixed",
	"is not fixed",
	"still unfixed",
	"was rejected",
	NULL,
};

static const char *const upstreamed[] = {
	"applied upstream",    "included upstream",
	"merged upstream",     "fixed upstream",
	"addressed upstream",  "upstream applied",
	"in upstream release", "no longer needed",
	"now included",	       NULL,
};

static bool any_phrase(struct str lower, const char *const *phrases)
{
	for (size_t i = 0; phrases[i]; i++)
		if (has_phrase(lower, phrases[i]))
			return true;
	return false;
}

/* "Drop CVE-2016-1.patch", "Remove patches for CVE-...": of a patch, not the subject of a commit */
static bool drops_patch(struct str lower)
{
	struct str s = lower;
	static const char *const verbs[] = {"drop", "remove", "delete", NULL};

	while (s.len && !isalpha((unsigned char)s.data[0]))
		s = str_from(s, 1);
	for (size_t i = 0; verbs[i]; i++)
		if (str_starts(s, str_of(verbs[i])) || has_phrase(lower, ": drop,"))
			return has_phrase(lower, "patch") || any_phrase(lower, upstreamed);
	return false;
}

/*
 * "Revert the fix for CVE-1" takes a fix back; 'Revert "net: add x" (CVE-1)' is a fix whose subject
 * is quoted: there the id stands behind the closing quote.
 */
struct revert {
	struct str lower;
	ptrdiff_t word; /* where "revert" stands, or <0 */
	size_t at;	/* quotes are counted from the word to here */
	size_t quotes;
};

static struct revert revert_of(struct str lower)
{
	ptrdiff_t word = str_find(lower, STR("revert"));

	return (struct revert){.lower = lower, .word = word, .at = word < 0 ? 0 : (size_t)word};
}

/* Asked for rising offsets, so that an item of many ids is passed over once. */
static bool reverts_id(struct revert *r, size_t id_offset)
{
	if (r->word < 0 || (size_t)r->word > id_offset)
		return false;
	for (; r->at < id_offset; r->at++)
		r->quotes += r->lower.data[r->at] == '"';
	return r->quotes < 2 || r->quotes % 2 == 1;
}

static bool tells_regression(struct str lower)
{
	return has_phrase(lower, "regression") || has_phrase(lower, "follow-up") ||
	       has_phrase(lower, "followup") || has_phrase(lower, "introduced by") ||
	       has_phrase(lower, "introduced in");
}

/* --- items
 * --------------------------------------------------------------------------------------------- */

struct reading {
	struct arena *arena;
	struct changelog *out;
	struct map newest_fix; /* "id" to index+1 of its last mention: entries come newest first */
	struct str version, since;
	size_t entry_first;  /* index of the first fix of the running entry: its date comes last */
	struct map in_entry; /* "id" of the running entry to the number of that entry */
	struct buf item;
	VEC(bool) regression; /* beside fixes */
	struct err *e;
};

static struct str lowered(struct reading *r, struct str s)
{
	char *p = arena_bytes(r->arena, s.len + 1);

	for (size_t i = 0; p && i < s.len; i++)
		p[i] = (char)tolower((unsigned char)s.data[i]);
	return p ? str_make(p, s.len) : STR_NULL;
}

/* As the ids are published: CVE-2024-1234, GHSA-abcd-1234-efgh. */
static struct str usual_id(struct reading *r, struct str id)
{
	struct str copy = arena_str(r->arena, id);
	size_t head = (size_t)str_find_char(id, '-');

	for (size_t i = 0; copy.data && i < copy.len; i++) {
		unsigned char c = (unsigned char)copy.data[i];

		((char *)copy.data)[i] = (char)(i < head ? toupper(c) : tolower(c));
	}
	return copy;
}

static int add_fix(struct reading *r, struct str id, struct str evidence, bool regression)
{
	void *entry = (void *)(uintptr_t)r->out->entries.count;
	struct changelog_fix *fix;
	bool *mark;
	void **seen;

	id = usual_id(r, id);
	seen = id.data ? map_put(&r->in_entry, id) : NULL;
	if (!seen)
		return ERR_NOMEM(r->e);
	if (*seen == entry)
		return 0;
	*seen = entry;
	fix = vec_push(&r->out->fixes);
	mark = fix ? vec_push(&r->regression) : NULL;
	if (!mark)
		return ERR_NOMEM(r->e);
	*mark = regression;
	fix->id = id;
	fix->version = r->version;
	fix->entry = r->out->entries.count - 1;
	fix->evidence = evidence;
	return 0;
}

/* The running item is whole: its ids, if it fixes. */
static int end_item(struct reading *r)
{
	struct str item = str_trim(buf_str(&r->item)), lower, evidence = STR_NULL;
	bool denied, regression;
	struct revert revert;
	int result = 0;

	if (item.len == 0)
		return buf_failed(&r->item) ? ERR_NOMEM(r->e) : 0;
	/* most items name no id: do not copy those */
	if (!memmem(item.data, item.len, "-", 1)) {
		buf_clear(&r->item);
		return 0;
	}
	lower = lowered(r, item);
	if (!lower.data)
		return ERR_NOMEM(r->e);
	denied = any_phrase(lower, denials) || drops_patch(lower);
	regression = tells_regression(lower);
	revert = revert_of(lower);
	for (size_t at = 0; at < item.len && result == 0;) {
		size_t n = id_at(item, at);

		if (n == 0) {
			at++;
			continue;
		}
		if (!evidence.data)
			evidence = arena_str(r->arena, str_to(item, EVIDENCE_MAX));
		if (!evidence.data)
			result = ERR_NOMEM(r->e);
		else if (denied || reverts_id(&revert, at))
			r->out->negated++;
		else
			result = add_fix(r, str_sub(item, at, at + n), evidence, regression);
		at += n;
	}
	buf_clear(&r->item);
	return result;
}

/* --- lines
 * ------------------------------------------------------------------------------------------------
 */

/* "source (version) ..." at the start of a line */
static bool heading(struct str line, struct changelog_entry *ret)
{
	ptrdiff_t open = str_find(line, STR(" (")), close;
	struct str version;

	if (open <= 0 || !isalnum((unsigned char)line.data[0]))
		return false;
	version = str_from(line, (size_t)open + 2);
	close = str_find_char(version, ')');
	if (close <= 0)
		return false;
	version = str_to(version, (size_t)close);
	for (size_t i = 0; i < version.len; i++)
		if (isspace((unsigned char)version.data[i]))
			return false;
	*ret = (struct changelog_entry){.source = str_to(line, (size_t)open), .version = version};
	return true;
}

struct str changelog_day(struct str text, struct arena *a)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	ptrdiff_t comma = str_find_last_char(text, ',');
	struct str rest, day, month, year;
	uint64_t d, y;
	ptrdiff_t m;

	if (comma < 0)
		return STR_NULL;
	rest = str_trim(str_from(text, (size_t)comma + 1));
	if (!str_next(&rest, ' ', &day))
		return STR_NULL;
	rest = str_trim(rest);
	if (!str_next(&rest, ' ', &month) || !str_next(&rest, ' ', &year) || month.len != 3 ||
	    !str_parse_u64(day, &d) || !str_parse_u64(year, &y) || d < 1 || d > 31 || y > 9999)
		return STR_NULL;
	m = str_find(STR(months), month);
	if (m < 0 || m % 3)
		return STR_NULL;
	return arena_printf(a, "%04u-%02u-%02u", (unsigned)y, (unsigned)(m / 3 + 1), (unsigned)d);
}

static bool bullet(struct str trimmed)
{
	return trimmed.len >= 2 &&
	       (trimmed.data[0] == '*' || trimmed.data[0] == '-' || trimmed.data[0] == '+') &&
	       trimmed.data[1] == ' ';
}

static int end_entry(struct reading *r, struct str trailer)
{
	struct str date = trailer.data ? changelog_day(trailer, r->arena) : STR_NULL;

	if (end_item(r) < 0)
		return -1;
	for (size_t i = r->entry_first; i < r->out->fixes.count; i++)
		r->out->fixes.items[i].date = date;
	r->entry_first = r->out->fixes.count;
	return 0;
}

static int read_line(struct reading *r, struct str line, bool *in_entry)
{
	struct str trimmed = str_trim(line);
	struct changelog_entry head, *entry;

	if (line.len && line.data[0] != ' ' && line.data[0] != '\t') {
		if (!heading(line, &head))
			return 0;
		if (*in_entry && end_entry(r, STR_NULL) < 0)
			return -1;
		*in_entry = true;
		r->version = head.version;
		if (r->since.len && str_eq(head.version, r->since) && r->out->since == SIZE_MAX)
			r->out->since = r->out->entries.count;
		entry = vec_push(&r->out->entries);
		if (!entry)
			return ERR_NOMEM(r->e);
		*entry = head;
		return 0;
	}
	if (!*in_entry)
		return 0;
	if (str_starts(line, STR(" -- "))) {
		*in_entry = false;
		return end_entry(r, line);
	}
	/* "[ Name ]" and blank lines end an item, as a bullet begins one */
	if (trimmed.len == 0 || bullet(trimmed) || trimmed.data[0] == '[') {
		if (end_item(r) < 0)
			return -1;
		trimmed = bullet(trimmed) ? str_trim(str_from(trimmed, 1)) : trimmed;
	}
	if (r->item.len)
		buf_add_char(&r->item, ' ');
	buf_add(&r->item, trimmed);
	return buf_failed(&r->item) ? ERR_NOMEM(r->e) : 0;
}

/*
 * From the oldest entry on: a regression of an id that an older entry fixes is dropped. Keeps the
 * order of the rest.
 */
static int drop_regressions(struct reading *r)
{
	struct changelog *c = r->out;
	size_t kept = 0;

	for (size_t i = c->fixes.count; i-- > 0;) {
		void **seen = map_put(&r->newest_fix, c->fixes.items[i].id);

		if (!seen)
			return ERR_NOMEM(r->e);
		if (*seen && r->regression.items[i])
			c->fixes.items[i].id = STR_NULL;
		*seen = c;
	}
	for (size_t i = 0; i < c->fixes.count; i++)
		if (c->fixes.items[i].id.data)
			c->fixes.items[kept++] = c->fixes.items[i];
	c->fixes.count = kept;
	return 0;
}

int changelog_read(struct str text, struct str since, struct arena *arena, struct changelog *ret,
		   struct err *e)
{
	struct changelog out = {.since = SIZE_MAX};
	struct reading r = {.arena = arena, .out = &out, .since = since, .e = e};
	struct str line;
	bool in_entry = false;
	int result = 0;

	map_init(&r.newest_fix, NULL);
	map_init(&r.in_entry, NULL);
	while (result == 0 && str_next_line(&text, &line))
		result = read_line(&r, line, &in_entry);
	if (result == 0 && in_entry)
		result = end_entry(&r, STR_NULL);
	if (result == 0 && out.entries.count == 0)
		result = err_set(e, ERR_FORMAT, "no entry of a changelog");
	if (result == 0)
		result = drop_regressions(&r);
	map_done(&r.newest_fix);
	map_done(&r.in_entry);
	buf_done(&r.item);
	vec_done(&r.regression);
	if (result < 0) {
		changelog_done(&out);
		return -1;
	}
	*ret = out;
	return 0;
}

void changelog_done(struct changelog *c)
{
	vec_done(&c->fixes);
	vec_done(&c->entries);
}
