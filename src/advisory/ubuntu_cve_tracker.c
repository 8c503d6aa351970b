/*
 * The text files of the Ubuntu CVE tracker (active/CVE-*, retired/CVE-*; its README has the form):
 *
 *	Candidate: CVE-2023-4911
 *	PublicDate: 2023-10-03 18:15:00 UTC
 *	Description:
 *	 A buffer overflow ...
 *	Priority: high
 *	Priority_eglibc: low
 *	CVSS:
 *	 nvd: CVSS:3.1/AV:L/... [7.8 HIGH]
 *	jammy_glibc: released (2.35-0ubuntu3.4)
 *	esm-infra/bionic_glibc: not-affected (code not present)
 *
 * A record is one file. Traps: a priority of one package may stand anywhere, also for one release
 *only (Priority_glibc_jammy); `ignored` says that nobody looks any more (end of life) and is no
 *finding; the paid archives (esm-infra/, esm-apps/, trusty/esm) are other archives and get
 *partitions of their own; `upstream`, `devel` and `snap` are no releases; texts are Latin-1 in
 *places.
 */
#include "advisory/ecosystem.h"
#include "advisory/feed.h"
#include "text/lines.h"

enum { FILE_MAX = 16 << 20, SCORES_MAX = 16 };

/* A line "release_package: status (note)", or "Priority_package[_release]: word". */
struct row {
	struct str key, package, value;
	uint64_t line;
	struct row *next;
};

struct candidate {
	struct feed_run *run;
	struct str id, day;
	struct buf description;
	struct row *statuses, *last_status, *priorities;
	struct str priority;
	struct id_score scores[SCORES_MAX];
	size_t score_count;
};

/* --- reading the file --- */

static struct row *new_row(struct candidate *c, struct str key, struct str package,
			   struct str value, uint64_t line)
{
	struct row *row = ARENA_NEW(c->run->arena, struct row);

	if (row)
		*row = (struct row){key, package, value, line, NULL};
	return row;
}

/* "Priority_glibc" or "Priority_glibc_jammy": the first word of the value counts. */
static bool add_priority(struct candidate *c, struct str package, struct str value, uint64_t line)
{
	struct str word, release = package, name;
	struct row *row;

	str_next(&release, '_', &name);
	str_next(&value, ' ', &word);
	row = new_row(c, release.data ? release : STR(""), name, word, line);
	if (!row)
		return false;
	row->next = c->priorities;
	c->priorities = row;
	return true;
}

static bool add_status(struct candidate *c, struct str release, struct str package,
		       struct str value, uint64_t line)
{
	struct row *row = new_row(c, release, package, value, line);

	if (!row)
		return false;
	if (c->last_status)
		c->last_status->next = row;
	else
		c->statuses = row;
	c->last_status = row;
	return true;
}

static bool is_field(struct str key, const char *name)
{
	return str_eq_nocase(key, str_of(name));
}

static bool add_field(struct candidate *c, struct str key, struct str value, uint64_t line)
{
	struct str rest = key, head, word;

	if (is_field(key, "Candidate"))
		c->id = value;
	else if (is_field(key, "PublicDate"))
		c->day = str_to(value, 10);
	else if (is_field(key, "Priority")) {
		str_next(&value, ' ', &word);
		c->priority = word;
	}
	if (!str_next(&rest, '_', &head) || !rest.data)
		return true;
	if (str_is(head, "Priority"))
		return add_priority(c, rest, value, line);
	if (str_is(head, "Patches") || str_is(head, "Tags") || str_is(head, "Assigned-to"))
		return true;
	return add_status(c, head, rest, value, line);
}

/* " nvd: CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H [7.8 HIGH]" */
static void add_score(struct candidate *c, struct str line)
{
	struct str source, vector;
	int version;

	line = str_trim(line);
	if (!str_next(&line, ':', &source) || !line.data)
		return;
	line = str_trim(line);
	if (!str_next(&line, ' ', &vector) || c->score_count == SCORES_MAX ||
	    cvss_score10(vector, &version) < 0)
		return;
	c->scores[c->score_count++] = (struct id_score){source, vector};
}

