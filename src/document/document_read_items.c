/* Packages and findings of a report from JSON: see document_reader.h. */
#include "document/document_reader.h"

/* --- packages --- */

struct package_parts {
	struct package package;
	struct str ref;
	bool has_type, has_location;
};

static int read_type(struct reader *r, void *object)
{
	struct package_parts *p = object;
	struct str word;

	if (read_word(r, &word) < 0)
		return -1;
	if (!package_type_parse(word, &p->package.type))
		return bad_word(r, "package type");
	p->has_type = true;
	return 0;
}

static int read_origin(struct reader *r, void *object)
{
	struct package_parts *p = object;
	struct str word;

	if (read_word(r, &word) < 0)
		return -1;
	return package_origin_parse(word, &p->package.origin) ? 0 : bad_word(r, "package origin");
}

static int read_source(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"name", KIND_STR, offsetof(struct package_parts, package.source_name)},
		{"version", KIND_STR, offsetof(struct package_parts, package.source_version)},
	};

	return OBJECT(r, members, object);
}

/* The first location is the record; further ones are not kept. */
static int read_location(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"path", KIND_STR, offsetof(struct location, path)},
		{"path_raw", KIND_PATH_RAW, offsetof(struct location, path)},
		{"layer", KIND_INT, offsetof(struct location, layer)},
		{"line", KIND_U32, offsetof(struct location, line)},
		{"evidence", KIND_STR, offsetof(struct location, evidence)},
	};
	struct package_parts *p = object;
	struct location l = {.layer = -1};

	if (read_members(r, members, COUNT(members), &l) < 0)
		return -1;
	if (!p->has_location)
		p->package.location = l;
	p->has_location = true;
	return 0;
}

static int read_locations(struct reader *r, void *object)
{
	return read_list(r, read_location, object);
}

static int read_package(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"ref", KIND_STR, offsetof(struct package_parts, ref)},
		{"type", KIND_READ, .read = read_type},
		{"name", KIND_STR, offsetof(struct package_parts, package.name)},
		{"version", KIND_STR, offsetof(struct package_parts, package.version)},
		{"arch", KIND_STR, offsetof(struct package_parts, package.arch)},
		{"source", KIND_READ, .read = read_source},
		{"source_rpm", KIND_STR, offsetof(struct package_parts, package.source_rpm)},
		{"module", KIND_STR, offsetof(struct package_parts, package.module)},
		{"vendor", KIND_STR, offsetof(struct package_parts, package.vendor)},
		{"layer", KIND_INT, offsetof(struct package_parts, package.layer)},
		{"locations", KIND_READ, .read = read_locations},
		{"origin", KIND_READ, .read = read_origin},
		{"licenses", KIND_STRINGS, offsetof(struct package_parts, package.licenses),
		 offsetof(struct package_parts, package.license_count)},
	};
	struct package_parts parts = {.package = {.layer = -1, .location.layer = -1}};
	struct document *d = object;
	struct package *p;
	void **slot;

	if (read_members(r, members, COUNT(members), &parts) < 0)
		return -1;
	if (!parts.has_type || !parts.package.name.len || !parts.ref.len)
		return json_error(&r->j, r->e, "a package without ref, type or name");
	slot = map_put(&r->packages, parts.ref);
	p = vec_push(&d->packages);
	if (!slot || !p)
		return ERR_NOMEM(r->e);
	if (*slot)
		return json_error(&r->j, r->e, "two packages have the ref '%.*s'",
				  STR_ARG(parts.ref));
	*p = parts.package;
	*slot = (void *)(uintptr_t)d->packages.count;
	return 0;
}

int read_packages(struct reader *r, void *object)
{
	return read_list(r, read_package, object);
}

/* --- findings --- */

/* A reference goes aside until all packages are known. */
static int read_package_ref(struct reader *r, void *object)
{
	(void)object;
	return read_str(r, &r->refs.items[r->refs.count - 1]);
}

static int read_severity(struct reader *r, void *object)
{
	struct document_finding *f = object;
	struct str word;

	if (read_word(r, &word) < 0)
		return -1;
	return severity_parse(word, &f->severity) ? 0 : bad_word(r, "severity");
}

static int read_state(struct reader *r, void *object)
{
	struct document_finding *f = object;
	struct str word;

	if (read_word(r, &word) < 0)
		return -1;
	return advisory_state_parse(word, &f->state) ? 0 : bad_word(r, "state");
}

static int read_fix(struct reader *r, void *object)
{
	struct document_finding *f = object;
	struct str word;

	if (read_word(r, &word) < 0)
		return -1;
	return fix_state_parse(word, &f->fix) ? 0 : bad_word(r, "state of a fix");
}

