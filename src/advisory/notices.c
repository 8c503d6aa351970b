#include "advisory/notices.h"

#include <unistd.h>

#include "advisory/changelog.h"
#include "advisory/notices_changelog.h"
#include "base/date.h"
#include "version/comparator.h"

/* How many of a source's binary packages are tried for a changelog. */
enum { BINARIES_TRIED = 3 };

/* A source package of the image that the archive has at a higher version. */
struct candidate {
	struct str name;
	struct str installed; /* the lowest source version in the image */
	const struct source_entry *entry;
};

struct notices {
	const struct notices_request *r;
	struct arena *a;
	const struct comparator *order;
	struct str suite;
	struct map installed; /* source name to struct candidate */
	struct map entries;   /* source name to struct source_entry */
	struct release release;
	struct binary_list binaries;
	bool binaries_read;
	VEC(struct advisory) records;
};

static void unavailable(struct notices *n, const char *what, const struct err *why)
{
	diag_add(n->r->diags, DIAG_notices_unavailable, DIAG_NOWHERE, "%s: %s", what, why->message);
}

/* --- which suite
 * ------------------------------------------------------------------------------------- */

static const char *codename_of(const struct distro *d)
{
	static const struct {
		const char *version, *codename;
	} rows[] = {{"9", "stretch"},	{"10", "buster"}, {"11", "bullseye"},
		    {"12", "bookworm"}, {"13", "trixie"}, {"14", "forky"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_is(d->version_id, rows[i].version))
			return rows[i].codename;
	return NULL;
}

static bool plain_word(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] < 'a' || s.data[i] > 'z')
			return false;
	return s.len > 0 && s.len < 32;
}

/* Architectures have digits too: arm64, s390x. */
static bool plain_arch(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.data[i] >= 'a' && s.data[i] <= 'z') ||
		      (s.data[i] >= '0' && s.data[i] <= '9')))
			return false;
	return s.len > 0 && s.len < 32;
}

/* Until bullseye the suites were called buster/updates. */
static int choose_suite(struct notices *n, struct err *e)
{
	const struct distro *d = n->r->distro;
	struct str codename = d->codename;

	if (!str_is(d->id, "debian"))
		return err_set(e, ERR_UNSUPPORTED, "only Debian's archive is known, this is '%.*s'",
			       STR_ARG(d->id));
	if (codename.len == 0)
		codename = str_of(codename_of(d));
	if (!plain_word(codename))
		return err_set(e, ERR_UNSUPPORTED, "no codename of the release is known");
	if (str_is(codename, "buster") || str_is(codename, "stretch"))
		n->suite = arena_printf(n->a, "%.*s/updates", STR_ARG(codename));
	else
		n->suite = arena_printf(n->a, "%.*s-security", STR_ARG(codename));
	return n->suite.data ? 0 : ERR_NOMEM(e);
}

/* --- asking the broker
 * --------------------------------------------------------------------------------- */

static int ask_file(struct notices *n, const struct index_file *f, struct str folder, int *ret_fd,
		    struct err *e)
{
	struct ask_reply reply;
	struct str name =
		arena_printf(n->a, "file %.*s%.*s sha256:%.*s %llu", STR_ARG(folder),
			     STR_ARG(f->path), STR_ARG(f->sha256), (unsigned long long)f->size);

	if (!name.data)
		return ERR_NOMEM(e);
	if (ask(n->r->link, ASK_MIRROR, name, &reply, e) < 0)
		return -1;
	*ret_fd = reply.fd;
	return 0;
}

/* The archive's own name of the suite: bookworm-security; of buster/updates it is buster. */
static bool is_codename_of(struct str codename, struct str suite)
{
	if (str_ends(suite, STR("/updates")))
		suite.len -= strlen("/updates");
	return codename.len && str_eq(codename, suite);
}