static void add_continuation(struct candidate *c, struct str field, struct str line)
{
	if (is_field(field, "CVSS"))
		add_score(c, line);
	else if (is_field(field, "Description") && c->description.len < 1024) {
		buf_add(&c->description, line);
		buf_add_char(&c->description, ' ');
	}
}

static bool read_fields(struct candidate *c, struct str text)
{
	struct str line, field = STR("");
	uint64_t number = 0;

	while (str_next_line(&text, &line)) {
		ptrdiff_t colon = str_find_char(line, ':');

		number++;
		if (!line.len || line.data[0] == '#')
			continue;
		if (line.data[0] == ' ' || line.data[0] == '\t') {
			add_continuation(c, field, line);
			continue;
		}
		field = STR("");
		if (colon <= 0)
			continue;
		field = str_to(line, (size_t)colon);
		if (!add_field(c, field, str_trim(str_from(line, (size_t)colon + 1)), number))
			return false;
	}
	return true;
}

/* --- releases --- */

enum place { PLACE_NONE, PLACE_UNKNOWN, PLACE_RELEASE };

/* "esm-infra/xenial" and "trusty/esm" are what Pro has of a release; "fips/bionic" is what it says.
 */
static enum place partition_of(struct str release, struct buf *out)
{
	struct str rest = release, first, codename, archive = STR("");

	if (str_is(release, "upstream") || str_is(release, "devel") || str_is(release, "snap"))
		return PLACE_NONE;
	str_next(&rest, '/', &first);
	codename = first;
	if (rest.data) {
		bool behind = ubuntu_release_of(first).len == 0;

		codename = behind ? rest : first;
		archive = behind ? first : rest;
	}
	if (!ubuntu_release_of(codename).len)
		return PLACE_UNKNOWN;
	buf_clear(out);
	buf_add_cstr(out, "ubuntu-");
	buf_add(out, ubuntu_release_of(codename));
	if (str_is(archive, "esm-infra") || str_is(archive, "esm-apps"))
		archive = STR("esm");
	for (size_t i = 0; i < archive.len; i++) {
		char c = archive.data[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return PLACE_UNKNOWN;
	}
	if (archive.len) {
		buf_add_char(out, '-');
		buf_add(out, archive);
	}
	return PLACE_RELEASE;
}

/* --- statuses --- */

static const struct status {
	const char *word;
	bool kept;
	enum advisory_state state;
	enum fix_state fix;
} statuses[] = {
	{"DNE", false, 0, 0},
	{"active", true, STATE_AFFECTED, FIX_NONE},
	{"deferred", true, STATE_AFFECTED, FIX_DEFERRED},
	{"ignored", false, 0, 0},
	{"needed", true, STATE_AFFECTED, FIX_NONE},
	{"needs-triage", true, STATE_UNDER_INVESTIGATION, FIX_NONE},
	{"not-affected", true, STATE_NOT_AFFECTED, FIX_NONE},
	{"pending", true, STATE_AFFECTED, FIX_NONE},
	{"released", true, STATE_AFFECTED, FIX_AVAILABLE},
};

static const struct status *status_of(struct str word)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (str_is(word, statuses[i].word))
			return &statuses[i];
	return NULL;
}

/* "(2.35-0ubuntu3.4)" and what stands behind a blank or comma in it. */
static struct str version_in(struct str note)
{
	size_t end = 0;

	note = str_trim(note);
	if (!str_skip(&note, STR("(")))
		return STR("");
	while (end < note.len && note.data[end] != ')' && note.data[end] != ' ' &&
	       note.data[end] != ',' && note.data[end] != '[')
		end++;
	return str_to(note, end);
}

static enum severity priority_of(const struct candidate *c, const struct row *status)
{
	struct str word = c->priority;
	bool exact = false;

	for (const struct row *p = c->priorities; p; p = p->next) {
		if (!str_eq(p->package, status->package) || exact)
			continue;
		if (p->key.len && !str_eq(p->key, status->key))
			continue;
		word = p->value;
		exact = p->key.len > 0;
	}
	return severity_from_feed(word);
}

