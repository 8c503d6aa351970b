/* The report: its order, and its JSON form there and back. */
#include "document/document.h"
#include "test.h"
#include "text/json_write.h"

static struct str json_of(const struct document *d, struct buf *out)
{
	struct json_writer w;
	struct err e = ERR_INIT;

	buf_clear(out);
	json_writer_init(&w, out, 2);
	document_write_json(d, &w);
	CHECK_OK(json_writer_end(&w, &e));
	json_writer_done(&w);
	return buf_str(out);
}

static void add_package(struct document *d, enum package_type type, const char *name,
			const char *version, int layer)
{
	*vec_push(&d->packages) = (struct package){
		.type = type,
		.name = str_of(name),
		.version = str_of(version),
		.arch = STR("amd64"),
		.source_name = str_of(name),
		.source_version = str_of(version),
		.layer = layer,
		.location = {.path = STR("var/lib/dpkg/status"), .layer = layer, .line = 7},
	};
}

static struct document_finding *add_finding(struct document *d, const char *id,
					    enum severity severity, int package)
{
	struct document_finding *f = vec_push(&d->findings);

	*f = (struct document_finding){
		.kind = STR("vulnerability"),
		.id = str_of(id),
		.severity = severity,
		.package = package,
		.layer = -1,
		.epss_score = -1,
		.epss_percentile = -1,
	};
	return f;
}

/* A document with something in every part; `turn` varies the order in which it was filled. */
static struct document *sample(int turn)
{
	static const char *const names[] = {"zlib1g", "libssl3", "adduser"};
	static struct str aliases[] = {STR_INIT("GHSA-1"), STR_INIT("DSA-9")};
	static struct str licenses[] = {STR_INIT("MIT"), STR_INIT("\"q\" \xff\x1b[31m")};
	struct err e = ERR_INIT;
	struct document *d = document_new(NULL, &e);
	int at[3];

	d->version = STR("0.1.0");
	d->now = 1732442400;
	d->confinement = CONFINEMENT_PARTIAL;
	*vec_push(&d->times) = (struct document_time){STR("match"), 0.25};
	*vec_push(&d->scanners) = (struct document_scanner){.name = STR("packages"), .ran = true};
	d->target.reference = STR("shop.tar");
	d->target.kind = STR("docker-archive");
	d->target.distro = (struct distro){.id = STR("debian"), .version_id = STR("12")};
	*vec_push(&d->target.layers) = (struct document_layer){
		.created_by = STR("RUN x"), .verified = VERIFIED_CACHED, .origin = STR("base")};
	for (int i = 0; i < 2; i++) {
		struct document_partition *p = vec_push(&d->partitions);

		p->name = (i + turn) % 2 ? STR("pkg/debian-12") : STR("id/epss");
		*vec_push(&p->feeds) =
			(struct document_feed){STR("debian-tracker"), STR("2026-11-24")};
	}
	for (int i = 0; i < 3; i++) {
		at[(i + turn) % 3] = i;
		add_package(d, PACKAGE_DEB, names[(i + turn) % 3], "1:2-3", i);
		d->packages.items[i].layer = (i + turn) % 3;
		d->packages.items[i].location.layer = (i + turn) % 3;
	}
	d->packages.items[at[0]].licenses = licenses;
	d->packages.items[at[0]].license_count = 2;
	d->packages.items[at[1]].location.path = STR("opt/\xe4\xff/x");
	for (int i = 0; i < 3; i++) {
		int k = (i * 2 + turn) % 3;
		struct document_finding *f =
			add_finding(d, k == 1 ? "CVE-2024-2" : "CVE-2024-1",
				    k == 2 ? SEVERITY_CRITICAL : SEVERITY_LOW, at[k]);

		if (k != 1)
			continue;
		f->aliases = aliases;
		f->alias_count = 2;
		*vec_push(&f->cvss) = (struct document_cvss){STR("nvd"), STR("AV:..."), 98};
		f->epss_score = 0.9;
		f->epss_percentile = 0.99;
		f->known_exploited = STR("2024-02-01");
		f->suppressed =
			(struct document_suppressed){STR("ignore"), STR("r"), STR("u"), STR("o")};
		f->advisory_id = STR("DSA-9");
	}
	*vec_push(&d->checks) =
		(struct document_check){STR("Linux.2-1-c"), STR("pass"), STR("fine")};
	for (int i = 0; i < 3; i++)
		diag_add(
			&d->diagnostics, (i + turn) % 3 ? DIAG_layer_truncated : DIAG_entry_odd,
			(struct diag_place){.layer = (i + turn) % 3, .path = STR("a"), .offset = 5},
			"at \033");
	d->verdict = (struct document_verdict){.exit_code = 2};
	*vec_push(&d->verdict.rules) =
		(struct document_rule){.rule = STR("fail-on low"), .failed = true};
	return d;
}

