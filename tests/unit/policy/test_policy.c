/* Gates, the ignore file, the verdict. */
#include "policy/policy.h"
#include "test.h"

enum { NOW = 1732442400 }; /* 2024-11-24T10:00:00Z */

/* Two source packages, openssl with two binaries; findings of every severity. */
static struct document *sample(void)
{
	static const struct {
		const char *name, *source;
	} packages[] = {{"libssl3", "openssl"}, {"openssl", "openssl"}, {"zlib1g", "zlib"}};
	static const struct {
		const char *id;
		enum severity severity;
		int package;
		enum fix_state fix;
	} findings[] = {
		{"CVE-2024-1", SEVERITY_CRITICAL, 0, FIX_NONE},
		{"CVE-2024-2", SEVERITY_HIGH, 0, FIX_AVAILABLE},
		{"CVE-2024-2", SEVERITY_HIGH, 1, FIX_AVAILABLE},
		{"CVE-2024-3", SEVERITY_MEDIUM, 0, FIX_AVAILABLE},
		{"CVE-2024-3", SEVERITY_MEDIUM, 2, FIX_AVAILABLE},
		{"CVE-2024-4", SEVERITY_UNKNOWN, 2, FIX_AVAILABLE},
	};
	static struct str aliases[] = {STR_INIT("GHSA-aaaa"), STR_INIT("DSA-1")};
	struct err e = ERR_INIT;
	struct document *d = document_new(NULL, &e);

	d->now = NOW;
	d->target.distro.id = STR("debian");
	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++)
		*vec_push(&d->packages) = (struct package){
			.type = PACKAGE_DEB,
			.name = str_of(packages[i].name),
			.version = STR("1.2+b1"),
			.arch = STR("amd64"),
			.source_name = str_of(packages[i].source),
		};
	for (size_t i = 0; i < sizeof(findings) / sizeof(findings[0]); i++)
		*vec_push(&d->findings) = (struct document_finding){
			.kind = STR("vulnerability"),
			.id = str_of(findings[i].id),
			.severity = findings[i].severity,
			.package = findings[i].package,
			.fix = findings[i].fix,
			.path = STR("var/lib/dpkg/status"),
			.layer = -1,
		};
	d->findings.items[0].aliases = aliases;
	d->findings.items[0].alias_count = 2;
	return d;
}

static void judge(struct policy *p, struct document *d)
{
	struct err e = ERR_INIT;

	CHECK_OK(policy_judge(p, d, &e));
}

/* The only rule, its outcome and how many findings it lists. */
static void check_rule(const struct document *d, const char *text, bool failed, size_t count)
{
	CHECK_INT(d->verdict.rules.count, 1);
	if (d->verdict.rules.count != 1)
		return;
	CHECK_STR(d->verdict.rules.items[0].rule, text);
	CHECK_INT(d->verdict.rules.items[0].failed, failed);
	CHECK_INT(d->verdict.rules.items[0].findings.count, count);
}

static void done(struct policy *p, struct document *d)
{
	policy_done(p);
	document_free(d);
}

TEST(without_a_gate_there_is_no_rule_and_the_code_is_0)
{
	struct document *d = sample();
	struct policy p;

	policy_init(&p);
	p.only_fixed = true;
	judge(&p, d);
	CHECK_INT(d->verdict.rules.count, 0);
	CHECK(d->verdict.pass && d->verdict.complete);
	CHECK_INT(d->verdict.exit_code, 0);
	done(&p, d);
}

TEST(fail_on_counts_the_severity_and_above_but_never_unknown)
{
	struct document *d = sample();
	struct policy p;

	policy_init(&p);
	p.has_fail_on = true;
	p.fail_on = SEVERITY_HIGH;
	judge(&p, d);
	check_rule(d, "fail-on high", true, 3);
	CHECK_INT(d->verdict.rules.items[0].findings.items[2], 2);
	CHECK(!d->verdict.pass);
	CHECK_INT(d->verdict.exit_code, 2);
	p.fail_on = SEVERITY_NEGLIGIBLE;
	judge(&p, d);
	check_rule(d, "fail-on negligible", true, 5);
	p.fail_on = SEVERITY_CRITICAL;
	p.only_fixed = true;
	judge(&p, d);
	check_rule(d, "fail-on critical", false, 0);
	CHECK(d->verdict.pass);
	CHECK_INT(d->verdict.exit_code, 0);
	done(&p, d);
}

