/* Names, severity words, partitions of distributions, package URLs, the order of packages. */
#include "model/advisory.h"
#include "model/entry.h"
#include "model/package.h"
#include "test.h"

TEST(severity_words_of_feeds_become_ours)
{
	static const struct {
		const char *word;
		enum severity severity;
	} rows[] = {
		{"unimportant", SEVERITY_NEGLIGIBLE},
		{"low", SEVERITY_LOW},
		{"Moderate", SEVERITY_MEDIUM},
		{"Important", SEVERITY_HIGH},
		{"CRITICAL", SEVERITY_CRITICAL},
		{"negligible", SEVERITY_NEGLIGIBLE},
		{" Low\n", SEVERITY_LOW},
		{"not yet assigned", SEVERITY_UNKNOWN},
		{"untriaged", SEVERITY_UNKNOWN},
		{"end-of-life", SEVERITY_UNKNOWN},
		{"", SEVERITY_UNKNOWN},
		{"high", SEVERITY_HIGH},
	};
	enum severity s;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (severity_from_feed(str_of(rows[i].word)) != rows[i].severity)
			test_fail(__FILE__, __LINE__, "'%s' is not %s", rows[i].word,
				  severity_name(rows[i].severity));
	}
	for (int i = 0; i < SEVERITIES; i++)
		CHECK(severity_parse(str_of(severity_name((enum severity)i)), &s) && (int)s == i);
	CHECK(!severity_parse(STR("moderate"), &s));
}

TEST(names_and_values_are_inverse)
{
	for (int i = 0; i <= FIX_UNKNOWN; i++) {
		enum fix_state f;

		CHECK(fix_state_parse(str_of(fix_state_name((enum fix_state)i)), &f) &&
		      (int)f == i);
	}
	for (int i = 0; i <= STATE_NOT_AFFECTED; i++) {
		enum advisory_state s;

		CHECK(advisory_state_parse(str_of(advisory_state_name((enum advisory_state)i)),
					   &s) &&
		      (int)s == i);
	}
	for (int i = 0; i < PACKAGE_TYPE_COUNT; i++) {
		enum package_type t;

		CHECK(package_type_parse(str_of(package_type_name((enum package_type)i)), &t) &&
		      (int)t == i);
	}
	for (int i = 0; i <= ORIGIN_FILE; i++) {
		enum package_origin o;

		CHECK(package_origin_parse(str_of(package_origin_name((enum package_origin)i)),
					   &o) &&
		      (int)o == i);
	}
	for (int i = 0; i < ENTRY_TYPES; i++)
		CHECK(strcmp(entry_type_name((enum entry_type)i), "unknown") != 0);
}

