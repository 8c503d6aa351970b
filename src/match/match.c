/*
 * The join: names of packages against partitions, versions against ranges, one finding for each
 * vulnerability of each package.
 *
 * Two records of one vulnerability and one package make one finding: that with the highest fixed
 * version stands, because only it clears both; a record without a fix yields to one with a fix.
 */
#include "match/match.h"

#include <stdlib.h>

#include "base/progress.h"
#include "match/join.h"

/* --- candidates: packages by the name that a record may use --------------------------------------
 */

static int add_name(struct join *j, struct map *index, struct str name, enum advisory_names kind,
		    uint32_t package, struct err *e)
{
	struct join_name *n;
	void **slot;

	if (name.len == 0)
		return 0;
	slot = map_put(index, name);
	if (!slot)
		return ERR_NOMEM(e);
	if (!*slot) {
		if (!vec_push(&j->names))
			return ERR_NOMEM(e);
		n = &j->names.items[j->names.count - 1];
		n->name = name;
		*slot = (void *)(uintptr_t)j->names.count; /* index + 1 */
	}
	n = &j->names.items[(uintptr_t)*slot - 1];
	{
		struct join_user *user = vec_push(&n->users);

		if (!user)
			return ERR_NOMEM(e);
		user->package = package;
		user->kind = kind;
	}
	return 0;
}

int join_names(struct join *j, struct err *e)
{
	struct document *d = j->document;
	struct map index;
	int r = 0;

	map_init(&index, j->budget);
	for (size_t i = 0; i < d->packages.count && r == 0; i++) {
		const struct package *p = &d->packages.items[i];

		r = add_name(j, &index, p->source_name.len ? p->source_name : p->name, NAMES_SOURCE,
			     (uint32_t)i, e);
		if (r == 0)
			r = add_name(j, &index, p->name, NAMES_BINARY, (uint32_t)i, e);
	}
	map_done(&index);
	return r;
}

void join_done(struct join *j)
{
	for (size_t i = 0; i < j->names.count; i++)
		vec_done(&j->names.items[i].users);
	vec_done(&j->names);
	map_done(&j->seen);
	arena_done(&j->arena);
}

/* --- does a record speak of this package? --------------------------------------------------------
 */

static bool has_word(struct str list, struct str word)
{
	struct str part;

	while (str_next(&list, ' ', &part))
		if (str_eq(part, word))
			return true;
	return false;
}

static bool arch_fits(struct str arches, struct str arch)
{
	return arches.len == 0 || arch.len == 0 || str_is(arch, "noarch") || str_is(arch, "all") ||
	       has_word(arches, arch);
}

/* "name:stream" of a label "name:stream:version:context" */
static bool same_stream(struct str wanted, struct str label)
{
	return str_starts(label, wanted) &&
	       (label.len == wanted.len || label.data[wanted.len] == ':');
}

static bool modular_version(struct str version)
{
	return str_find(version, STR(".module")) >= 0;
}

static bool modular_record(const struct advisory *a)
{
	if (a->module.len)
		return true;
	for (size_t i = 0; i < a->span_count; i++)
		if (modular_version(a->spans[i].fixed))
			return true;
	return false;
}

/*
 * A module's build and the plain build of one name are different products: a record of one says
 * nothing of the other (rpm only). A module label that the package lacks cannot be compared; then
 * the version's ".module" mark alone decides.
 */
static bool module_fits(const struct advisory *a, const struct package *p)
{
	bool modular = p->module.len || modular_version(p->version);

	if (p->type != PACKAGE_RPM)
		return true;
	if (modular_record(a) != modular)
		return false;
	return a->module.len == 0 || p->module.len == 0 || same_stream(a->module, p->module);
}

enum join_answer join_compare(const struct comparator *c, const struct advisory *a,
			      const struct package *p, struct str version, struct err *e)
{
	bool inside = false;

	if (a->state == STATE_NOT_AFFECTED)
		return JOIN_NOT_AFFECTED;
	if (!arch_fits(a->arches, p->arch))
		return JOIN_OTHER_ARCH;
	if (!module_fits(a, p))
		return JOIN_OTHER_MODULE;
	for (size_t i = 0; i < a->version_count; i++)
		if (str_eq(a->versions[i], version))
			return JOIN_AFFECTED;
	if (a->span_count == 0)
		return JOIN_OUTSIDE;
	if (version_in_spans(c, version, a->spans, a->span_count, &inside, e) < 0)
		return JOIN_NOT_COMPARABLE;
	return inside ? JOIN_AFFECTED : JOIN_OUTSIDE;
}