static int read_score10(struct reader *r, void *object)
{
	struct document_cvss *c = object;
	double score;

	if (read_double(r, &score) < 0)
		return -1;
	if (score > 10)
		return json_error(&r->j, r->e, "a score is at most 10");
	c->score10 = (int)(score * 10 + 0.5);
	return 0;
}

static int read_cvss(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"source", KIND_STR, offsetof(struct document_cvss, source)},
		{"vector", KIND_STR, offsetof(struct document_cvss, vector)},
		{"score", KIND_READ, .read = read_score10},
	};
	struct document_cvss *c = vec_push(&((struct document_finding *)object)->cvss);

	return c ? read_members(r, members, COUNT(members), c) : ERR_NOMEM(r->e);
}

static int read_cvss_list(struct reader *r, void *object)
{
	return read_list(r, read_cvss, object);
}

static int read_epss(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"score", KIND_DOUBLE, offsetof(struct document_finding, epss_score)},
		{"percentile", KIND_DOUBLE, offsetof(struct document_finding, epss_percentile)},
	};

	return OBJECT(r, members, object);
}

static int read_exploited(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"date_added", KIND_STR, offsetof(struct document_finding, known_exploited)},
	};

	return OBJECT(r, members, object);
}

static int read_match(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"advisory", KIND_STR, offsetof(struct document_finding, advisory_id)},
		{"feed", KIND_STR, offsetof(struct document_finding, feed)},
		{"partition", KIND_STR, offsetof(struct document_finding, partition)},
		{"comparison", KIND_STR, offsetof(struct document_finding, comparison)},
	};

	return OBJECT(r, members, object);
}

static int read_suppressed(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"by", KIND_STR, offsetof(struct document_suppressed, by)},
		{"reason", KIND_STR, offsetof(struct document_suppressed, reason)},
		{"until", KIND_STR, offsetof(struct document_suppressed, until)},
		{"owner", KIND_STR, offsetof(struct document_suppressed, owner)},
	};

	return OBJECT(r, members, &((struct document_finding *)object)->suppressed);
}

static int read_finding(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"kind", KIND_STR, offsetof(struct document_finding, kind)},
		{"fingerprint", KIND_STR, offsetof(struct document_finding, fingerprint)},
		{"id", KIND_STR, offsetof(struct document_finding, id)},
		{"aliases", KIND_STRINGS, offsetof(struct document_finding, aliases),
		 offsetof(struct document_finding, alias_count)},
		{"severity", KIND_READ, .read = read_severity},
		{"severity_source", KIND_STR, offsetof(struct document_finding, severity_source)},
		{"title", KIND_STR, offsetof(struct document_finding, title)},
		{"package", KIND_READ, .read = read_package_ref},
		{"installed_version", KIND_STR,
		 offsetof(struct document_finding, installed_version)},
		{"state", KIND_READ, .read = read_state},
		{"fix", KIND_READ, .read = read_fix},
		{"fixed_version", KIND_STR, offsetof(struct document_finding, fixed_version)},
		{"fix_date", KIND_STR, offsetof(struct document_finding, fix_date)},
		{"cvss", KIND_READ, .read = read_cvss_list},
		{"epss", KIND_READ, .read = read_epss},
		{"known_exploited", KIND_READ, .read = read_exploited},
		{"layer", KIND_INT, offsetof(struct document_finding, layer)},
		{"path", KIND_STR, offsetof(struct document_finding, path)},
		{"path_raw", KIND_PATH_RAW, offsetof(struct document_finding, path)},
		{"evidence", KIND_STR, offsetof(struct document_finding, evidence)},
		{"remedy", KIND_STR, offsetof(struct document_finding, remedy)},
		{"references", KIND_STRINGS, offsetof(struct document_finding, references),
		 offsetof(struct document_finding, reference_count)},
		{"match", KIND_READ, .read = read_match},
		{"suppressed", KIND_READ, .read = read_suppressed},
	};
	struct document_finding *f = vec_push(&((struct document *)object)->findings);

	if (!f || !vec_push(&r->refs))
		return ERR_NOMEM(r->e);
	f->package = f->layer = -1;
	f->epss_score = f->epss_percentile = -1;
	if (read_members(r, members, COUNT(members), f) < 0)
		return -1;
	if (!f->kind.len || !f->id.len)
		return json_error(&r->j, r->e, "a finding without kind or id");
	return 0;
}

int read_findings(struct reader *r, void *object)
{
	return read_list(r, read_finding, object);
}