static int read_release(struct notices *n, struct err *e)
{
	struct str name = arena_printf(n->a, "release %.*s", STR_ARG(n->suite)), text;
	struct ask_reply reply;
	struct stream *s;
	int r;

	if (!name.data)
		return ERR_NOMEM(e);
	if (ask(n->r->link, ASK_MIRROR, name, &reply, e) < 0)
		return -1;
	s = stream_open_fd(reply.fd, true, 0, UINT64_MAX, e);
	if (!s)
		return -1;
	r = stream_read_all(s, n->a, 16 << 20, &text, e);
	stream_close(s);
	if (r < 0 || release_read(text, n->a, &n->release, e) < 0)
		return -1;
	/* a mirror that serves another suite under this name hides what this one fixed */
	if (!is_codename_of(n->release.codename, n->suite))
		return err_set(e, ERR_FORMAT, "the mirror gives '%.*s' for '%.*s'",
			       STR_ARG(n->release.codename), STR_ARG(n->suite));
	return 0;
}

static void judge_age(struct notices *n)
{
	int64_t until;

	if (n->release.valid_until.len && date_parse(n->release.valid_until, &until) &&
	    n->r->now > until + 86400)
		diag_add(n->r->diags, DIAG_notices_unavailable, DIAG_NOWHERE,
			 "the archive's index of %.*s was valid until %.*s only: what was fixed "
			 "since is not known",
			 STR_ARG(n->suite), STR_ARG(n->release.valid_until));
}

/*
 * While a mirror is updated the names may be newer or older than the release file; what stands
 * under its digest is never another.
 */
static int ask_index(struct notices *n, const struct index_file *f, struct str folder, int *ret_fd,
		     struct err *e)
{
	ptrdiff_t slash = str_find_last_char(f->path, '/');
	struct index_file hashed = *f;

	if (n->release.by_hash && slash > 0) {
		struct err why = ERR_INIT;

		hashed.path =
			arena_printf(n->a, "%.*s/by-hash/SHA256/%.*s",
				     STR_ARG(str_to(f->path, (size_t)slash)), STR_ARG(f->sha256));
		if (!hashed.path.data)
			return ERR_NOMEM(e);
		if (ask_file(n, &hashed, folder, ret_fd, &why) == 0)
			return 0;
		if (why.code == ERR_MEMORY || why.code == ERR_CANCELLED)
			return err_set(e, why.code, "%s", why.message);
	}
	return ask_file(n, f, folder, ret_fd, e);
}

/* Opens dists/SUITE/NAME.*; 0 when the archive has no such index. */
static int open_index(struct notices *n, const char *name, struct stream **ret, struct err *e)
{
	const struct index_file *f = release_find(&n->release, name);
	struct str folder = arena_printf(n->a, "dists/%.*s/", STR_ARG(n->suite));
	const struct codec *codec;
	struct stream *s;
	int fd;

	if (!folder.data)
		return ERR_NOMEM(e);
	if (!f)
		return 0;
	if (ask_index(n, f, folder, &fd, e) < 0)
		return err_wrap(e, "%s", name);
	s = stream_open_fd(fd, true, 0, UINT64_MAX, e);
	if (s)
		s = stream_open_decoded(s, n->r->budget, &codec, e);
	if (s)
		s = stream_open_limit(s, 1u << 30, e);
	if (!s)
		return -1;
	*ret = s;
	return 1;
}

/* --- what the image has
 * ----------------------------------------------------------------------------------- */

static int note_installed(struct notices *n, const struct package *p, struct err *e)
{
	struct str name = p->source_name.len ? p->source_name : p->name;
	struct str version = p->source_version.len ? p->source_version : p->version;
	struct candidate *c;
	void **slot;
	int order;

	if (p->type != PACKAGE_DEB || name.len == 0)
		return 0;
	slot = map_put(&n->installed, name);
	if (!slot)
		return ERR_NOMEM(e);
	c = *slot;
	if (!c) {
		c = ARENA_NEW(n->a, struct candidate);
		if (!c)
			return ERR_NOMEM(e);
		*c = (struct candidate){.name = name, .installed = version};
		*slot = c;
	} else if (n->order->compare(version, c->installed, &order, NULL) == 0 && order < 0) {
		c->installed = version;
	}
	return 0;
}

