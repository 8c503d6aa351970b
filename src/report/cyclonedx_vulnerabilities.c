/* The vulnerabilities of the CycloneDX writer: one entry for each row of report/rows.h. */
#include "report/cyclonedx.h"

static const char *severity_word(enum severity s)
{
	/* the schema has no "negligible" */
	return s == SEVERITY_NEGLIGIBLE ? "info" : severity_name(s);
}

static const char *method_word(int version)
{
	switch (version) {
	case 20:
		return "CVSSv2";
	case 30:
		return "CVSSv3";
	case 31:
		return "CVSSv31";
	case 40:
		return "CVSSv4";
	default:
		return "other";
	}
}

static void write_source(struct bom *b, struct str id, struct str name)
{
	CLEANUP(buf_done) struct buf url = BUF_INIT;
	struct json_writer *w = &b->w;

	label_url(&url, id);
	json_write_member_object(w, "source");
	if (str_starts(id, STR("CVE-")))
		json_write_member_cstr(w, "name", "NVD");
	else if (str_starts(id, STR("GHSA-")))
		json_write_member_cstr(w, "name", "GitHub Advisories");
	else
		bom_member(b, "name", name.len ? name : STR("unknown"));
	if (label_any(&url))
		bom_member_buffer(b, "url", &url);
	json_write_end(w);
}

static void write_references(struct bom *b, const struct document_finding *f)
{
	if (!f->alias_count)
		return;
	json_write_member_array(&b->w, "references");
	for (size_t i = 0; i < f->alias_count; i++) {
		json_write_object(&b->w);
		bom_member(b, "id", f->aliases[i]);
		write_source(b, f->aliases[i], f->feed);
		json_write_end(&b->w);
	}
	json_write_end(&b->w);
}

static void write_score(struct bom *b, const struct document_cvss *c)
{
	struct json_writer *w = &b->w;
	int version = 0;
	char score[16];

	cvss_score10(c->vector, &version);
	snprintf(score, sizeof(score), "%d.%d", c->score10 / 10, c->score10 % 10);
	json_write_object(w);
	json_write_member_object(w, "source");
	bom_member(b, "name", c->source.len ? c->source : STR("unknown"));
	json_write_end(w);
	json_write_key(w, STR("score"));
	json_write_raw(w, str_of(score));
	json_write_member_cstr(w, "severity", severity_word(cvss_severity(c->score10, version)));
	json_write_member_cstr(w, "method", method_word(version));
	bom_member(b, "vector", c->vector);
	json_write_end(w);
}

/* The severity that counts first, then the scores. */
static void write_ratings(struct bom *b, const struct document_finding *f)
{
	struct json_writer *w = &b->w;

	json_write_member_array(w, "ratings");
	json_write_object(w);
	if (f->severity_source.len) {
		json_write_member_object(w, "source");
		bom_member(b, "name", f->severity_source);
		json_write_end(w);
	}
	json_write_member_cstr(w, "severity", severity_word(f->severity));
	json_write_member_cstr(w, "method", "other");
	json_write_end(w);
	for (size_t i = 0; i < f->cvss.count; i++)
		write_score(b, &f->cvss.items[i]);
	json_write_end(w);
}

static void write_advisories(struct bom *b, const struct document_finding *f)
{
	CLEANUP(buf_done) struct buf url = BUF_INIT;

	label_finding_url(&url, f);
	if (!label_any(&url))
		return;
	json_write_member_array(&b->w, "advisories");
	json_write_object(&b->w);
	bom_member_buffer(b, "url", &url);
	json_write_end(&b->w);
	json_write_end(&b->w);
}

/*
 * A statement (VEX) that it is not affected is one; an entry of an ignore file accepts the risk of
 * something that stays exploitable.
 */