TEST(partition_is_named_by_id_and_release)
{
	static const struct {
		const char *id, *version, *codename, *name, *partition;
	} rows[] = {
		{"debian", "12", "bookworm", "", "debian-12"},
		{"debian", "12.5", "", "", "debian-12"},
		{"debian", "", "bookworm", "Debian GNU/Linux bookworm", "debian-12"},
		{"debian", "", "trixie", "Debian GNU/Linux trixie/sid", "debian-sid"},
		{"debian", "", "", "Debian GNU/Linux", "debian-sid"},
		{"debian", "", "sid", "", "debian-sid"},
		{"raspbian", "11", "bullseye", "", "debian-11"},
		{"ubuntu", "22.04", "jammy", "", "ubuntu-22.04"},
		{"ubuntu", "14.04.6", "", "", "ubuntu-14.04"},
		{"alpine", "3.19.1", "", "", "alpine-3.19"},
		{"alpine", "3.20_alpha20231219", "", "", "alpine-edge"},
		{"alpine", "3.20.0_rc1", "", "", "alpine-3.20"},
		{"alpine", "edge", "", "", "alpine-edge"},
		{"alpine", "", "", "", ""},
		{"rhel", "9.3", "", "", "redhat-9"},
		{"centos", "7", "", "", "redhat-7"},
		{"rocky", "9.3", "", "", "rocky-9"},
		{"almalinux", "9.3", "", "", "almalinux-9"},
		{"ol", "9.3", "", "", "oracle-9"},
		{"amzn", "2023", "", "", "amazon-2023"},
		{"amzn", "2", "", "", "amazon-2"},
		{"amzn", "2018.03", "", "", "amazon-1"},
		{"fedora", "40", "", "", "fedora-40"},
		{"sles", "15.5", "", "", "suse-15.5"},
		{"sles", "15", "", "", "suse-15"},
		{"sles_sap", "12.5", "", "", "suse-12.5"},
		{"opensuse-leap", "15.6", "", "", "opensuse-leap-15.6"},
		{"opensuse-tumbleweed", "20240101", "", "", "opensuse-tumbleweed"},
		{"photon", "5.0", "", "", "photon-5.0"},
		{"mariner", "2.0.20230609", "", "", "mariner-2.0"},
		{"azurelinux", "3.0", "", "", "azurelinux-3.0"},
		{"arch", "", "", "", "arch"},
		{"wolfi", "20230201", "", "", "wolfi"},
		{"chainguard", "20230214", "", "", "chainguard"},
		{"kali", "2024.1", "", "", ""},
		{"", "", "", "", ""},
		/* a version is never copied as it stands */
		{"ubuntu", "../../x", "", "", ""},
		{"ubuntu", "22.04/../x", "", "", "ubuntu-22.04"},
		{"rhel", "99999999999999999999", "", "", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct distro d = {.id = str_of(rows[i].id),
				   .version_id = str_of(rows[i].version),
				   .codename = str_of(rows[i].codename),
				   .name = str_of(rows[i].name)};
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		distro_partition(&d, &out);
		if (!str_is(buf_str(&out), rows[i].partition))
			test_fail(__FILE__, __LINE__, "%s %s is '%.*s', expected '%s'", rows[i].id,
				  rows[i].version, STR_ARG(buf_str(&out)), rows[i].partition);
	}
}

TEST(purls_follow_their_specification)
{
	static const struct {
		enum package_type type;
		const char *distro, *name, *version, *arch, *purl;
	} rows[] = {
		{PACKAGE_DEB, "debian", "base-files", "11.1+deb11u3", "amd64",
		 "pkg:deb/debian/base-files@11.1%2Bdeb11u3?arch=amd64"},
		{PACKAGE_DEB, "debian", "attr", "1:2.4.47-2+b1", "amd64",
		 "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64"},
		{PACKAGE_DEB, NULL, "libssl3", "3.0.11-1~deb12u2", "",
		 "pkg:deb/debian/libssl3@3.0.11-1~deb12u2"},
		{PACKAGE_DEB, "ubuntu", "dpkg", "1.19.0.4", "amd64",
		 "pkg:deb/ubuntu/dpkg@1.19.0.4?arch=amd64"},
		{PACKAGE_APK, "alpine", "curl", "7.83.0-r0", "x86",
		 "pkg:apk/alpine/curl@7.83.0-r0?arch=x86"},
		{PACKAGE_APK, "wolfi", "curl", "8.0-r0", "x86_64",
		 "pkg:apk/wolfi/curl@8.0-r0?arch=x86_64"},
		{PACKAGE_RPM, "fedora", "curl", "7.50.3-1.fc25", "i386",
		 "pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386"},
		{PACKAGE_RPM, "rhel", "perl-Errno", "1:1.30-480.el9", "x86_64",
		 "pkg:rpm/redhat/perl-Errno@1.30-480.el9?arch=x86_64&epoch=1"},
		{PACKAGE_RPM, "opensuse-tumbleweed", "curl", "7.56.1-1.1", "i386",
		 "pkg:rpm/opensuse/curl@7.56.1-1.1?arch=i386"},
		{PACKAGE_RPM, NULL, "centerim", "1:4.22.10-1.el6", "i686",
		 "pkg:rpm/centerim@4.22.10-1.el6?arch=i686&epoch=1"},
		{PACKAGE_ALPM, "arch", "containers-common", "1:0.47.4-4", "x86_64",
		 "pkg:alpm/arch/containers-common@1:0.47.4-4?arch=x86_64"},
		{PACKAGE_OPKG, NULL, "libopenssl", "1.1.1g-1", "mips",
		 "pkg:opkg/libopenssl@1.1.1g-1?arch=mips"},
		/* hostile: nothing leaves its part */
		{PACKAGE_DEB, "de/bian", "A b/c@d?e#f", "1/2\xff&\n", "a&b=c",
		 "pkg:deb/de%2Fbian/a%20b%2Fc%40d%3Fe%23f@1%2F2%FF%26%0A?arch=a%26b%3Dc"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct package p = {.type = rows[i].type,
				    .name = str_of(rows[i].name),
				    .version = str_of(rows[i].version),
				    .arch = str_of(rows[i].arch)};
		struct distro d = {.id = str_of(rows[i].distro)};
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		purl_format(&p, rows[i].distro ? &d : NULL, &out);
		CHECK_STR(buf_str(&out), rows[i].purl);
	}
}

TEST(packages_are_ordered_by_type_name_version_arch_path)
{
	struct package rows[] = {
		{.type = PACKAGE_APK, .name = STR("zlib")},
		{.type = PACKAGE_DEB, .name = STR("a"), .version = STR("1")},
		{.type = PACKAGE_DEB, .name = STR("a"), .version = STR("2"), .arch = STR("amd64")},
		{.type = PACKAGE_DEB, .name = STR("a"), .version = STR("2"), .arch = STR("i386")},
		{.type = PACKAGE_DEB,
		 .name = STR("a"),
		 .version = STR("2"),
		 .arch = STR("i386"),
		 .location.path = STR("x")},
		{.type = PACKAGE_DEB, .name = STR("b")},
		{.type = PACKAGE_RPM, .name = STR("a")},
	};
	int count = sizeof(rows) / sizeof(rows[0]);

	for (int i = 0; i < count; i++) {
		for (int k = 0; k < count; k++) {
			int order = package_cmp(&rows[i], &rows[k]);

			CHECK((i < k && order < 0) || (i == k && !order) || (i > k && order > 0));
		}
	}
}