struct str join_version(const struct package *p, enum advisory_names kind)
{
	return kind == NAMES_SOURCE && p->source_version.len ? p->source_version : p->version;
}

/*
 * The fixed version that ends the span the installed version lies in: the lowest one above it.
 */
struct str join_fixed(const struct comparator *c, const struct advisory *a, struct str version)
{
	struct str best = STR_NULL;

	for (size_t i = 0; i < a->span_count; i++) {
		struct str fixed = a->spans[i].fixed;
		int order;

		if (fixed.len == 0 || str_is(fixed, "0") ||
		    c->compare(version, fixed, &order, NULL) < 0 || order >= 0)
			continue;
		if (best.len == 0 || (c->compare(fixed, best, &order, NULL) == 0 && order < 0))
			best = fixed;
	}
	return best;
}

/* --- findings ------------------------------------------------------------------------------------
 */

/* A text that was made for a finding: none is a text that found no memory. */
static struct str made(struct join *j, struct str s)
{
	j->lost = j->lost || !s.data;
	return s;
}

static struct str keep(struct join *j, struct str s)
{
	return s.len ? made(j, document_str(j->document, s)) : STR_NULL;
}

static int add_alias(struct join *j, struct document_finding *f, struct str alias)
{
	struct str *grown;

	if (alias.len == 0 || str_eq(alias, f->id))
		return 0;
	for (size_t i = 0; i < f->alias_count; i++)
		if (str_eq(f->aliases[i], alias))
			return 0;
	grown = arena_alloc_array(&j->document->arena, f->alias_count + 1, sizeof(*grown));
	if (!grown)
		return -1;
	if (f->alias_count)
		memcpy(grown, f->aliases, f->alias_count * sizeof(*grown));
	grown[f->alias_count] = keep(j, alias);
	f->aliases = grown;
	f->alias_count++;
	return 0;
}

/* sha256 of kind, id, type and name: what stays when versions and paths move. */
static struct str fingerprint(struct join *j, struct str id, const struct package *p)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	char text[DIGEST_TEXT];
	struct digest digest;

	buf_add_cstr(&key, "vulnerability");
	buf_add_char(&key, '\0');
	buf_add(&key, id);
	buf_add_char(&key, '\0');
	buf_add_cstr(&key, package_type_name(p->type));
	buf_add_char(&key, '\0');
	buf_add(&key, p->name);
	if (buf_failed(&key) || digest_of(DIGEST_SHA256, buf_str(&key), &digest, NULL) < 0)
		return made(j, STR_NULL);
	digest_format_hex(&digest, text);
	return keep(j, str_to(str_of(text), 32));
}

static struct str remedy(struct join *j, const struct package *p, struct str fixed)
{
	static const char *const commands[PACKAGE_TYPE_COUNT] = {
		[PACKAGE_ALPM] = "pacman -Syu",
		[PACKAGE_APK] = "apk upgrade",
		[PACKAGE_DEB] = "apt-get install --only-upgrade",
		[PACKAGE_OPKG] = "opkg upgrade",
		[PACKAGE_RPM] = "dnf upgrade",
	};

	if (fixed.len == 0)
		return STR_NULL;
	return made(j, arena_printf(&j->document->arena, "%s %.*s", commands[p->type],
				    STR_ARG(p->name)));
}

/* "3.0.11-1 < 3.0.14-1 (debian, source openssl)" */
static struct str comparison(struct join *j, const struct advisory *a, struct str version,
			     struct str fixed)
{
	struct arena *arena = &j->document->arena;
	const char *names = a->names == NAMES_SOURCE ? "source" : "package";

	if (fixed.len)
		return made(j, arena_printf(arena, "%.*s < %.*s (%s, %s %.*s)", STR_ARG(version),
					    STR_ARG(fixed), j->comparator->name, names,
					    STR_ARG(a->package)));
	return made(j, arena_printf(arena, "%.*s is affected, no fixed version (%s, %s %.*s)",
				    STR_ARG(version), j->comparator->name, names,
				    STR_ARG(a->package)));
}

/* Which of two records of one vulnerability stands: see the head of this file. */
static bool better(struct join *j, const struct document_finding *old, const struct advisory *a,
		   struct str fixed)
{
	int order;

	(void)a;
	if (fixed.len == 0)
		return false;
	if (old->fixed_version.len == 0)
		return true;
	return j->comparator->compare(fixed, old->fixed_version, &order, NULL) == 0 && order > 0;
}

