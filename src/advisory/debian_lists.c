/*
 * The lists of Debian's notices, DSA/list and DLA/list of the tracker's repository:
 *
 *	[29 Mar 2023] DSA-5380-1 xorg-server - security update
 *		{CVE-2023-1393}
 *		[bullseye] - xorg-server 2:1.20.11-1+deb11u6
 *		NOTE: ...
 *
 * A record is one notice. Traps: early notices have other forms ("DSA-141", no ids); a notice
 *without a line for a release fixes nothing (announcements); "-" stands for a source package;
 *states in angle brackets stand in the place of the version; files are Latin-1 in places.
 */
#include "advisory/ecosystem.h"
#include "advisory/feed.h"
#include "text/lines.h"

#include <stdlib.h>

enum { IDS_MAX = 4096 };

struct notice {
	struct feed_run *run;
	struct arena arena; /* of this notice */
	struct str id, day, title;
	struct str *ids;
	size_t id_count, id_room;
	uint64_t line, fixes;
	bool open;
};

/* "29 Mar 2023" as "2023-03-29"; "" when it is none. */
static struct str day_of(struct str text, struct arena *a)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct str day, month, rest = text;
	uint64_t d, y;
	const char *at;

	if (!str_next(&rest, ' ', &day) || !str_next(&rest, ' ', &month) || month.len != 3 ||
	    !str_parse_u64(day, &d) || !str_parse_u64(rest, &y) || d > 31 || y > 9999)
		return STR("");
	at = memmem(months, sizeof(months) - 1, month.data, 3);
	if (!at || (at - months) % 3)
		return STR("");
	return arena_printf(a, "%04u-%02u-%02u", (unsigned)y, (unsigned)(at - months) / 3 + 1,
			    (unsigned)d);
}

/* --- one notice --- */

static int give_titles(struct notice *n, struct err *e)
{
	struct cve_facts facts = {.title = n->title};

	if (n->id_count == 1)
		return feed_give_cve(n->run, n->ids[0], 60, &facts, e);
	return n->id_count == 0 ? feed_give_cve(n->run, n->id, 60, &facts, e) : 0;
}

static int end_notice(struct notice *n, struct err *e)
{
	int r = 0;

	if (!n->open)
		return 0;
	n->open = false;
	if (n->fixes)
		r = give_titles(n, e);
	else if (!feed_is_left_out(n->run))
		feed_dropped(n->run, "announcements that name no package of a release");
	arena_done(&n->arena);
	return r;
}

/* "[29 Mar 2023] DSA-5380-1 xorg-server - security update" */
static int begin_notice(struct notice *n, struct str line, struct err *e)
{
	struct str rest = str_from(line, 1), date, id;

	if (end_notice(n, e) < 0)
		return -1;
	feed_record(n->run);
	n->open = true;
	n->ids = NULL;
	n->id_count = n->id_room = 0;
	n->fixes = 0;
	if (!str_next(&rest, ']', &date) || !rest.data)
		rest = STR("");
	rest = str_trim(rest);
	if (!str_next(&rest, ' ', &id) || !id.len) {
		feed_left_out(n->run, "line %llu: no notice", (unsigned long long)n->line);
		n->id = STR("");
		return 0;
	}
	n->id = arena_str(&n->arena, id);
	n->title = arena_str(&n->arena, rest.data ? str_trim(rest) : STR(""));
	n->day = day_of(date, &n->arena);
	return n->id.data && n->title.data && n->day.data ? 0 : ERR_NOMEM(e);
}

/* "{CVE-2023-1393 CVE-2023-1394}" */
static int add_ids(struct notice *n, struct str line, struct err *e)
{
	struct str rest = str_from(line, 1), ids, id;

	if (!str_next(&rest, '}', &ids))
		return 0;
	while (str_next(&ids, ' ', &id)) {
		if (!is_cve_id(id) || n->id_count == IDS_MAX)
			continue;
		if (n->id_count == n->id_room) {
			size_t room = n->id_room ? n->id_room * 2 : 8;
			struct str *more = arena_alloc_array(&n->arena, room, sizeof(*more));

			if (!more)
				return ERR_NOMEM(e);
			if (n->id_count)
				memcpy(more, n->ids, n->id_count * sizeof(*more));
			n->ids = more;
			n->id_room = room;
		}
		n->ids[n->id_count] = arena_str(&n->arena, id);
		if (!n->ids[n->id_count++].data)
			return ERR_NOMEM(e);
	}
	if (n->id_count > 1)
		qsort(n->ids, n->id_count, sizeof(*n->ids), str_cmp_qsort);
	return 0;
}