TEST(same_content_gives_same_bytes_whatever_the_order_it_came_in)
{
	CLEANUP(buf_done) struct buf first = BUF_INIT, other = BUF_INIT;
	struct document *d = sample(0);

	document_sort(d);
	json_of(d, &first);
	document_free(d);
	for (int turn = 1; turn < 3; turn++) {
		d = sample(turn);
		document_sort(d);
		document_sort(d);
		CHECK(str_eq(buf_str(&first), json_of(d, &other)));
		document_free(d);
	}
}

TEST(sorting_moves_packages_findings_and_the_indexes_into_them)
{
	struct document *d = sample(1);
	struct str package, id;

	/* a rule about the finding of libssl3 */
	for (uint32_t i = 0; i < d->findings.count; i++) {
		const struct document_finding *f = &d->findings.items[i];

		if (str_is(d->packages.items[f->package].name, "libssl3"))
			*vec_push(&d->verdict.rules.items[0].findings) = i;
	}
	document_sort(d);
	CHECK_STR(d->packages.items[0].name, "adduser");
	CHECK_STR(d->packages.items[2].name, "zlib1g");
	CHECK_INT(d->findings.items[0].severity, SEVERITY_CRITICAL);
	CHECK_STR(d->packages.items[d->findings.items[0].package].name, "adduser");
	CHECK_STR(d->findings.items[1].id, "CVE-2024-1");
	CHECK_STR(d->packages.items[d->findings.items[1].package].name, "zlib1g");
	id = d->findings.items[d->verdict.rules.items[0].findings.items[0]].id;
	package = d->packages
			  .items[d->findings.items[d->verdict.rules.items[0].findings.items[0]]
					 .package]
			  .name;
	CHECK_STR(id, "CVE-2024-2");
	CHECK_STR(package, "libssl3");
	document_free(d);
}

TEST(json_read_and_written_again_is_the_same)
{
	CLEANUP(buf_done) struct buf first = BUF_INIT, second = BUF_INIT;
	struct document *d = sample(2), *again = NULL;
	struct err e = ERR_INIT;

	*vec_push(&d->verdict.rules.items[0].findings) = 1;
	for (int i = 0; i < DIAG_KEEP + 5; i++)
		diag_add(&d->diagnostics, DIAG_file_malformed, DIAG_NOWHERE, "x");
	document_sort(d);
	json_of(d, &first);
	CHECK_OK(document_read_json(buf_str(&first), &again, &e));
	if (!again)
		return;
	CHECK(str_eq(buf_str(&first), json_of(again, &second)));
	/* a path that is not UTF-8 comes back whole */
	for (size_t i = 0; i < 3; i++) {
		if (str_is(again->packages.items[i].name, "libssl3"))
			CHECK_STR(again->packages.items[i].location.path, "opt/\xe4\xff/x");
	}
	CHECK_INT(diags_count(&again->diagnostics, DIAG_DEGRADED), DIAG_KEEP + 5);
	CHECK_INT(again->now, 1732442400);
	document_free(again);
	document_free(d);
}

