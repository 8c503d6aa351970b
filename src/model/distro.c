/*
 * From os-release to the name of a database partition (os-release(5); what each distribution writes
 * there was read from its own images).
 *
 *	os-release ID		partition		release is
 *	debian, raspbian	debian-12		first number; "debian-sid" without
 *VERSION_ID ubuntu			ubuntu-22.04		first two numbers alpine
 *alpine-3.19		first two numbers; "3.20_alpha..." is edge rhel, centos		redhat-9
 *first number (CentOS has no advisories of its own)
 *	rocky, almalinux	rocky-9, almalinux-9	first number
 *	ol			oracle-9		first number
 *	amzn			amazon-2023, amazon-2	first number; 2010 to 2018 are amazon-1
 *	fedora			fedora-40		first number
 *	sles and its kin	suse-15.5		first two numbers
 *	opensuse-leap		opensuse-leap-15.6	first two numbers
 *	opensuse-tumbleweed	opensuse-tumbleweed	none
 *	photon			photon-5.0		first two numbers
 *	mariner, azurelinux	mariner-2.0		first two numbers
 *	arch, wolfi, chainguard	arch			none
 *
 * ID_LIKE is not followed: derivatives number their releases in their own way and rebuild packages
 * under other versions, so that a match would be a guess. They get no partition, which is a gap.
 */
#include "model/distro.h"

enum release {
	RELEASE_NONE,
	RELEASE_MAJOR,
	RELEASE_MINOR,
	RELEASE_DEBIAN,
	RELEASE_ALPINE,
	RELEASE_AMAZON
};

static const struct {
	const char *id, *family;
	enum release release;
} distros[] = {
	{"almalinux", "almalinux", RELEASE_MAJOR},
	{"alpine", "alpine", RELEASE_ALPINE},
	{"amzn", "amazon", RELEASE_AMAZON},
	{"arch", "arch", RELEASE_NONE},
	{"azurelinux", "azurelinux", RELEASE_MINOR},
	{"centos", "redhat", RELEASE_MAJOR},
	{"chainguard", "chainguard", RELEASE_NONE},
	{"debian", "debian", RELEASE_DEBIAN},
	{"fedora", "fedora", RELEASE_MAJOR},
	{"mariner", "mariner", RELEASE_MINOR},
	{"ol", "oracle", RELEASE_MAJOR},
	{"opensuse", "opensuse-leap", RELEASE_MINOR}, /* Leap 42 */
	{"opensuse-leap", "opensuse-leap", RELEASE_MINOR},
	{"opensuse-tumbleweed", "opensuse-tumbleweed", RELEASE_NONE},
	{"photon", "photon", RELEASE_MINOR},
	{"raspbian", "debian", RELEASE_DEBIAN},
	{"rhel", "redhat", RELEASE_MAJOR},
	{"rocky", "rocky", RELEASE_MAJOR},
	{"sle_hpc", "suse", RELEASE_MINOR},
	{"sled", "suse", RELEASE_MINOR},
	{"sles", "suse", RELEASE_MINOR},
	{"sles_sap", "suse", RELEASE_MINOR},
	{"ubuntu", "ubuntu", RELEASE_MINOR},
	{"wolfi", "wolfi", RELEASE_NONE},
};

/* Debian releases that have, or had, an os-release or a lsb-release naming them. */
static const struct {
	const char *codename, *release;
} debian_codenames[] = {
	{"squeeze", "6"}, {"wheezy", "7"},    {"jessie", "8"},	  {"stretch", "9"},
	{"buster", "10"}, {"bullseye", "11"}, {"bookworm", "12"}, {"trixie", "13"},
	{"forky", "14"},  {"duke", "15"},
};

static size_t digits(struct str s)
{
	size_t n = 0;

	while (n < s.len && s.data[n] >= '0' && s.data[n] <= '9')
		n++;
	return n;
}

/* The first `count` dotted numbers at the start of s; fewer when there are fewer; empty when none.
 */
static struct str numbers(struct str s, int count)
{
	size_t end = digits(s);

	while (end && --count > 0 && end + 1 < s.len && s.data[end] == '.') {
		size_t more = digits(str_from(s, end + 1));

		if (!more)
			break;
		end += 1 + more;
	}
	return end > 16 ? STR_NULL : str_to(s, end);
}

static struct str debian_release(const struct distro *d)
{
	struct str release = numbers(d->version_id, 1);

	if (release.len)
		return release;
	/* testing and sid name the next release and themselves: "trixie/sid" */
	if (str_find(d->name, STR("/sid")) >= 0 || str_find(d->version_id, STR("/sid")) >= 0)
		return STR("sid");
	for (size_t i = 0; i < sizeof(debian_codenames) / sizeof(debian_codenames[0]); i++) {
		if (str_is(d->codename, debian_codenames[i].codename))
			return str_of(debian_codenames[i].release);
	}
	return STR("sid");
}

static struct str alpine_release(struct str version)
{
	if (str_is(version, "edge") || str_find(version, STR("_alpha")) >= 0)
		return STR("edge");
	return numbers(version, 2);
}

static struct str amazon_release(struct str version)
{
	struct str release = numbers(version, 1);
	uint64_t year;

	if (str_parse_u64(release, &year) && year >= 2010 && year <= 2018)
		return STR("1");
	return release;
}

static struct str release_of(const struct distro *d, enum release rule)
{
	switch (rule) {
	case RELEASE_MAJOR:
		return numbers(d->version_id, 1);
	case RELEASE_MINOR:
		return numbers(d->version_id, 2);
	case RELEASE_DEBIAN:
		return debian_release(d);
	case RELEASE_ALPINE:
		return alpine_release(d->version_id);
	case RELEASE_AMAZON:
		return amazon_release(d->version_id);
	default:
		return STR_NULL;
	}
}

void distro_partition(const struct distro *d, struct buf *out)
{
	for (size_t i = 0; i < sizeof(distros) / sizeof(distros[0]); i++) {
		struct str release;

		if (!str_eq_nocase(d->id, str_of(distros[i].id)))
			continue;
		release = release_of(d, distros[i].release);
		if (!release.len && distros[i].release != RELEASE_NONE)
			return;
		buf_add_cstr(out, distros[i].family);
		if (release.len) {
			buf_add_char(out, '-');
			buf_add(out, release);
		}
		return;
	}
}