static const char *const components[] = {"main", "contrib", "non-free", "non-free-firmware", NULL};

static int read_sources(struct notices *n, struct err *e)
{
	for (size_t i = 0; components[i]; i++) {
		struct stream *s;
		char name[128];
		int r;

		snprintf(name, sizeof(name), "%s/source/Sources", components[i]);
		r = open_index(n, name, &s, e);
		if (r < 0)
			return -1;
		if (r == 0 && i == 0)
			return err_set(e, ERR_NOT_FOUND, "the archive has no %s", name);
		if (r == 0)
			continue;
		r = sources_read(s, &n->installed, n->a, &n->entries, n->r->budget, e);
		stream_close(s);
		if (r < 0)
			return err_wrap(e, "%s", name);
	}
	return 0;
}

/* --- changelogs
 * --------------------------------------------------------------------------------------------- */

static struct str first_arch(const struct notices_request *r)
{
	for (size_t i = 0; i < r->package_count; i++) {
		struct str arch = r->packages[i].arch;

		if (plain_arch(arch) && !str_is(arch, "all"))
			return arch;
	}
	return STR("amd64");
}

static int read_packages(struct notices *n, struct err *e)
{
	struct str arch = first_arch(n->r);
	struct stream *s;
	char name[128];
	int r;

	if (n->binaries_read)
		return 0;
	n->binaries_read = true;
	for (size_t i = 0; components[i]; i++) {
		snprintf(name, sizeof(name), "%s/binary-%.*s/Packages", components[i],
			 STR_ARG(arch));
		r = open_index(n, name, &s, e);
		if (r < 0)
			return -1;
		if (r == 0)
			continue;
		r = packages_read(s, &n->entries, n->a, &n->binaries, n->r->budget, e);
		stream_close(s);
		if (r < 0)
			return err_wrap(e, "%s", name);
	}
	return 0;
}

/* The next larger binary package of the candidate's version; NULL behind the last. */
static const struct binary_entry *next_binary(const struct notices *n, const struct candidate *c,
					      const struct binary_entry *after)
{
	const struct binary_entry *best = NULL;

	for (size_t i = 0; i < n->binaries.items.count; i++) {
		const struct binary_entry *b = &n->binaries.items.items[i];

		if (!str_eq(b->source, c->name) || !str_eq(b->source_version, c->entry->version))
			continue;
		if (after && (b->file.size < after->file.size ||
			      (b->file.size == after->file.size && b <= after)))
			continue;
		if (!best || b->file.size < best->file.size)
			best = b;
	}
	return best;
}

/* A changelog that was read, with the memory of its text. */
struct reading {
	struct arena scratch;
	struct changelog log;
};

/*
 * The text is this source package's only when it has an entry of the archive's version: a binary
 * package may bring the changelog of upstream, or of what it was built from.
 */
static bool is_of(const struct changelog *log, const struct candidate *c)
{
	for (size_t i = 0; i < log->entries.count; i++)
		if (str_eq(log->entries.items[i].source, c->name) &&
		    str_eq(log->entries.items[i].version, c->entry->version))
			return true;
	return false;
}

static int read_file(struct notices *n, const struct candidate *c, const struct index_file *f,
		     struct reading *ret, struct err *e)
{
	struct str text;
	int fd;

	if (ask_file(n, f, STR_NULL, &fd, e) < 0)
		return -1;
	arena_init(&ret->scratch, n->r->budget, 0);
	if (changelog_extract(fd, f->path, &ret->scratch, n->r->budget, &text, e) == 0 &&
	    changelog_read(text, c->installed, &ret->scratch, &ret->log, e) == 0) {
		if (is_of(&ret->log, c))
			return 0;
		err_set(e, ERR_NOT_FOUND, "%.*s: its changelog is not that of this version",
			STR_ARG(f->path));
		changelog_done(&ret->log);
	}
	arena_done(&ret->scratch);
	return -1;
}

static int from_binaries(struct notices *n, const struct candidate *c, struct reading *ret,
			 struct err *e)
{
	const struct binary_entry *b = NULL;

