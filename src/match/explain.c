/*
 * Why an id is, or is not, a finding: the record, the comparison made, the layer and its
 * instruction, the suppression; or what the database says of the package instead.
 */
#include "match/join.h"

static bool names_id(const struct document_finding *f, struct str id)
{
	if (str_eq_nocase(f->id, id))
		return true;
	for (size_t i = 0; i < f->alias_count; i++)
		if (str_eq_nocase(f->aliases[i], id))
			return true;
	return false;
}

static bool is_package(const struct package *p, struct str name)
{
	return name.len == 0 || str_eq(p->name, name) || str_eq(p->source_name, name);
}

static void line(struct buf *out, const char *label, struct str value)
{
	if (value.len == 0)
		return;
	buf_printf(out, "  %-14s", label);
	buf_add_escaped(out, value);
	buf_add_char(out, '\n');
}

static void layer_lines(struct buf *out, const struct document *d, int layer)
{
	if (layer < 0 || (size_t)layer >= d->target.layers.count)
		return;
	buf_printf(out, "  %-14s%d, %.*s\n", "layer", layer,
		   STR_ARG(d->target.layers.items[layer].diff_id));
	line(out, "made by", d->target.layers.items[layer].created_by);
}

static void finding_text(struct buf *out, const struct document *d,
			 const struct document_finding *f)
{
	const struct package *p = f->package >= 0 ? &d->packages.items[f->package] : NULL;

	buf_add_escaped(out, f->id);
	buf_printf(out, " is a finding, %s", severity_name(f->severity));
	if (f->severity_source.len)
		buf_printf(out, " (said by %.*s)", STR_ARG(f->severity_source));
	buf_add_char(out, '\n');
	line(out, "title", f->title);
	if (p) {
		buf_printf(out, "  %-14s", "package");
		buf_add_escaped(out, p->name);
		buf_add_char(out, ' ');
		buf_add_escaped(out, p->version);
		if (p->source_name.len && !str_eq(p->source_name, p->name)) {
			buf_add_cstr(out, ", of source ");
			buf_add_escaped(out, p->source_name);
			buf_add_char(out, ' ');
			buf_add_escaped(out, p->source_version);
		}
		buf_add_char(out, '\n');
		buf_printf(out, "  %-14s", "found in");
		buf_add_escaped(out, p->location.path);
		if (p->location.line)
			buf_printf(out, ", line %u", p->location.line);
		buf_add_char(out, '\n');
	}
	line(out, "record", f->advisory_id);
	line(out, "feed", f->feed);
	line(out, "partition", f->partition);
	line(out, "comparison", f->comparison);
	line(out, "fixed in", f->fixed_version);
	if (f->fixed_version.len == 0)
		line(out, "fix", str_of(fix_state_name(f->fix)));
	line(out, "evidence", f->evidence);
	layer_lines(out, d, f->layer);
	line(out, "remedy", f->remedy);
	for (size_t i = 0; i < f->alias_count; i++)
		line(out, "also known as", f->aliases[i]);
	line(out, "exploited since", f->known_exploited);
	if (f->suppressed.by.len) {
		line(out, "suppressed by", f->suppressed.by);
		line(out, "reason", f->suppressed.reason);
		line(out, "until", f->suppressed.until);
		line(out, "owner", f->suppressed.owner);
	}
}

/* --- not in the report ---------------------------------------------------------------------------
 */

struct search {
	const struct document *document;
	struct join *join;
	struct buf *out;
	struct str id, package;
	bool any;
};

static bool record_names_id(const struct advisory *a, struct str id)
{
	if (str_eq_nocase(a->id, id))
		return true;
	for (size_t i = 0; i < a->cve_count; i++)
		if (str_eq_nocase(a->cves[i], id))
			return true;
	for (size_t i = 0; i < a->alias_count; i++)
		if (str_eq_nocase(a->aliases[i], id))
			return true;
	return false;
}

static void spans_text(struct buf *out, const struct advisory *a)
{
	for (size_t i = 0; i < a->span_count; i++) {
		const struct version_span *s = &a->spans[i];

		buf_add_cstr(out, i ? "; " : "");
		buf_add_cstr(out, "from ");
		buf_add_escaped(out, s->introduced.len ? s->introduced : STR("the beginning"));
		if (s->fixed.len) {
			buf_add_cstr(out, ", fixed in ");
			buf_add_escaped(out, s->fixed);
		}
		if (s->last_affected.len) {
			buf_add_cstr(out, ", up to ");
			buf_add_escaped(out, s->last_affected);
		}
	}
	if (a->span_count == 0)
		buf_printf(out, "%zu versions by name", a->version_count);
}