static void write_analysis(struct bom *b, const struct document_finding *f)
{
	CLEANUP(buf_done) struct buf detail = BUF_INIT;
	const struct document_suppressed *s = &f->suppressed;
	struct json_writer *w = &b->w;
	bool stated = str_is(s->by, "vex");

	if (!s->by.len && f->state != STATE_UNDER_INVESTIGATION)
		return;
	json_write_member_object(w, "analysis");
	if (!s->by.len) {
		json_write_member_cstr(w, "state", "in_triage");
		json_write_end(w);
		return;
	}
	json_write_member_cstr(w, "state", stated ? "not_affected" : "exploitable");
	if (!stated) {
		json_write_member_array(w, "response");
		json_write_cstr(w, "will_not_fix");
		json_write_end(w);
	}
	buf_add_cstr(&detail, "suppressed by ");
	buf_add_escaped(&detail, s->by);
	if (s->until.len) {
		buf_add_cstr(&detail, " until ");
		buf_add_escaped(&detail, s->until);
	}
	if (s->owner.len) {
		buf_add_cstr(&detail, ", owner ");
		buf_add_escaped(&detail, s->owner);
	}
	buf_add_cstr(&detail, ": ");
	buf_add_escaped(&detail, s->reason);
	bom_member_buffer(b, "detail", &detail);
	json_write_end(w);
}

static void write_affects(struct bom *b, size_t row)
{
	struct json_writer *w = &b->w;
	struct str last = STR_NULL;

	json_write_member_array(w, "affects");
	for (size_t k = 0; k < b->rows.items[row].count; k++) {
		const struct document_finding *f = row_finding(b->d, &b->rows, row, k);
		struct str ref = finding_package(b->d, f) ? b->refs[f->package] : STR(ROOT_REF);

		if (str_eq(ref, last)) /* the same package by two records */
			continue;
		last = ref;
		json_write_object(w);
		json_write_member(w, "ref", ref);
		json_write_member_array(w, "versions");
		json_write_object(w);
		bom_member_version(b, f->installed_version);
		json_write_member_cstr(w, "status",
				       f->state == STATE_UNDER_INVESTIGATION ? "unknown"
									     : "affected");
		json_write_end(w);
		json_write_end(w);
		json_write_end(w);
	}
	json_write_end(w);
}

static void write_vulnerability_properties(struct bom *b, const struct document_finding *f)
{
	char number[DOUBLE_TEXT];

	json_write_member_array(&b->w, "properties");
	bom_property(b, "plimsoll:fix", str_of(fix_state_name(f->fix)));
	bom_property(b, "plimsoll:fixed_version", f->fixed_version);
	bom_property(b, "plimsoll:source_package", finding_source(b->d, f));
	bom_property(b, "plimsoll:known_exploited", f->known_exploited);
	if (f->epss_score >= 0 && double_format(f->epss_score, number))
		bom_property(b, "plimsoll:epss", str_of(number));
	bom_property(b, "plimsoll:advisory", f->advisory_id);
	bom_property(b, "plimsoll:fingerprint", f->fingerprint);
	json_write_end(&b->w);
}

static void write_recommendation(struct bom *b, const struct document_finding *f)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	if (!f->fixed_version.len)
		return;
	buf_add_cstr(&text, "upgrade ");
	buf_add_escaped(&text, finding_source(b->d, f));
	buf_add_cstr(&text, " to ");
	buf_add_escaped(&text, f->fixed_version);
	bom_member_buffer(b, "recommendation", &text);
}

static void write_vulnerability(struct bom *b, size_t row)
{
	const struct document_finding *f = row_finding(b->d, &b->rows, row, 0);
	struct json_writer *w = &b->w;
	char ref[64];

	snprintf(ref, sizeof(ref), "plimsoll:vulnerability:%zu", row + 1);
	json_write_object(w);
	json_write_member_cstr(w, "bom-ref", ref);
	bom_member(b, "id", f->id);
	write_source(b, f->id, f->feed);
	write_references(b, f);
	write_ratings(b, f);
	bom_member_known(b, "description", f->title);
	write_recommendation(b, f);
	write_advisories(b, f);
	write_analysis(b, f);
	write_affects(b, row);
	write_vulnerability_properties(b, f);
	json_write_end(w);
}

void bom_vulnerabilities(struct bom *b)
{
	json_write_member_array(&b->w, "vulnerabilities");
	for (size_t i = 0; i < b->rows.count && !json_writer_failed(&b->w); i++)
		write_vulnerability(b, i);
	json_write_end(&b->w);
}