/* A version, or a state in its place; false when neither is known. */
static bool apply_fix(struct str fix, struct advisory *a, struct version_span *span)
{
	static const struct {
		const char *word;
		enum advisory_state state;
		enum fix_state fix;
	} states[] = {
		{"<not-affected>", STATE_NOT_AFFECTED, FIX_NONE},
		{"<unfixed>", STATE_AFFECTED, FIX_NONE},
		{"<end-of-life>", STATE_AFFECTED, FIX_END_OF_LIFE},
		{"<ignored>", STATE_AFFECTED, FIX_WILL_NOT_FIX},
		{"<no-dsa>", STATE_AFFECTED, FIX_NONE},
		{"<postponed>", STATE_AFFECTED, FIX_DEFERRED},
		{"<undetermined>", STATE_UNDER_INVESTIGATION, FIX_NONE},
	};

	if (fix.len && fix.data[0] != '<') {
		span->fixed = fix;
		a->fix = FIX_AVAILABLE;
		a->state = str_is(fix, "0") ? STATE_NOT_AFFECTED : STATE_AFFECTED;
		return true;
	}
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (!str_is(fix, states[i].word))
			continue;
		a->state = states[i].state;
		a->fix = states[i].fix;
		return true;
	}
	return false;
}

/* "[bullseye] - xorg-server 2:1.20.11-1+deb11u6 (note)" */
static int add_fix(struct notice *n, struct str line, struct err *e)
{
	struct str rest = str_from(line, 1), codename, dash, package, fix, release, partition;
	struct version_span span = {.introduced = STR("0")};
	struct advisory a = {.id = n->id,
			     .names = NAMES_SOURCE,
			     .spans = &span,
			     .span_count = 1,
			     .cves = n->ids,
			     .cve_count = n->id_count,
			     .feed = STR("debian-lists"),
			     .fix_date = n->day};

	str_next(&rest, ']', &codename);
	rest = rest.data ? str_trim(rest) : STR("");
	if (!str_next(&rest, ' ', &dash) || !str_is(dash, "-") || !str_next(&rest, ' ', &package) ||
	    !package.len) {
		feed_left_out(n->run, "line %llu: no package", (unsigned long long)n->line);
		return 0;
	}
	rest = rest.data ? str_trim(rest) : STR("");
	str_next(&rest, ' ', &fix);
	release = debian_release_of(codename);
	if (!release.len) {
		feed_left_out(n->run, "line %llu: the release '%.*s' is not known",
			      (unsigned long long)n->line, STR_ARG(codename));
		return 0;
	}
	if (!apply_fix(fix, &a, &span)) {
		feed_left_out(n->run, "line %llu: '%.*s' is neither a version nor a known state",
			      (unsigned long long)n->line, STR_ARG(fix));
		return 0;
	}
	a.package = package;
	n->fixes++;
	partition = arena_printf(&n->arena, "debian-%.*s", STR_ARG(release));
	if (!partition.data)
		return ERR_NOMEM(e);
	return feed_give_advisory(n->run, partition, RANK_NOTICE, n->day, &a, e);
}

/* --- the file --- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int read_line(struct notice *n, struct str line, struct err *e)
{
	struct str text = str_trim(line);

	if (!text.len || text.data[0] == '#')
		return 0;
	if (!is_blank(line.data[0])) {
		if (line.data[0] == '[')
			return begin_notice(n, line, e);
		feed_record(n->run);
		feed_left_out(n->run, "line %llu: no notice", (unsigned long long)n->line);
		return 0;
	}
	if (!n->open || !n->id.len)
		return 0;
	n->run->arena = &n->arena;
	if (text.data[0] == '{')
		return add_ids(n, text, e);
	if (text.data[0] == '[')
		return add_fix(n, text, e);
	return 0; /* NOTE: and what the trackers' people tell each other */
}

static int read_lines(struct notice *n, struct lines *l, struct err *e)
{
	struct str line;
	int r;

	while ((r = lines_next(l, &line, e)) > 0) {
		n->line = l->line;
		if (r == LINES_TOO_LONG) {
			feed_record(n->run);
			feed_left_out(n->run, "line %llu: too long", (unsigned long long)n->line);
		} else if (read_line(n, line, e) < 0) {
			return -1;
		}
	}
	return r;
}

static int read_chunks(struct notice *n, struct lines *l, struct stream *in, struct err *e)
{
	struct str chunk;
	int r;

	while ((r = stream_next(in, &chunk, e)) > 0) {
		lines_feed(l, chunk);
		if (read_lines(n, l, e) < 0)
			return -1;
	}
	if (r < 0)
		return -1;
	lines_feed_end(l);
	return read_lines(n, l, e) < 0 ? -1 : end_notice(n, e);
}

static int read_debian_lists(struct feed_run *run, struct stream *in, struct err *e)
{
	struct notice n = {.run = run};
	struct arena *kept = run->arena;
	struct lines l;
	int r;

	arena_init(&n.arena, kept->budget, 0);
	lines_init(&l, 1 << 20, kept->budget);
	r = read_chunks(&n, &l, in, e);
	run->arena = kept;
	lines_done(&l);
	arena_done(&n.arena);
	return r;
}

/* "data/DSA/list", "DLA/list"; DTSA is of a time before releases had security support. */
static bool wants_debian_lists(struct str path)
{
	return str_is(path, "list") || str_ends(path, STR("DSA/list")) ||
	       str_ends(path, STR("DLA/list"));
}

const struct feed feed_debian_lists = {
	.name = "debian-lists",
	.what = "Debian's notices: the files DSA/list and DLA/list",
	.wants = wants_debian_lists,
	.read = read_debian_lists,
};
