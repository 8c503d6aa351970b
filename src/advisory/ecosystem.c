/*
 * Ecosystem names of the OSV schema (docs/formats/feeds.md, "Partitions"), and code names of Debian
 * and Ubuntu, which their trackers use instead of numbers.
 */
#include "advisory/ecosystem.h"

static const struct ecosystem ecosystems[] = {
	/* osv, family, comparator, source, names, distribution, rpm */
	{"AlmaLinux", "almalinux", "redhat", "almalinux", NAMES_BINARY, true, true},
	{"Alpaquita", "alpaquita", "alpine", "alpaquita", NAMES_SOURCE, true, false},
	{"Alpine", "alpine", "alpine", "alpine", NAMES_SOURCE, true, false},
	{"Azure Linux", "azurelinux", "redhat", "azurelinux", NAMES_SOURCE, true, true},
	{"BellSoft Hardened Containers", "bellsoft", "alpine", "bellsoft", NAMES_SOURCE, true,
	 false},
	{"Bitnami", "bitnami", "semver", "bitnami", NAMES_BINARY, false, false},
	{"Chainguard", "chainguard", "alpine", "chainguard", NAMES_SOURCE, true, false},
	{"CRAN", "cran", "cran", "cran", NAMES_BINARY, false, false},
	{"crates.io", "crates.io", "semver", "rustsec", NAMES_BINARY, false, false},
	{"Debian", "debian", "debian", "debian", NAMES_SOURCE, true, false},
	{"Go", "go", "semver", "go", NAMES_BINARY, false, false},
	{"Hackage", "hackage", "hackage", "haskell", NAMES_BINARY, false, false},
	{"Hex", "hex", "semver", "hex", NAMES_BINARY, false, false},
	{"Julia", "julia", "semver", "julia", NAMES_BINARY, false, false},
	{"Mageia", "mageia", "redhat", "mageia", NAMES_SOURCE, true, true},
	{"Maven", "maven", "maven", "github", NAMES_BINARY, false, false},
	{"MinimOS", "minimos", "alpine", "minimos", NAMES_SOURCE, true, false},
	{"npm", "npm", "semver", "github", NAMES_BINARY, false, false},
	{"NuGet", "nuget", "nuget", "github", NAMES_BINARY, false, false},
	{"openEuler", "openeuler", "redhat", "openeuler", NAMES_SOURCE, true, true},
	{"openSUSE", "opensuse", "redhat", "suse", NAMES_SOURCE, true, true},
	{"Packagist", "packagist", "packagist", "github", NAMES_BINARY, false, false},
	{"Photon OS", "photon", "redhat", "photon", NAMES_BINARY, true, true},
	{"Pub", "pub", "pub", "github", NAMES_BINARY, false, false},
	{"PyPI", "pypi", "pypi", "pypa", NAMES_BINARY, false, false},
	{"Red Hat", "redhat", "redhat", "redhat", NAMES_BINARY, true, true},
	{"Rocky Linux", "rocky", "redhat", "rocky", NAMES_SOURCE, true, true},
	{"RubyGems", "rubygems", "rubygems", "github", NAMES_BINARY, false, false},
	{"SUSE", "suse", "redhat", "suse", NAMES_SOURCE, true, true},
	{"SwiftURL", "swifturl", "semver", "github", NAMES_BINARY, false, false},
	{"Ubuntu", "ubuntu", "debian", "ubuntu", NAMES_SOURCE, true, false},
	{"Wolfi", "wolfi", "alpine", "wolfi", NAMES_SOURCE, true, false},
};

static const struct ecosystem unknown = {"", "", "", "osv", NAMES_BINARY, false, false};

enum { ECOSYSTEMS = sizeof(ecosystems) / sizeof(ecosystems[0]) };

/* Lower case; letters, digits, '.', '_' and '+' stay, all else in a row becomes one dash. */
static void add_words(struct buf *out, struct str words)
{
	bool dash = false;

	for (size_t i = 0; i < words.len && out->len < 128; i++) {
		char c = words.data[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
		    c == '+') {
			if (dash)
				buf_add_char(out, '-');
			buf_add_char(out, c);
			dash = false;
		} else {
			dash = out->len > 0 && out->data[out->len - 1] != '-';
		}
	}
}

static void add_release(struct buf *out, const char *family, struct str release)
{
	buf_add_cstr(out, family);
	if (release.len) {
		buf_add_char(out, '-');
		add_words(out, release);
	}
}

static size_t digits(struct str s)
{
	size_t n = 0;

	while (n < s.len && s.data[n] >= '0' && s.data[n] <= '9')
		n++;
	return n;
}

/* "22.04:LTS", "23.10"; "Pro:16.04:LTS" are the packages of the paid archive. */
static void ubuntu(struct buf *out, struct str release)
{
	bool pro = str_skip(&release, STR("Pro:"));
	struct str rest = release, number;

	if (str_next(&rest, ':', &number) && digits(number) &&
	    (rest.len == 0 || str_is(rest, "LTS"))) {
		add_release(out, "ubuntu", number);
		if (pro)
			buf_add_cstr(out, "-esm");
		return;
	}
	add_release(out, pro ? "ubuntu-pro" : "ubuntu", release);
}

/* "enterprise_linux:9::appstream"; extended support is other packages: "rhel_eus:9.2::baseos". */
static void red_hat(struct buf *out, struct str release)
{
	struct str rest = release, product, number = STR("");

	str_next(&rest, ':', &product);
	if (rest.data)
		str_next(&rest, ':', &number);
	if (str_is(product, "enterprise_linux") && digits(number))
		add_release(out, "redhat", str_to(number, digits(number)));
	else if (str_skip(&product, STR("rhel_")) && digits(number)) {
		add_release(out, "redhat", number);
		buf_add_char(out, '-');
		add_words(out, product);
	} else {
		add_release(out, "redhat", release);
	}
}