TEST(max_count_counts_one_per_vulnerability_and_source_package)
{
	struct document *d = sample();
	struct policy p;

	policy_init(&p);
	p.max_count[SEVERITY_HIGH] = 1;
	judge(&p, d);
	check_rule(d, "max-count high=1", false, 1);
	p.max_count[SEVERITY_HIGH] = 0;
	judge(&p, d);
	check_rule(d, "max-count high=0", true, 1);
	p.max_count[SEVERITY_HIGH] = -1;
	p.max_count[SEVERITY_MEDIUM] = 1;
	judge(&p, d);
	check_rule(d, "max-count medium=1", true, 2);
	p.max_count[SEVERITY_MEDIUM] = -1;
	p.max_count[SEVERITY_UNKNOWN] = 0;
	judge(&p, d);
	check_rule(d, "max-count unknown=0", true, 1);
	done(&p, d);
}

TEST(severity_with_exit_code_makes_a_rule_of_the_named_ones)
{
	struct document *d = sample();
	struct policy p;

	policy_init(&p);
	p.severities = 1u << SEVERITY_MEDIUM | 1u << SEVERITY_CRITICAL;
	judge(&p, d);
	CHECK_INT(d->verdict.rules.count, 0);
	p.exit_code_given = true;
	judge(&p, d);
	check_rule(d, "severity critical,medium", true, 3);
	CHECK(policy_shows(&p, &d->findings.items[0]));
	CHECK(!policy_shows(&p, &d->findings.items[1]));
	p.only_fixed = true;
	CHECK(!policy_shows(&p, &d->findings.items[0]));
	CHECK(policy_shows(NULL, &d->findings.items[5]));
	done(&p, d);
}

TEST(exit_code_option_sets_the_code_of_a_failed_gate_only)
{
	struct document *d = sample();
	struct policy p;

	policy_init(&p);
	p.has_fail_on = true;
	p.fail_on = SEVERITY_HIGH;
	p.failed_exit_code = 7;
	judge(&p, d);
	CHECK_INT(d->verdict.exit_code, 7);
	p.failed_exit_code = 0;
	judge(&p, d);
	CHECK_INT(d->verdict.exit_code, 0);
	CHECK(!d->verdict.pass);
	done(&p, d);
}

TEST(a_gap_gives_4_unless_the_gate_failed_anyway)
{
	struct document *d = sample();
	struct policy p;

	policy_init(&p);
	diag_add(&d->diagnostics, DIAG_entry_odd, DIAG_NOWHERE, "a note is no gap");
	judge(&p, d);
	CHECK_INT(d->verdict.exit_code, 0);
	diag_add(&d->diagnostics, DIAG_layer_truncated, DIAG_LAYER(0), "cut short");
	judge(&p, d);
	CHECK(!d->verdict.complete && !d->verdict.pass);
	CHECK_INT(d->verdict.exit_code, 4);
	p.has_fail_on = true;
	p.fail_on = SEVERITY_HIGH;
	judge(&p, d);
	CHECK_INT(d->verdict.exit_code, 2);
	p.failed_exit_code = 0;
	judge(&p, d);
	CHECK_INT(d->verdict.exit_code, 4);
	done(&p, d);
}

TEST(a_scanner_that_is_not_complete_makes_the_scan_incomplete)
{
	struct document *d = sample();
	struct policy p;

	policy_init(&p);
	*vec_push(&d->scanners) = (struct document_scanner){.name = STR("packages"), .ran = true};
	judge(&p, d);
	CHECK_INT(d->verdict.exit_code, 4);
	done(&p, d);
}

TEST(an_ignore_file_of_the_project_that_was_not_read_is_noted)
{
	struct document *d = sample();
	struct policy p;

	policy_init(&p);
	p.project_file_skipped = true;
	judge(&p, d);
	CHECK_INT(d->diagnostics.per_code[DIAG_ignore_not_read], 1);
	CHECK_INT(d->verdict.exit_code, 0);
	done(&p, d);
}