static void fill(struct join *j, struct document_finding *f, const struct advisory *a,
		 const struct package *p, struct str version, struct str fixed)
{
	f->installed_version = p->version;
	f->state = a->state;
	f->fix = fixed.len ? FIX_AVAILABLE : a->fix == FIX_AVAILABLE ? FIX_UNKNOWN : a->fix;
	f->fixed_version = keep(j, fixed);
	f->fix_date = keep(j, a->fix_date);
	f->evidence = keep(j, a->evidence);
	f->remedy = remedy(j, p, fixed);
	f->advisory_id = keep(j, a->id);
	f->feed = keep(j, a->feed);
	f->partition = keep(j, partition_name(j->partition));
	f->comparison = comparison(j, a, version, fixed);
	if (a->severity != SEVERITY_UNKNOWN || f->severity == SEVERITY_UNKNOWN) {
		f->severity = a->severity;
		f->severity_source = keep(j, a->severity_source);
	}
	if (a->title.len)
		f->title = keep(j, a->title);
}

static int add_cvss(struct join *j, struct document_finding *f, struct str source,
		    struct str vector)
{
	int version, score = cvss_score10(vector, &version);
	struct document_cvss *c;

	if (score < 0)
		return 0;
	for (size_t i = 0; i < f->cvss.count; i++)
		if (str_eq(f->cvss.items[i].vector, vector))
			return 0;
	c = vec_push(&f->cvss);
	if (!c)
		return -1;
	*c = (struct document_cvss){
		.source = keep(j, source), .vector = keep(j, vector), .score10 = score};
	return 0;
}

/* One finding of (vulnerability, package): new, or another record of one that stands already. */
static int add_finding(struct join *j, const struct advisory *a, struct str id, uint32_t package,
		       struct str version, struct err *e)
{
	struct document *d = j->document;
	const struct package *p = &d->packages.items[package];
	struct str fixed = join_fixed(j->comparator, a, version), key;
	struct document_finding *f;
	void **slot;

	key = arena_printf(&j->arena, "%u %.*s", package, STR_ARG(id));
	slot = key.data ? map_put(&j->seen, key) : NULL;
	if (!slot)
		return ERR_NOMEM(e);
	if (!*slot) {
		f = vec_push(&d->findings);
		if (!f)
			return ERR_NOMEM(e);
		*slot = (void *)(uintptr_t)d->findings.count;
		f->kind = STR("vulnerability");
		f->id = keep(j, id);
		f->fingerprint = fingerprint(j, id, p);
		f->package = (int)package;
		f->layer = p->layer;
		f->path = p->location.path;
		f->epss_score = f->epss_percentile = -1;
		fill(j, f, a, p, version, fixed);
	} else {
		f = &d->findings.items[(uintptr_t)*slot - 1];
		if (better(j, f, a, fixed))
			fill(j, f, a, p, version, fixed);
		else if (f->severity == SEVERITY_UNKNOWN) {
			f->severity = a->severity;
			f->severity_source = keep(j, a->severity_source);
		}
	}
	if (add_alias(j, f, a->id) < 0)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < a->alias_count; i++)
		if (add_alias(j, f, a->aliases[i]) < 0)
			return ERR_NOMEM(e);
	if (a->cvss.len && add_cvss(j, f, a->feed, a->cvss) < 0)
		return ERR_NOMEM(e);
	return j->lost ? ERR_NOMEM(e) : 0;
}

static int found(void *context, size_t index, const struct advisory *a)
{
	struct join *j = context;
	struct join_name *n = &j->names.items[index];

	for (size_t u = 0; u < n->users.count; u++) {
		uint32_t package = n->users.items[u].package;
		const struct package *p = &j->document->packages.items[package];
		struct str version;
		struct err e = ERR_INIT;
		int order;

		if (n->users.items[u].kind != a->names)
			continue;
		version = join_version(p, a->names);
		switch (join_compare(j->comparator, a, p, version, &e)) {
		case JOIN_AFFECTED:
			break;
		case JOIN_NOT_COMPARABLE:
			if (j->comparator->compare(version, version, &order, NULL) < 0)
				continue; /* said once, as version_unordered */
			diag_add(&j->document->diagnostics, DIAG_version_odd,
				 (struct diag_place){
					 .layer = p->layer, .path = p->location.path, .offset = -1},
				 "%.*s: %.*s: %s", STR_ARG(p->name), STR_ARG(a->id), e.message);
			continue;
		default:
			continue;
		}
		for (size_t i = 0; i < a->cve_count; i++)
			if (add_finding(j, a, a->cves[i], package, version, j->e) < 0)
				return -1;
		if (a->cve_count == 0 && add_finding(j, a, a->id, package, version, j->e) < 0)
			return -1;
	}
	return 0;
}

