/* Short texts, rows and commands. */
#include "report/label.h"
#include "report/upgrade.h"
#include "test.h"

TEST(layers_show_the_instruction_as_it_stood_in_the_dockerfile)
{
	static const struct {
		const char *created_by, *origin;
		size_t max;
		const char *text;
	} rows[] = {
		{"/bin/sh -c #(nop) ADD file:5d in / ", "unknown", 0, "0  ADD file:5d in /"},
		{"/bin/sh -c #(nop)  CMD [\"bash\"]", "unknown", 0, "0  CMD [\"bash\"]"},
		{"/bin/sh -c apt-get update  &&\n\tapt-get install", "own", 0,
		 "0  RUN apt-get update && apt-get install"},
		{"RUN /bin/sh -c apk add curl # buildkit", "own", 0, "0  RUN apk add curl"},
		{"RUN |1 A=b /bin/sh -c make # buildkit", "own", 0, "0  RUN make"},
		{"COPY a /b # buildkit", "own", 0, "0  COPY a /b"},
		{"echo /bin/sh -c x", "own", 0, "0  echo /bin/sh -c x"},
		{"anything", "base", 0, "0  base"},
		{"", "unknown", 0, "0"},
		{" \t", "unknown", 0, "0"},
		{"RUN apt-get install curl", "own", 14, "0  RUN apt-ge\xe2\x80\xa6"},
		{"RUN apt-get install curl", "own", 5, "0"},
		{"RUN \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", "own", 10,
		 "0  RUN \xc3\xa4\xc3\xa4\xe2\x80\xa6"},
		{"RUN \x1b[31m", "own", 0, "0  RUN \\x1b[31m"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_INIT;
		struct document *d = document_new(NULL, &e);
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		*vec_push(&d->target.layers) = (struct document_layer){
			.created_by = str_of(rows[i].created_by), .origin = str_of(rows[i].origin)};
		label_layer(&out, d, 0, rows[i].max);
		CHECK_STR(buf_str(&out), rows[i].text);
		document_free(d);
	}
}

TEST(unknown_layers_have_no_number)
{
	struct err e = ERR_INIT;
	struct document *d = document_new(NULL, &e);
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	label_layer(&out, d, -1, 0);
	CHECK_STR(buf_str(&out), "-");
	buf_clear(&out);
	label_layer(&out, d, 7, 0);
	CHECK_STR(buf_str(&out), "7");
	buf_clear(&out);
	label_layer_sentence(&out, d, -1);
	CHECK_STR(buf_str(&out), "an unknown layer");
	document_free(d);
}

TEST(only_well_known_ids_have_a_page)
{
	static const struct {
		const char *id, *url;
	} rows[] = {
		{"CVE-2024-1", "https://nvd.nist.gov/vuln/detail/CVE-2024-1"},
		{"DSA-5380-1", "https://security-tracker.debian.org/tracker/DSA-5380-1"},
		{"RHSA-2024:1", "https://access.redhat.com/errata/RHSA-2024:1"},
		{"CVE-2024-1/../x", ""},
		{"CVE-2024-1\n", ""},
		{"X-1", ""},
		{"", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		label_url(&out, str_of(rows[i].id));
		CHECK_STR(buf_str(&out), rows[i].url);
	}
}

TEST(references_are_used_when_they_are_web_addresses)
{
	static struct str references[] = {
		STR_INIT("javascript:alert(1)"),
		STR_INIT("https://a/<b>"),
		STR_INIT("https://example.org/x"),
	};
	struct document_finding f = {
		.id = STR("X-1"), .references = references, .reference_count = 3};
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	label_finding_url(&out, &f);
	CHECK_STR(buf_str(&out), "https://example.org/x");
}

static struct str command(const char *id, const char *version, enum package_type type,
			  const char *name, struct arena *a)
{
	struct err e = ERR_INIT;
	struct document *d = document_new(NULL, &e);
	struct upgrades u = {0};
	struct rows rows;
	struct str out = STR("none");

	d->target.distro = (struct distro){.id = str_of(id), .version_id = str_of(version)};
	*vec_push(&d->packages) = (struct package){.type = type, .name = str_of(name)};
	*vec_push(&d->findings) =
		(struct document_finding){.id = STR("CVE-1"), .fix = FIX_AVAILABLE};
	CHECK_OK(rows_build(d, NULL, NULL, false, a, &rows, &e));
	CHECK_OK(upgrades_build(d, &rows, a, &u, &e));
	if (u.count)
		out = arena_printf(a, "%.*s%s%.*s", STR_ARG(u.items[0].command),
				   u.items[0].name_count ? " " : "",
				   STR_ARG(u.items[0].name_count ? u.items[0].names[0] : STR("")));
	document_free(d);
	return out;
}

TEST(commands_are_those_of_the_distribution)
{
	static const struct {
		const char *id, *version;
		enum package_type type;
		const char *name, *command;
	} rows[] = {
		{"debian", "12", PACKAGE_DEB, "a", "apt-get install --only-upgrade a"},
		{"alpine", "3.19", PACKAGE_APK, "a", "apk upgrade a"},
		{"rhel", "9.3", PACKAGE_RPM, "a", "dnf upgrade a"},
		{"centos", "7", PACKAGE_RPM, "a", "yum update a"},
		{"amzn", "2", PACKAGE_RPM, "a", "yum update a"},
		{"amzn", "2023", PACKAGE_RPM, "a", "dnf upgrade a"},
		{"sles", "15.5", PACKAGE_RPM, "a", "zypper update a"},
		{"opensuse-leap", "15.6", PACKAGE_RPM, "a", "zypper update a"},
		{"photon", "5.0", PACKAGE_RPM, "a", "tdnf update a"},
		{"arch", "", PACKAGE_ALPM, "a", "pacman -Syu"},
		{"openwrt", "", PACKAGE_OPKG, "a", "opkg upgrade a"},
		{"debian", "12", PACKAGE_DEB, "libstdc++6",
		 "apt-get install --only-upgrade libstdc++6"},
		/* names that a shell, or the program, would take for something else */
		{"debian", "12", PACKAGE_DEB, "a;b", "none"},
		{"debian", "12", PACKAGE_DEB, "--help", "none"},
		{"debian", "12", PACKAGE_DEB, "a b", "none"},
		{"debian", "12", PACKAGE_DEB, "$(x)", "none"},
		{"debian", "12", PACKAGE_DEB, "", "none"},
	};
	struct arena a;

	arena_init(&a, NULL, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_STR(command(rows[i].id, rows[i].version, rows[i].type, rows[i].name, &a),
			  rows[i].command);
	arena_done(&a);
}

TEST(a_row_holds_all_binary_packages_of_a_source)
{
	static const char *const sources[] = {"openssl", "openssl", "zlib", "openssl"};
	struct err e = ERR_INIT;
	struct document *d = document_new(NULL, &e);
	struct rows rows;
	struct arena a;

	arena_init(&a, NULL, 0);
	for (int i = 0; i < 4; i++) {
		*vec_push(&d->packages) =
			(struct package){.name = STR("x"), .source_name = str_of(sources[i])};
		*vec_push(&d->findings) = (struct document_finding){
			.id = STR("CVE-1"), .severity = SEVERITY_HIGH, .package = i};
	}
	d->findings.items[3].severity = SEVERITY_CRITICAL;
	CHECK_OK(rows_build(d, NULL, NULL, false, &a, &rows, &e));
	CHECK_INT(rows.count, 3);
	CHECK_INT(row_finding(d, &rows, 0, 0)->severity, SEVERITY_CRITICAL);
	CHECK_INT(rows.items[1].count, 2);
	CHECK_INT(row_finding(d, &rows, 2, 0)->package, 2);
	CHECK_OK(rows_build(d, NULL, NULL, true, &a, &rows, &e));
	CHECK_INT(rows.count, 4);
	arena_done(&a);
	document_free(d);
}