static size_t suppressed(const struct document *d)
{
	size_t count = 0;

	for (size_t i = 0; i < d->findings.count; i++)
		count += d->findings.items[i].suppressed.by.len > 0;
	return count;
}

/* Reads the file and judges a fresh sample; how many findings are suppressed. */
static size_t suppressed_by(const char *file, size_t *ret_expired, size_t *ret_unused)
{
	struct document *d = sample();
	struct policy p;
	struct err e = ERR_INIT;
	size_t count;

	policy_init(&p);
	CHECK_OK(policy_read_ignore(&p, str_of(file), "ignore.yaml", &e));
	judge(&p, d);
	count = suppressed(d);
	if (ret_expired)
		*ret_expired = d->diagnostics.per_code[DIAG_ignore_expired];
	if (ret_unused)
		*ret_unused = d->diagnostics.per_code[DIAG_ignore_unused];
	done(&p, d);
	return count;
}

TEST(an_entry_suppresses_by_id_or_alias)
{
	CHECK_INT(suppressed_by("- {id: CVE-2024-2, reason: r}", NULL, NULL), 2);
	CHECK_INT(suppressed_by("- {id: cve-2024-2, reason: r}", NULL, NULL), 2);
	CHECK_INT(suppressed_by("- {id: DSA-1, reason: r}", NULL, NULL), 1);
	CHECK_INT(suppressed_by("- {id: GHSA-AAAA, reason: r}", NULL, NULL), 1);
}

TEST(an_entry_is_narrowed_by_paths_and_purl)
{
	CHECK_INT(suppressed_by("- {id: CVE-2024-2, reason: r, paths: [usr/**]}", NULL, NULL), 0);
	CHECK_INT(suppressed_by("- {id: CVE-2024-2, reason: r, paths: [usr/**, /var/**]}", NULL,
				NULL),
		  2);
	CHECK_INT(suppressed_by("- {id: CVE-2024-2, reason: r, purl: 'pkg:deb/debian/lib*'}", NULL,
				NULL),
		  1);
	CHECK_INT(suppressed_by("- {id: CVE-2024-3, reason: r, purl: pkg:deb/debian/zlib1g@1.2+b1}",
				NULL, NULL),
		  1);
}

TEST(expired_and_unused_entries_are_noted)
{
	size_t expired, unused;

	CHECK_INT(suppressed_by("- {id: CVE-2024-2, reason: r, expires: 2024-11-23}\n"
				"- {id: CVE-2000-1, reason: r}\n",
				&expired, &unused),
		  0);
	CHECK_INT(expired, 1);
	CHECK_INT(unused, 1);
	/* a day is the last on which the entry holds */
	CHECK_INT(suppressed_by("- {id: CVE-2024-2, reason: r, expires: 2024-11-24}", &expired,
				&unused),
		  2);
	CHECK_INT(expired + unused, 0);
	CHECK_INT(suppressed_by("- {id: CVE-2024-2, reason: r, expires: '2024-11-24T10:00:00Z'}",
				&expired, &unused),
		  0);
	CHECK_INT(expired, 1);
	CHECK_INT(suppressed_by("- {id: CVE-2024-2, reason: r, expires: '2024-11-24T10:00:01Z'}",
				&expired, &unused),
		  2);
}

TEST(a_suppressed_finding_stays_and_counts_for_no_rule)
{
	struct document *d = sample();
	struct policy p;
	struct err e = ERR_INIT;

	policy_init(&p);
	p.has_fail_on = true;
	p.fail_on = SEVERITY_HIGH;
	CHECK_OK(policy_read_ignore(&p,
				    STR("- id: CVE-2024-2\n  reason: not reachable\n"
					"  expires: 2026-12-01\n  owner: shop\n"
					"- {id: CVE-2024-1, reason: second}\n"),
				    "ignore.yaml", &e));
	judge(&p, d);
	CHECK_INT(d->findings.count, 6);
	check_rule(d, "fail-on high", false, 0);
	CHECK_STR(d->findings.items[1].suppressed.by, "ignore");
	CHECK_STR(d->findings.items[1].suppressed.reason, "not reachable");
	CHECK_STR(d->findings.items[1].suppressed.until, "2026-12-01");
	CHECK_STR(d->findings.items[1].suppressed.owner, "shop");
	CHECK_STR(d->findings.items[0].suppressed.reason, "second");
	done(&p, d);
}