static int give_status(struct candidate *c, const struct row *row, struct str partition,
		       const struct status *status, struct str note, struct err *e)
{
	struct str cve = c->id;
	struct version_span span = {.introduced = STR("0")};
	struct advisory a = {.id = c->id,
			     .package = row->package,
			     .names = NAMES_SOURCE,
			     .state = status->state,
			     .fix = status->fix,
			     .spans = &span,
			     .span_count = 1,
			     .severity = priority_of(c, row),
			     .feed = STR("ubuntu-cve-tracker")};

	if (a.fix == FIX_AVAILABLE) {
		span.fixed = version_in(note);
		if (!span.fixed.len || span.fixed.data[0] < '0' || span.fixed.data[0] > '9') {
			feed_left_out(c->run, "line %llu: released, but '%.*s' is no version",
				      (unsigned long long)row->line, STR_ARG(span.fixed));
			return 0;
		}
	}
	if (a.severity != SEVERITY_UNKNOWN)
		a.severity_source = STR("ubuntu");
	if (is_cve_id(c->id)) {
		a.cves = &cve;
		a.cve_count = 1;
	}
	return feed_give_advisory(c->run, partition, RANK_TRACKER, c->day, &a, e);
}

static int read_status(struct candidate *c, const struct row *row, struct err *e)
{
	CLEANUP(buf_done) struct buf partition = BUF_INIT;
	struct str note = row->value, word;
	const struct status *status;
	enum place place = partition_of(row->key, &partition);

	if (buf_failed(&partition))
		return ERR_NOMEM(e);
	if (place == PLACE_NONE)
		return 0;
	if (place == PLACE_UNKNOWN) {
		feed_left_out(c->run, "line %llu: the release '%.*s' is not known",
			      (unsigned long long)row->line, STR_ARG(row->key));
		return 0;
	}
	str_next(&note, ' ', &word);
	status = status_of(word);
	if (!status) {
		feed_left_out(c->run, "line %llu: the status '%.*s' is not known",
			      (unsigned long long)row->line, STR_ARG(word));
		return 0;
	}
	return status->kept ? give_status(c, row, buf_str(&partition), status,
					  note.data ? note : STR(""), e)
			    : 0;
}

/* --- the file --- */

static int give(struct candidate *c, struct err *e)
{
	struct cve_facts facts = {.scores = c->scores, .score_count = c->score_count};

	facts.title = buf_str(&c->description);
	for (const struct row *row = c->statuses; row; row = row->next)
		if (read_status(c, row, e) < 0)
			return -1;
	return feed_give_cve(c->run, c->id, 50, &facts, e);
}

static int read_ubuntu_cve_tracker(struct feed_run *run, struct stream *in, struct err *e)
{
	struct candidate c = {.run = run};
	struct str text;
	int r;

	feed_record(run);
	if (stream_read_all(in, run->arena, FILE_MAX, &text, e) < 0) {
		if (e->code != ERR_LIMIT)
			return -1;
		feed_left_out(run, "%s", e->message);
		return 0;
	}
	buf_init(&c.description, run->arena->budget, 0);
	if (!read_fields(&c, text) || buf_failed(&c.description)) {
		r = ERR_NOMEM(e);
	} else if (!c.id.len || c.id.len > 64) {
		feed_left_out(run, "no field 'Candidate'");
		r = 0;
	} else {
		r = give(&c, e);
	}
	buf_done(&c.description);
	return r;
}

static bool wants_ubuntu_cve_tracker(struct str path)
{
	ptrdiff_t slash = str_find_last_char(path, '/');

	return str_starts(str_from(path, (size_t)(slash + 1)), STR("CVE-"));
}

const struct feed feed_ubuntu_cve_tracker = {
	.name = "ubuntu-cve-tracker",
	.what = "the text files of the Ubuntu CVE tracker: a folder or a tar",
	.wants = wants_ubuntu_cve_tracker,
	.read = read_ubuntu_cve_tracker,
};