static const char *answer_text(enum join_answer answer)
{
	static const char *const texts[] = {
		[JOIN_AFFECTED] = ("the record matches; the report is older than this database, or "
				   "was narrowed"),
		[JOIN_OUTSIDE] = "the installed version is outside the affected ranges",
		[JOIN_NOT_AFFECTED] = "the distribution says that it is not affected",
		[JOIN_OTHER_ARCH] = "the record speaks of another architecture",
		[JOIN_OTHER_MODULE] =
			"the record speaks of another module, or of the build outside modules",
		[JOIN_NOT_COMPARABLE] = "the versions cannot be compared",
	};

	return texts[answer];
}

static int search_found(void *context, size_t index, const struct advisory *a)
{
	struct search *s = context;
	struct join_name *n = &s->join->names.items[index];

	if (!record_names_id(a, s->id))
		return 0;
	for (size_t u = 0; u < n->users.count; u++) {
		const struct package *p = &s->document->packages.items[n->users.items[u].package];
		struct str version = join_version(p, a->names);

		if (n->users.items[u].kind != a->names || !is_package(p, s->package))
			continue;
		s->any = true;
		buf_add_escaped(s->out, s->id);
		buf_add_cstr(s->out, " is not a finding for ");
		buf_add_escaped(s->out, p->name);
		buf_add_char(s->out, '\n');
		line(s->out, "installed", version);
		line(s->out, "record", a->id);
		line(s->out, "feed", a->feed);
		buf_printf(s->out, "  %-14s", "affected");
		spans_text(s->out, a);
		buf_add_char(s->out, '\n');
		line(s->out, "why",
		     str_of(answer_text(join_compare(s->join->comparator, a, p, version, NULL))));
		layer_lines(s->out, s->document, p->layer);
	}
	return 0;
}

static int search_database(struct search *s, const struct match_source *source, struct err *e)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT;
	struct partition *partition;
	struct str *names;
	int r;

	buf_add_cstr(&name, "pkg/");
	distro_partition(&s->document->target.distro, &name);
	if (name.len == 4)
		return 0;
	if (source->open(source->context, buf_str(&name), &partition, e) < 0) {
		if (e && e->code == ERR_NOT_FOUND) {
			*e = ERR_INIT;
			return 0;
		}
		return -1;
	}
	s->join->comparator = comparator_find(partition_comparator(partition));
	names = arena_alloc_array(&s->join->arena, s->join->names.count, sizeof(*names));
	if (!names || !s->join->comparator) {
		partition_close(partition);
		return ERR_NOMEM(e);
	}
	for (size_t i = 0; i < s->join->names.count; i++)
		names[i] = s->join->names.items[i].name;
	r = partition_find_packages(partition, names, s->join->names.count, &s->join->arena,
				    search_found, s, e);
	partition_close(partition);
	return r;
}

static bool package_listed(const struct document *d, struct str package)
{
	for (size_t i = 0; i < d->packages.count; i++)
		if (is_package(&d->packages.items[i], package))
			return true;
	return false;
}

int match_explain(const struct document *d, const struct match_source *source, struct str id,
		  struct str package, struct buf *out, bool *ret_found, struct err *e)
{
	struct join j = {.document = (struct document *)d};
	struct search s = {.document = d, .join = &j, .out = out, .id = id, .package = package};
	int r = 0;

	*ret_found = false;
	for (size_t i = 0; i < d->findings.count; i++) {
		const struct document_finding *f = &d->findings.items[i];

		if (!names_id(f, id) ||
		    (f->package >= 0 ? !is_package(&d->packages.items[f->package], package)
				     : package.len != 0))
			continue;
		if (*ret_found)
			buf_add_char(out, '\n');
		finding_text(out, d, f);
		*ret_found = true;
	}
	if (*ret_found)
		return buf_failed(out) ? ERR_NOMEM(e) : 0;
	if (package.len && !package_listed(d, package)) {
		buf_add_escaped(out, id);
		buf_add_cstr(out, " is not a finding: no package ");
		buf_add_escaped(out, package);
		buf_add_cstr(out, " is in the image\n");
		return buf_failed(out) ? ERR_NOMEM(e) : 0;
	}
	if (source) {
		r = join_names(&j, e);
		if (r == 0)
			r = search_database(&s, source, e);
		join_done(&j);
	}
	if (r == 0 && !s.any) {
		buf_add_escaped(out, id);
		buf_printf(out, " is not a finding: %s\n",
			   source ? "the database has no record of it for any package of the image"
				  : "the report has none, and there is no database to ask");
	}
	return r < 0 ? r : buf_failed(out) ? ERR_NOMEM(e) : 0;
}