TEST(the_ignore_file_is_strict_and_says_where)
{
	static const struct {
		const char *text, *place;
	} rows[] = {
		{"- {id: A, reason: r, expire: 2024-01-01}", "line 1, column"},
		{"- id: A\n  reason: r\n  id: B\n", "line 3"},
		{"- id: A\n", "line 1"},
		{"- reason: r\n", "line 1"},
		{"- {id: '', reason: r}", "line 1"},
		{"- {id: A, reason: ' '}", "line 1"},
		{"- {id: A, reason: r, expires: tomorrow}", "line 1"},
		{"- {id: A, reason: r, expires: 2024-02-30}", "line 1"},
		{"- {id: A, reason: r, paths: usr}", "line 1"},
		{"- {id: A, reason: r, paths: []}", "line 1"},
		{"- {id: A, reason: r, paths: [{}]}", "line 1"},
		{"- {id: A, reason: r, purl: openssl}", "line 1"},
		{"- {id: [A], reason: r}", "line 1"},
		{"id: A\nreason: r\n", "line 1"},
		{"- CVE-2024-1\n", "line 1"},
		{"- {id: A\n", "line"},
		{"- &a [*a]\n", "line 1"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy p;
		struct err e = ERR_INIT;

		policy_init(&p);
		CHECK_ERR(policy_read_ignore(&p, str_of(rows[i].text), "i.yaml", &e), ERR_USAGE);
		if (!strstr(e.message, rows[i].place) || !strstr(e.message, "i.yaml"))
			test_fail(__FILE__, __LINE__, "%s: %s", rows[i].text, e.message);
		policy_done(&p);
	}
}

TEST(an_empty_ignore_file_is_no_entry)
{
	CHECK_INT(suppressed_by("", NULL, NULL), 0);
	CHECK_INT(suppressed_by("# nothing\n", NULL, NULL), 0);
	CHECK_INT(suppressed_by("---\n- {id: CVE-2024-2, reason: r}\n---\n", NULL, NULL), 2);
}

TEST(purl_patterns)
{
#define PURL "pkg:deb/debian/libssl3@1:3.0.11-1~deb12u2%2Bb1?arch=amd64"
	static const struct {
		const char *pattern;
		bool matches;
	} rows[] = {
		{PURL, true},
		{"pkg:deb/debian/libssl3", true},
		{"pkg:deb/debian/libssl", false},
		{"pkg:deb/debian/libssl*", true},
		{"pkg:deb/*/libssl3", true},
		{"pkg:deb/*", false},
		{"pkg:*", false},
		{"pkg:*/*/*", true},
		{"pkg:deb/debian/*3", true},
		{"pkg:deb/debian/l*b*s*3", true},
		{"pkg:deb/debian/l*x*3", false},
		{"pkg:deb/debian/libssl3@1:3.0.11-1~deb12u2+b1", true},
		{"pkg:deb/debian/libssl3@1%3A3.0.11-1~deb12u2%2Bb1", true},
		{"pkg:deb/debian/libssl3@1:3.0.11-1~deb12u2", false},
		{"pkg:deb/debian/libssl3@1:3.0.11-*", true},
		{"pkg:deb/debian/libssl3?arch=amd64", true},
		{"pkg:deb/debian/libssl3?arch=arm64", false},
		{"pkg:deb/debian/libssl3?arch=amd64&distro=bookworm", false},
		{"pkg:deb/ubuntu/libssl3", false},
		{"", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (policy_purl_matches(str_of(rows[i].pattern), STR(PURL)) != rows[i].matches)
			test_fail(__FILE__, __LINE__, "%s", rows[i].pattern);
	}
	CHECK(policy_purl_matches(STR("pkg:npm/@angular/core"), STR("pkg:npm/%40angular/core@12")));
	CHECK(!policy_purl_matches(STR("pkg:deb/debian/a%2Ab"), STR("pkg:deb/debian/axb")));
	/* a slash within a name is no separator */
	CHECK(policy_purl_matches(STR("pkg:deb/debian/a*"), STR("pkg:deb/debian/a%2Fb")));
	CHECK(!policy_purl_matches(STR("pkg:deb/debian/a/b"), STR("pkg:deb/debian/a%2Fb")));
}