	if (read_packages(n, e) < 0)
		return -1;
	for (int tried = 0; tried < BINARIES_TRIED; tried++) {
		struct err why = ERR_INIT;

		b = next_binary(n, c, b);
		if (!b && tried == 0)
			return err_set(e, ERR_NOT_FOUND, "no binary package has one");
		if (!b)
			return -1;
		if (read_file(n, c, &b->file, ret, &why) == 0)
			return 0;
		*e = why;
	}
	return -1;
}

static int find_changelog(struct notices *n, const struct candidate *c, struct reading *ret,
			  struct err *e)
{
	const struct index_file *f = changelog_file(c->entry);
	struct err first = ERR_INIT;

	if (f && read_file(n, c, f, ret, &first) == 0)
		return 0;
	if (from_binaries(n, c, ret, e) == 0)
		return 0;
	/* why the first place has none says more than why the stopgap has none */
	if (f)
		*e = first;
	return -1;
}

/*
 * A backport is older than the version it was made from, so the entry's version may be above the
 * archive's (or not above the installed one): then the archive's is what fixes it.
 */
static struct str fixed_version(const struct notices *n, const struct candidate *c,
				const struct changelog_fix *fix)
{
	int order;

	if (n->order->compare(fix->version, c->entry->version, &order, NULL) == 0 && order > 0)
		return c->entry->version;
	if (n->order->compare(fix->version, c->installed, &order, NULL) == 0 && order <= 0)
		return c->entry->version;
	return fix->version;
}

static int add_record(struct notices *n, const struct candidate *c, const struct changelog_fix *fix,
		      struct err *e)
{
	struct advisory *record = vec_push(&n->records);
	struct version_span *span = ARENA_NEW(n->a, struct version_span);
	struct str *cve = ARENA_NEW(n->a, struct str);

	if (!record || !span || !cve)
		return ERR_NOMEM(e);
	span->fixed = arena_str(n->a, fixed_version(n, c, fix));
	*cve = arena_str(n->a, fix->id);
	*record = (struct advisory){
		.id = *cve,
		.cves = cve,
		.cve_count = 1,
		.package = c->name,
		.names = NAMES_SOURCE,
		.state = STATE_AFFECTED,
		.fix = FIX_AVAILABLE,
		.spans = span,
		.span_count = 1,
		.feed = STR("notices"),
		.evidence = arena_str(n->a, fix->evidence),
		.fix_date = fix->date.len ? arena_str(n->a, fix->date) : STR_NULL,
	};
	return span->fixed.data && cve->data && record->evidence.data ? 0 : ERR_NOMEM(e);
}

/*
 * What stands above the installed version's own entry is new. Where the changelog has no such entry
 * (another branch) the versions decide. A backport is older than the version it was made from, so
 * the versions alone would report again what it brought: 5.2.5-2.1~deb11u1 has the entry 5.2.5-2.1.
 */
static bool is_new(const struct notices *n, const struct candidate *c, const struct changelog *log,
		   const struct changelog_fix *fix)
{
	int order;

	if (log->since != SIZE_MAX)
		return fix->entry < log->since;
	return n->order->compare(c->installed, fix->version, &order, NULL) == 0 && order < 0;
}

/*
 * Whether the entries go back to the installed version. Packages may be built with their older
 * entries removed: what those fixed is not known then.
 */
static bool reaches_back(const struct notices *n, const struct candidate *c,
			 const struct changelog *log)
{
	int order;

	if (log->since != SIZE_MAX)
		return true;
	for (size_t i = log->entries.count; i-- > 0;)
		if (n->order->compare(log->entries.items[i].version, c->installed, &order, NULL) ==
			    0 &&
		    order <= 0)
			return true;
	return false;
}

static int add_records(struct notices *n, const struct candidate *c, const struct changelog *log,
		       struct err *e)
{
	if (!reaches_back(n, c, log))
		diag_add(n->r->diags, DIAG_notices_changelog_missing, DIAG_NOWHERE,
			 "%.*s %.*s: its changelog does not go back to the installed version %.*s",
			 STR_ARG(c->name), STR_ARG(c->entry->version), STR_ARG(c->installed));
	for (size_t i = 0; i < log->fixes.count; i++)
		if (is_new(n, c, log, &log->fixes.items[i]) &&
		    add_record(n, c, &log->fixes.items[i], e) < 0)
			return -1;
	return 0;
}

