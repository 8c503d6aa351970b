/*
 * The report as JSON (docs/schema/plimsoll-report-0.json).
 *
 * Which keys are there: strings and lists always, empty when nothing is known; numbers, objects and
 * references to packages only when they are known. What only rpm packages have is there for those.
 * A path that is not UTF-8 is written with \xnn for each odd byte and once more, whole, in base64.
 */
#include "base/date.h"
#include "document/document.h"
#include "text/json_write.h"

/* What cannot be written whole fails the writer: a report lacks nothing silently. */
static void write_buffer(struct json_writer *w, const char *key, const struct buf *b)
{
	if (buf_failed(b) && !json_writer_failed(w))
		ERR_NOMEM(&w->error);
	json_write_member(w, key, buf_str(b));
}

static void write_base64(struct json_writer *w, const char *key, struct str s)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	for (size_t i = 0; i < s.len; i += 3) {
		uint32_t bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (i + k < s.len ? (uint8_t)s.data[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_add_char(&out,
				     i + k <= s.len ? digits[bits >> (18 - 6 * k) & 63] : '=');
	}
	write_buffer(w, key, &out);
}

static void write_path(struct json_writer *w, struct str path)
{
	json_write_member(w, "path", path);
	if (!str_is_utf8(path))
		write_base64(w, "path_raw", path);
}

static void write_strings(struct json_writer *w, const char *key, const struct str *items,
			  size_t count)
{
	json_write_member_array(w, key);
	for (size_t i = 0; i < count; i++)
		json_write_string(w, items[i]);
	json_write_end(w);
}

/* A member only when there is something to say. */
static void write_known(struct json_writer *w, const char *key, struct str value)
{
	if (value.len)
		json_write_member(w, key, value);
}

static void write_ref(struct json_writer *w, const char *key, int package)
{
	char text[16];

	snprintf(text, sizeof(text), "p%d", package + 1);
	json_write_member_cstr(w, key, text);
}

enum { TIME_MAX = 1000000000 };

static void write_run(struct json_writer *w, const struct document *d)
{
	char now[DATE_TEXT];

	json_write_member_object(w, "run");
	json_write_member_cstr(w, "tool", "plimsoll");
	json_write_member(w, "version", d->version);
	json_write_member_cstr(w, "now", date_format(d->now, now));
	json_write_member_object(w, "times");
	for (size_t i = 0; i < d->times.count; i++) {
		double seconds = d->times.items[i].seconds;

		/* whole microseconds; what is no duration is none */
		if (!(seconds >= 0 && seconds <= TIME_MAX))
			seconds = 0;
		seconds = (double)(int64_t)(seconds * 1e6 + 0.5) / 1e6;
		json_write_key(w, d->times.items[i].name);
		json_write_double(w, seconds);
	}
	json_write_end(w);
	json_write_member_cstr(w, "confinement", confinement_name(d->confinement));
	json_write_member_array(w, "scanners");
	for (size_t i = 0; i < d->scanners.count; i++) {
		const struct document_scanner *s = &d->scanners.items[i];

		json_write_object(w);
		json_write_member(w, "name", s->name);
		json_write_member_bool(w, "ran", s->ran);
		json_write_member_bool(w, "complete", s->complete);
		json_write_member(w, "rules_digest", s->rules_digest);
		json_write_end(w);
	}
	json_write_end(w);
	json_write_end(w);
}

static void write_distro(struct json_writer *w, const struct distro *d)
{
	json_write_member_object(w, "distro");
	json_write_member(w, "id", d->id);
	json_write_member(w, "version", d->version_id);
	json_write_member(w, "codename", d->codename);
	json_write_member(w, "name", d->name);
	json_write_member(w, "id_like", d->id_like);
	json_write_member(w, "end_of_life", d->end_of_life);
	write_path(w, d->path);
	json_write_end(w);
}

static void write_layer(struct json_writer *w, const struct document_layer *l)
{
	json_write_object(w);
	json_write_member_i64(w, "index", l->index);
	json_write_member(w, "digest", l->digest);
	json_write_member(w, "diff_id", l->diff_id);
	json_write_member_u64(w, "size", l->size);
	json_write_member(w, "created_by", l->created_by);
	json_write_member_cstr(w, "verified", verified_name(l->verified));
	json_write_member(w, "origin", l->origin);
	json_write_end(w);
}

static void write_target(struct json_writer *w, const struct document_target *t)
{
	json_write_member_object(w, "target");
	json_write_member(w, "reference", t->reference);
	json_write_member(w, "kind", t->kind);
	json_write_member(w, "digest", t->digest);
	json_write_member(w, "image_id", t->image_id);
	json_write_member(w, "platform", t->platform);
	write_distro(w, &t->distro);
	json_write_member_array(w, "layers");
	for (size_t i = 0; i < t->layers.count; i++)
		write_layer(w, &t->layers.items[i]);
	json_write_end(w);
	json_write_end(w);
}

static void write_database(struct json_writer *w, const struct document *d)
{
	json_write_member_object(w, "database");
	json_write_member_array(w, "partitions");
	for (size_t i = 0; i < d->partitions.count; i++) {
		const struct document_partition *p = &d->partitions.items[i];

		json_write_object(w);
		json_write_member(w, "name", p->name);
		json_write_member(w, "digest", p->digest);
		json_write_member_array(w, "feeds");
		for (size_t k = 0; k < p->feeds.count; k++) {
			json_write_object(w);
			json_write_member(w, "name", p->feeds.items[k].name);
			json_write_member(w, "date", p->feeds.items[k].date);
			json_write_end(w);
		}
		json_write_end(w);
		json_write_end(w);
	}
	json_write_end(w);
	json_write_end(w);
}

static void write_location(struct json_writer *w, const struct location *l)
{
	json_write_object(w);
	write_path(w, l->path);
	if (l->layer >= 0)
		json_write_member_i64(w, "layer", l->layer);
	if (l->line)
		json_write_member_u64(w, "line", l->line);
	json_write_member(w, "evidence", l->evidence);
	json_write_end(w);
}

static void write_package(struct json_writer *w, const struct document *d, size_t index)
{
	const struct package *p = &d->packages.items[index];
	CLEANUP(buf_done) struct buf purl = BUF_INIT;

	purl_format(p, &d->target.distro, &purl);
	json_write_object(w);
	write_ref(w, "ref", (int)index);
	json_write_member_cstr(w, "type", package_type_name(p->type));
	json_write_member(w, "name", p->name);
	json_write_member(w, "version", p->version);
	json_write_member(w, "arch", p->arch);
	write_buffer(w, "purl", &purl);
	json_write_member_object(w, "source");
	json_write_member(w, "name", p->source_name);
	json_write_member(w, "version", p->source_version);
	json_write_end(w);
	write_known(w, "source_rpm", p->source_rpm);
	write_known(w, "module", p->module);
	write_known(w, "vendor", p->vendor);
	if (p->layer >= 0)
		json_write_member_i64(w, "layer", p->layer);
	json_write_member_array(w, "locations");
	write_location(w, &p->location);
	json_write_end(w);
	json_write_member_cstr(w, "origin", package_origin_name(p->origin));
	json_write_member_bool(w, "declared", false);
	json_write_member_cstr(w, "confidence", "high");
	write_strings(w, "licenses", p->licenses, p->license_count);
	json_write_end(w);
}

static void write_score(struct json_writer *w, const struct document_cvss *c)
{
	char text[16];

	json_write_object(w);
	json_write_member(w, "source", c->source);
	json_write_member(w, "vector", c->vector);
	json_write_key(w, STR("score"));
	snprintf(text, sizeof(text), "%d.%d", c->score10 / 10, c->score10 % 10);
	json_write_raw(w, str_of(text));
	json_write_end(w);
}

/* Scores, probabilities, exploitation: what the id partitions know. */
static void write_ratings(struct json_writer *w, const struct document_finding *f)
{
	json_write_member_array(w, "cvss");
	for (size_t i = 0; i < f->cvss.count; i++)
		write_score(w, &f->cvss.items[i]);
	json_write_end(w);
	if (f->epss_score >= 0) {
		json_write_member_object(w, "epss");
		json_write_member_double(w, "score", f->epss_score);
		if (f->epss_percentile >= 0)
			json_write_member_double(w, "percentile", f->epss_percentile);
		json_write_end(w);
	}
	if (f->known_exploited.len) {
		json_write_member_object(w, "known_exploited");
		json_write_member(w, "date_added", f->known_exploited);
		json_write_end(w);
	}
}

static void write_match(struct json_writer *w, const struct document_finding *f)
{
	if (!f->advisory_id.len && !f->feed.len && !f->partition.len && !f->comparison.len)
		return;
	json_write_member_object(w, "match");
	json_write_member(w, "advisory", f->advisory_id);
	json_write_member(w, "feed", f->feed);
	json_write_member(w, "partition", f->partition);
	json_write_member(w, "comparison", f->comparison);
	json_write_end(w);
}

static void write_suppressed(struct json_writer *w, const struct document_suppressed *s)
{
	if (!s->by.len)
		return;
	json_write_member_object(w, "suppressed");
	json_write_member(w, "by", s->by);
	json_write_member(w, "reason", s->reason);
	json_write_member(w, "until", s->until);
	json_write_member(w, "owner", s->owner);
	json_write_end(w);
}

static void write_finding(struct json_writer *w, const struct document_finding *f)
{
	json_write_object(w);
	json_write_member(w, "kind", f->kind);
	json_write_member(w, "fingerprint", f->fingerprint);
	json_write_member(w, "id", f->id);
	write_strings(w, "aliases", f->aliases, f->alias_count);
	json_write_member_cstr(w, "severity", severity_name(f->severity));
	json_write_member(w, "severity_source", f->severity_source);
	json_write_member(w, "title", f->title);
	if (f->package >= 0)
		write_ref(w, "package", f->package);
	json_write_member(w, "installed_version", f->installed_version);
	json_write_member_cstr(w, "state", advisory_state_name(f->state));
	json_write_member_cstr(w, "fix", fix_state_name(f->fix));
	json_write_member(w, "fixed_version", f->fixed_version);
	json_write_member(w, "fix_date", f->fix_date);
	write_ratings(w, f);
	if (f->layer >= 0)
		json_write_member_i64(w, "layer", f->layer);
	write_path(w, f->path);
	json_write_member(w, "evidence", f->evidence);
	json_write_member(w, "remedy", f->remedy);
	write_strings(w, "references", f->references, f->reference_count);
	write_match(w, f);
	write_suppressed(w, &f->suppressed);
	json_write_end(w);
}

static void write_checks(struct json_writer *w, const struct document *d)
{
	json_write_member_array(w, "checks");
	for (size_t i = 0; i < d->checks.count; i++) {
		const struct document_check *c = &d->checks.items[i];

		json_write_object(w);
		json_write_member(w, "id", c->id);
		json_write_member(w, "result", c->result);
		json_write_member(w, "reason", c->reason);
		json_write_end(w);
	}
	json_write_end(w);
}

static void write_diagnostic(struct json_writer *w, const struct diag *g)
{
	json_write_object(w);
	json_write_member_cstr(w, "code", diag_name(g->code));
	json_write_member_cstr(w, "class", diag_class_name(diag_class(g->code)));
	if (g->layer >= 0)
		json_write_member_i64(w, "layer", g->layer);
	write_path(w, g->path);
	if (g->offset >= 0)
		json_write_member_i64(w, "offset", g->offset);
	json_write_member(w, "message", g->message);
	json_write_end(w);
}

/* Of each code only so many are kept with their text (base/diag.h); the others are counted here. */
static void write_omitted(struct json_writer *w, const struct diags *diags)
{
	size_t kept[DIAG_CODES] = {0};
	bool any = false;

	for (size_t i = 0; i < diags->list.count; i++)
		kept[diags->list.items[i].code]++;
	for (int code = 0; code < DIAG_CODES; code++) {
		if (diags->per_code[code] <= kept[code])
			continue;
		if (!any)
			json_write_member_array(w, "diagnostics_omitted");
		any = true;
		json_write_object(w);
		json_write_member_cstr(w, "code", diag_name((enum diag_code)code));
		json_write_member_u64(w, "count", diags->per_code[code] - kept[code]);
		json_write_end(w);
	}
	if (any)
		json_write_end(w);
}

static void write_diagnostics(struct json_writer *w, const struct diags *diags)
{
	json_write_member_array(w, "diagnostics");
	for (size_t i = 0; i < diags->list.count; i++)
		write_diagnostic(w, &diags->list.items[i]);
	json_write_end(w);
	write_omitted(w, diags);
}

static void write_verdict(struct json_writer *w, const struct document_verdict *v)
{
	json_write_member_object(w, "verdict");
	json_write_member_bool(w, "pass", v->pass);
	json_write_member_bool(w, "complete", v->complete);
	json_write_member_i64(w, "exit_code", v->exit_code);
	json_write_member_array(w, "rules");
	for (size_t i = 0; i < v->rules.count; i++) {
		const struct document_rule *r = &v->rules.items[i];

		json_write_object(w);
		json_write_member(w, "rule", r->rule);
		json_write_member_cstr(w, "outcome", r->failed ? "fail" : "pass");
		json_write_member_array(w, "findings");
		for (size_t k = 0; k < r->findings.count; k++)
			json_write_u64(w, r->findings.items[k]);
		json_write_end(w);
		json_write_end(w);
	}
	json_write_end(w);
	json_write_end(w);
}

void document_write_json(const struct document *d, struct json_writer *w)
{
	json_write_object(w);
	json_write_member_cstr(w, "schema", DOCUMENT_SCHEMA);
	write_run(w, d);
	write_target(w, &d->target);
	write_database(w, d);
	json_write_member_array(w, "packages");
	for (size_t i = 0; i < d->packages.count && !json_writer_failed(w); i++)
		write_package(w, d, i);
	json_write_end(w);
	write_strings(w, "files", NULL, 0);
	json_write_member_array(w, "findings");
	for (size_t i = 0; i < d->findings.count && !json_writer_failed(w); i++)
		write_finding(w, &d->findings.items[i]);
	json_write_end(w);
	write_checks(w, d);
	write_diagnostics(w, &d->diagnostics);
	write_verdict(w, &d->verdict);
	json_write_end(w);
}