static int note_partition(struct document *d, const struct partition *p, struct err *e)
{
	struct document_partition *entry;
	const struct partition_feed *feeds;
	size_t count;

	for (size_t i = 0; i < d->partitions.count; i++)
		if (str_eq(d->partitions.items[i].name, partition_name(p)) &&
		    str_eq(d->partitions.items[i].digest, partition_digest(p)))
			return 0;
	entry = vec_push(&d->partitions);
	if (!entry)
		return ERR_NOMEM(e);
	entry->name = document_str(d, partition_name(p));
	entry->digest = document_str(d, partition_digest(p));
	feeds = partition_feeds(p, &count);
	for (size_t i = 0; i < count; i++) {
		struct document_feed *f = vec_push(&entry->feeds);

		if (!f)
			return ERR_NOMEM(e);
		f->name = document_str(d, feeds[i].name);
		f->date = document_str(d, feeds[i].date);
	}
	return 0;
}

/* All packages against one partition. */
static int join_partition(struct join *j, struct partition *partition, struct err *e)
{
	struct str *names = arena_alloc_array(&j->arena, j->names.count, sizeof(*names));
	int r;

	if (!names)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < j->names.count; i++)
		names[i] = j->names.items[i].name;
	j->partition = partition;
	j->e = e;
	j->comparator = comparator_find(partition_comparator(partition));
	if (!j->comparator)
		return err_set(e, ERR_UNSUPPORTED, "partition %.*s: no version order '%.*s'",
			       STR_ARG(partition_name(partition)),
			       STR_ARG(partition_comparator(partition)));
	if (note_partition(j->document, partition, e) < 0)
		return -1;
	if (!j->versions_judged && !join_judge_versions(j))
		j->scanner->complete = false;
	j->versions_judged = true;
	r = partition_find_packages(partition, names, j->names.count, &j->arena, found, j, e);
	j->e = NULL;
	return r;
}

/* --- what is known of the vulnerabilities --------------------------------------------------------
 */

static int merge_info(struct join *j, struct document_finding *f, const struct id_info *info,
		      struct err *e)
{
	if (info->has_cve) {
		if (f->severity == SEVERITY_UNKNOWN && info->severity != SEVERITY_UNKNOWN) {
			f->severity = info->severity;
			f->severity_source = keep(j, info->severity_source);
		}
		if (info->cvss.len && add_cvss(j, f, info->severity_source, info->cvss) < 0)
			return ERR_NOMEM(e);
		if (f->title.len == 0)
			f->title = keep(j, info->title);
	}
	if (info->has_epss) {
		f->epss_score = info->epss_score;
		f->epss_percentile = info->epss_percentile;
	}
	if (info->has_kev)
		f->known_exploited = keep(j, info->kev_date);
	for (size_t i = 0; info->has_alias && i < info->alias_count; i++)
		if (add_alias(j, f, info->aliases[i]) < 0)
			return ERR_NOMEM(e);
	return 0;
}

/* A record without a word but with a vector: the vector's own bands (REPORT: v4 before v3 before
 * v2). */
static void severity_from_vectors(struct join *j, struct document_finding *f)
{
	int best = 0;

	if (f->severity != SEVERITY_UNKNOWN)
		return;
	for (size_t i = 0; i < f->cvss.count; i++) {
		int version, score = cvss_score10(f->cvss.items[i].vector, &version);

		if (score < 0 || version <= best)
			continue;
		best = version;
		f->severity = cvss_severity(score, version);
		f->severity_source = keep(j, f->cvss.items[i].source);
	}
}

static int open_optional(struct document *d, const struct match_source *source, const char *name,
			 struct partition **ret)
{
	struct err e = ERR_INIT;

	if (source->open(source->context, str_of(name), ret, &e) == 0)
		return 1;
	if (e.code != ERR_NOT_FOUND)
		diag_add(&d->diagnostics, DIAG_database_unreadable, DIAG_NOWHERE, "%s: %s", name,
			 e.message);
	return 0;
}

static int enrich(struct join *j, const struct match_source *source, struct err *e)
{
	static const char *const partitions[] = {"id/alias", "id/cve", "id/epss", "id/kev"};
	struct document *d = j->document;
	struct id_info *infos = arena_alloc_array(&j->arena, d->findings.count, sizeof(*infos));
	struct str *ids = arena_alloc_array(&j->arena, d->findings.count, sizeof(*ids));

	if (!infos || !ids)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < d->findings.count; i++)
		ids[i] = d->findings.items[i].id;
	for (size_t k = 0; source && d->findings.count && k < 4; k++) {
		struct partition *p;
		struct err why = ERR_INIT;

		if (!open_optional(d, source, partitions[k], &p))
			continue;
		if (partition_find_ids(p, ids, d->findings.count, &j->arena, infos, &why) < 0)
			diag_add(&d->diagnostics, DIAG_database_unreadable, DIAG_NOWHERE, "%s: %s",
				 partitions[k], why.message);
		if (note_partition(d, p, e) < 0) {
			partition_close(p);
			return -1;
		}
		partition_close(p);
	}
	for (size_t i = 0; i < d->findings.count; i++) {
		if (merge_info(j, &d->findings.items[i], &infos[i], e) < 0)
			return -1;
		severity_from_vectors(j, &d->findings.items[i]);
	}
	return j->lost ? ERR_NOMEM(e) : 0;
}