static int read_candidate(struct notices *n, const struct candidate *c, struct err *e)
{
	struct err why = ERR_INIT;
	struct reading reading;
	int r;

	if (find_changelog(n, c, &reading, &why) < 0) {
		if (why.code == ERR_MEMORY)
			return err_set(e, ERR_MEMORY, "%s", why.message);
		diag_add(n->r->diags, DIAG_notices_changelog_missing, DIAG_NOWHERE,
			 "%.*s %.*s: no changelog could be read: %s", STR_ARG(c->name),
			 STR_ARG(c->entry->version), why.message);
		return 0;
	}
	r = add_records(n, c, &reading.log, e);
	changelog_done(&reading.log);
	arena_done(&reading.scratch);
	return r;
}

/* In the order of names, so that the same archive gives the same report. */
static int by_name(const void *a, const void *b)
{
	return str_cmp((*(const struct candidate *const *)a)->name,
		       (*(const struct candidate *const *)b)->name);
}

static int read_candidates(struct notices *n, struct err *e)
{
	const struct candidate **list =
		arena_alloc_array(n->a, n->entries.count + 1, sizeof(*list));
	struct map_slot *slot;
	size_t count = 0, at = 0;
	int order, r = 0;

	if (!list)
		return ERR_NOMEM(e);
	while ((slot = map_next(&n->entries, &at))) {
		struct candidate *c = map_find(&n->installed, slot->key);
		struct source_entry *s = slot->value;

		if (n->order->compare(c->installed, s->version, &order, NULL) < 0 || order >= 0)
			continue;
		c->entry = s;
		list[count++] = c;
	}
	qsort(list, count, sizeof(*list), by_name);
	for (size_t i = 0; i < count && r == 0; i++)
		r = read_candidate(n, list[i], e);
	return r;
}

/* --- all of it
 * ------------------------------------------------------------------------------------------------
 */

static int collect(struct notices *n, struct err *e)
{
	struct err why = ERR_INIT;

	for (size_t i = 0; i < n->r->package_count; i++)
		if (note_installed(n, &n->r->packages[i], e) < 0)
			return -1;
	if (choose_suite(n, &why) < 0 || read_release(n, &why) < 0 || read_sources(n, &why) < 0) {
		if (why.code == ERR_MEMORY)
			return err_set(e, ERR_MEMORY, "%s", why.message);
		unavailable(n, "the notices of the package archive", &why);
		return 1;
	}
	judge_age(n);
	return read_candidates(n, e);
}

int notices_read(const struct notices_request *request, struct partition **ret,
		 struct str *ret_date, struct err *e)
{
	struct notices n = {
		.r = request, .a = request->arena, .order = comparator_find(STR("debian"))};
	struct str name;
	int r;

	map_init(&n.installed, request->budget);
	map_init(&n.entries, request->budget);
	r = collect(&n, e);
	if (r == 0) {
		struct advisory *records =
			arena_alloc_array(n.a, n.records.count + 1, sizeof(*records));

		name = arena_printf(n.a, "notices/%.*s", STR_ARG(n.suite));
		if (!records || !name.data) {
			r = ERR_NOMEM(e);
		} else {
			if (n.records.count)
				memcpy(records, n.records.items,
				       n.records.count * sizeof(*records));
			diag_add(request->diags, DIAG_notices_fixed_only, DIAG_NOWHERE,
				 "%.*s: vulnerabilities without a fix are not known from this "
				 "source",
				 STR_ARG(n.suite));
			r = partition_open_records(records, n.records.count, name, ret, e);
		}
	}
	if (r == 0)
		*ret_date = n.release.date;
	release_done(&n.release);
	sources_done(&n.entries);
	map_done(&n.installed);
	vec_done(&n.binaries.items);
	vec_done(&n.records);
	return r;
}