TEST(an_empty_document_has_every_required_key)
{
	static const char *const keys[] = {
		"\"schema\"", "\"run\"",      "\"target\"", "\"database\"",    "\"packages\"",
		"\"files\"",  "\"findings\"", "\"checks\"", "\"diagnostics\"", "\"verdict\""};
	CLEANUP(buf_done) struct buf out = BUF_INIT, second = BUF_INIT;
	struct err e = ERR_INIT;
	struct document *d = document_new(NULL, &e), *again = NULL;

	document_sort(d);
	json_of(d, &out);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		CHECK(str_find(buf_str(&out), str_of(keys[i])) >= 0);
	CHECK_OK(document_read_json(buf_str(&out), &again, &e));
	CHECK(again && str_eq(buf_str(&out), json_of(again, &second)));
	document_free(again);
	document_free(d);
}

TEST(reading_refuses_what_is_no_report_and_says_where)
{
#define HEAD "{\"schema\":\"plimsoll-report/0\","
	static const struct {
		const char *text;
		enum err_code code;
	} rows[] = {
		{"", ERR_TRUNCATED},
		{"[]", ERR_FORMAT},
		{"{}", ERR_FORMAT},
		{"{\"schema\":\"plimsoll-report/9\"}", ERR_UNSUPPORTED},
		{HEAD "\"packages\":[{\"ref\":\"p1\"}]}", ERR_FORMAT},
		{HEAD "\"packages\":[{\"ref\":\"p1\",\"type\":\"deb\",\"name\":\"a\"},"
		      "{\"ref\":\"p1\",\"type\":\"deb\",\"name\":\"b\"}]}",
		 ERR_FORMAT},
		{HEAD
		 "\"findings\":[{\"kind\":\"vulnerability\",\"id\":\"a\",\"package\":\"p1\"}]}",
		 ERR_FORMAT},
		{HEAD "\"findings\":[{\"kind\":\"vulnerability\"}]}", ERR_FORMAT},
		{HEAD "\"findings\":[{\"severity\":\"huge\"}]}", ERR_FORMAT},
		{HEAD "\"findings\":[7]}", ERR_FORMAT},
		{HEAD "\"verdict\":{\"rules\":[{\"rule\":\"x\",\"findings\":[0]}]}}", ERR_FORMAT},
		{HEAD "\"verdict\":{\"exit_code\":-1}}", ERR_FORMAT},
		{HEAD "\"verdict\":{\"pass\":\"yes\"}}", ERR_FORMAT},
		{HEAD "\"run\":{\"now\":\"yesterday\"}}", ERR_FORMAT},
		{HEAD "\"run\":{\"version\":\"1\",\"version\":\"2\"}}", ERR_FORMAT},
		{HEAD "\"target\":{\"distro\":{\"path_raw\":\"*\"}}}", ERR_FORMAT},
		{HEAD "\"diagnostics\":[{\"code\":\"no_such_code\"}]}", ERR_FORMAT},
		{HEAD "\"checks\":[]} x", ERR_FORMAT},
		{HEAD "\"checks\":[", ERR_TRUNCATED},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct document *d = NULL;
		struct err e = ERR_INIT;

		if (document_read_json(str_of(rows[i].text), &d, &e) == 0)
			test_fail(__FILE__, __LINE__, "read: %s", rows[i].text);
		else if (e.code != rows[i].code)
			test_fail(__FILE__, __LINE__, "%s: %s: %s", rows[i].text,
				  err_code_name(e.code), e.message);
		document_free(d);
	}
}

TEST(keys_of_a_later_version_are_skipped)
{
	struct document *d = NULL;
	struct err e = ERR_INIT;

	CHECK_OK(document_read_json(
		STR(HEAD "\"new\":{\"a\":[1,{}]},\"findings\":[{\"id\":\"x\",\"kind\":"
			 "\"secret\",\"position\":{\"line\":1}}]}"),
		&d, &e));
	CHECK(d && d->findings.count == 1 && d->findings.items[0].package == -1);
	document_free(d);
}