static void end_of_life(struct document *d, const struct match_source *source)
{
	struct distro *distro = &d->target.distro;
	struct str day = STR_NULL, codename = STR_NULL;
	struct partition *p;

	if (distro->id.len == 0 || !open_optional(d, source, "id/eol", &p))
		return;
	if (partition_find_eol(p, distro->id, distro->version_id, &d->arena, &day, &codename,
			       NULL) == 0) {
		if (day.len)
			distro->end_of_life = day;
		if (distro->codename.len == 0 && codename.len)
			distro->codename = codename;
		if (day.len)
			note_partition(d, p, NULL);
	}
	partition_close(p);
}

/* --- the run
 * -------------------------------------------------------------------------------------- */

/* A gap with the reason, and the scanner is not complete. */
#define GAP(d, s, code, ...) \
	do { \
		diag_add(&(d)->diagnostics, (code), DIAG_NOWHERE, __VA_ARGS__); \
		(s)->complete = false; \
	} while (0)

static int from_database(struct join *j, const struct match_options *o, struct document_scanner *s,
			 struct err *e)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT;
	struct document *d = j->document;
	struct partition *partition;
	struct err why = ERR_INIT;
	int r;

	buf_add_cstr(&name, "pkg/");
	distro_partition(&d->target.distro, &name);
	if (buf_failed(&name))
		return ERR_NOMEM(e);
	if (name.len == 4) {
		GAP(d, s, DIAG_partition_missing,
		    "packages of an unknown distribution: no advisories can be chosen");
		return 0;
	}
	s->ran = true;
	if (o->source->open(o->source->context, buf_str(&name), &partition, &why) < 0) {
		bool absent = why.code == ERR_NOT_FOUND;

		if (absent && o->notices)
			return 0;
		GAP(d, s, absent ? DIAG_partition_missing : DIAG_database_unreadable, "%.*s: %s",
		    STR_ARG(buf_str(&name)),
		    absent ? "the database has no such partition" : why.message);
		return 0;
	}
	r = join_partition(j, partition, &why);
	if (r < 0 && why.code != ERR_MEMORY) {
		GAP(d, s, DIAG_database_unreadable, "%.*s: %s", STR_ARG(buf_str(&name)),
		    why.message);
		r = 0;
	} else if (r < 0) {
		*e = why;
	}
	partition_close(partition);
	for (size_t i = 0; r == 0 && i < d->partitions.count; i++) {
		if (str_eq(d->partitions.items[i].name, buf_str(&name)))
			match_judge_age(d, &d->partitions.items[i]);
	}
	return r;
}

int match_run(struct document *d, const struct match_options *o, struct err *e)
{
	struct join j = {.document = d, .budget = o->budget};
	struct document_scanner *s;
	int r = 0;

	progress_phase(o->progress, PHASE_MATCH, -1);
	s = vec_push(&d->scanners);
	if (!s)
		return ERR_NOMEM(e);
	*s = (struct document_scanner){.name = STR("vulnerabilities"), .complete = true};
	j.scanner = s;
	if (o->source)
		end_of_life(d, o->source);
	if (d->packages.count == 0) {
		s->ran = o->source || o->notices;
		if (!s->ran)
			GAP(d, s, DIAG_database_missing, "there is no vulnerability database");
		return 0;
	}
	if (!o->source && !o->notices) {
		GAP(d, s, DIAG_database_missing, "there is no vulnerability database");
		return 0;
	}
	arena_init(&j.arena, o->budget, 0);
	map_init(&j.seen, o->budget);
	r = join_names(&j, e);
	if (r == 0 && o->source)
		r = from_database(&j, o, s, e);
	if (r == 0 && o->notices) {
		s->ran = true;
		r = join_partition(&j, o->notices, e);
		if (o->require_unfixed)
			GAP(d, s, DIAG_unfixed_unknown,
			    "the notices of the package archive name fixed vulnerabilities only");
	}
	if (r == 0)
		r = enrich(&j, o->source, e);
	join_done(&j);
	return r;
}