/*
 * "Linux Enterprise Server 15 SP5", "Linux Enterprise Module for Basesystem 15 SP5", "Linux
 * Enterprise Server 12 SP5-LTSS": what can be installed on one release is one partition. Micro is a
 * distribution of its own.
 */
static bool suse(struct buf *out, struct str release)
{
	size_t at = release.len, n;
	struct str major, minor = STR("");

	if (!str_starts(release, STR("Linux Enterprise ")) ||
	    str_find(release, STR(" Micro ")) >= 0)
		return false;
	for (size_t i = 0; i + 1 < release.len; i++)
		if (release.data[i] == ' ' && digits(str_from(release, i + 1)))
			at = i + 1;
	n = digits(str_from(release, at));
	if (n == 0)
		return false;
	major = str_sub(release, at, at + n);
	release = str_from(release, at + n);
	if (str_skip(&release, STR(" SP")))
		minor = str_to(release, digits(release));
	add_release(out, "suse", major);
	if (minor.len) {
		buf_add_char(out, '.');
		buf_add(out, minor);
	}
	return true;
}

static void add_partition(const struct ecosystem *e, struct str release, struct buf *out)
{
	struct str osv = str_of(e->osv);

	if (str_is(osv, "Ubuntu")) {
		ubuntu(out, release);
	} else if (str_is(osv, "Red Hat")) {
		red_hat(out, release);
	} else if (!str_is(osv, "SUSE") || !suse(out, release)) {
		if (str_is(osv, "Alpine"))
			str_skip(&release, STR("v"));
		add_release(out, e->family, release);
	}
}

const struct ecosystem *ecosystem_partition(struct str name, struct buf *out)
{
	struct str release = name, base;
	size_t before = out->len;

	if (!str_next(&release, ':', &base) || !base.len)
		return NULL;
	for (size_t i = 0; i < ECOSYSTEMS; i++) {
		if (str_eq_nocase(base, str_of(ecosystems[i].osv))) {
			add_partition(&ecosystems[i], release, out);
			return &ecosystems[i];
		}
	}
	add_words(out, name);
	return out->len > before ? &unknown : NULL;
}

const char *ecosystem_comparator(struct str partition)
{
	for (size_t i = 0; i < ECOSYSTEMS; i++) {
		struct str rest = partition;

		if (str_skip(&rest, str_of(ecosystems[i].family)) &&
		    (rest.len == 0 || rest.data[0] == '-'))
			return ecosystems[i].comparator;
	}
	return "";
}

struct codename {
	const char *codename, *release;
};

static const struct codename debian[] = {
	{"sarge", "3.1"},   {"etch", "4"},	{"lenny", "5"},	  {"squeeze", "6"},
	{"wheezy", "7"},    {"jessie", "8"},	{"stretch", "9"}, {"buster", "10"},
	{"bullseye", "11"}, {"bookworm", "12"}, {"trixie", "13"}, {"forky", "14"},
	{"duke", "15"},	    {"sid", "sid"},	{"woody", "3.0"}, {"potato", "2.2"},
	{"slink", "2.1"},   {"hamm", "2.0"},
};

static const struct codename ubuntu_releases[] = {
	{"warty", "4.10"},     {"hoary", "5.04"},    {"breezy", "5.10"},    {"dapper", "6.06"},
	{"edgy", "6.10"},      {"feisty", "7.04"},   {"gutsy", "7.10"},	    {"hardy", "8.04"},
	{"intrepid", "8.10"},  {"jaunty", "9.04"},   {"karmic", "9.10"},    {"lucid", "10.04"},
	{"maverick", "10.10"}, {"natty", "11.04"},   {"oneiric", "11.10"},  {"precise", "12.04"},
	{"quantal", "12.10"},  {"raring", "13.04"},  {"saucy", "13.10"},    {"trusty", "14.04"},
	{"utopic", "14.10"},   {"vivid", "15.04"},   {"wily", "15.10"},	    {"xenial", "16.04"},
	{"yakkety", "16.10"},  {"zesty", "17.04"},   {"artful", "17.10"},   {"bionic", "18.04"},
	{"cosmic", "18.10"},   {"disco", "19.04"},   {"eoan", "19.10"},	    {"focal", "20.04"},
	{"groovy", "20.10"},   {"hirsute", "21.04"}, {"impish", "21.10"},   {"jammy", "22.04"},
	{"kinetic", "22.10"},  {"lunar", "23.04"},   {"mantic", "23.10"},   {"noble", "24.04"},
	{"oracular", "24.10"}, {"plucky", "25.04"},  {"questing", "25.10"}, {"resolute", "26.04"},
};

static struct str release_of(const struct codename *list, size_t count, struct str codename)
{
	if (!codename.len)
		return STR("");
	/* asked for every status of a tracker: the first letter decides most */
	for (size_t i = 0; i < count; i++)
		if (list[i].codename[0] == codename.data[0] && str_is(codename, list[i].codename))
			return str_of(list[i].release);
	return STR("");
}

struct str debian_release_of(struct str codename)
{
	return release_of(debian, sizeof(debian) / sizeof(debian[0]), codename);
}

struct str ubuntu_release_of(struct str codename)
{
	return release_of(ubuntu_releases, sizeof(ubuntu_releases) / sizeof(ubuntu_releases[0]),
			  codename);
}
