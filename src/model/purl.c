/*
 * Package URLs, as the purl specification writes them (ECMA-427; types deb, apk, rpm, alpm).
 *
 * Traps: a colon is never percent-encoded, a plus always is; names of deb, apk and alpm are
 * lower case, those of rpm are as they are; the epoch of an rpm is a qualifier, that of a deb or
 * alpm part of the version; qualifiers stand sorted by key. The distribution is told by the
 * namespace alone: the specification allows a `distro` qualifier for deb, not for apk and alpm, and
 * its values are not agreed on (codename, number, id-number), so that it would only make equal
 * packages unequal.
 */
#include "model/package.h"

static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-' || c == '_' || c == '~' || c == ':';
}

static void add_encoded(struct buf *out, struct str s, bool lower)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (lower && c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		if (is_plain(c))
			buf_add_char(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

/* Vendors whose namespace is not their os-release ID. */
static struct str namespace_of_id(struct str id)
{
	if (str_is(id, "rhel"))
		return STR("redhat");
	if (str_starts(id, STR("opensuse")))
		return STR("opensuse");
	if (str_starts(id, STR("sles")) || str_is(id, "sled"))
		return STR("suse");
	return id;
}

static struct str namespace_of(const struct package *p, const struct distro *d)
{
	if (d && d->id.len)
		return namespace_of_id(d->id);
	switch (p->type) {
	case PACKAGE_ALPM:
		return STR("arch");
	case PACKAGE_APK:
		return STR("alpine");
	case PACKAGE_DEB:
		return STR("debian");
	default:
		return STR_NULL; /* rpm and opkg have no home of their own */
	}
}

/* Takes "1:" off an rpm version. */
static struct str rpm_epoch(struct str *version)
{
	ptrdiff_t colon = str_find_char(*version, ':');
	struct str epoch;
	uint64_t number;

	if (colon < 0)
		return STR_NULL;
	epoch = str_to(*version, (size_t)colon);
	if (!str_parse_u64(epoch, &number))
		return STR_NULL;
	*version = str_from(*version, (size_t)colon + 1);
	return epoch;
}

static void add_qualifier(struct buf *out, char *separator, const char *key, struct str value)
{
	if (!value.len)
		return;
	buf_add_char(out, *separator);
	buf_add_cstr(out, key);
	buf_add_char(out, '=');
	add_encoded(out, value, false);
	*separator = '&';
}

void purl_format(const struct package *p, const struct distro *d, struct buf *out)
{
	struct str namespace = namespace_of(p, d), version = p->version, epoch = STR_NULL;
	char separator = '?';

	if (p->type == PACKAGE_RPM)
		epoch = rpm_epoch(&version);
	buf_printf(out, "pkg:%s/", package_type_purl(p->type));
	if (namespace.len) {
		add_encoded(out, namespace, true);
		buf_add_char(out, '/');
	}
	add_encoded(out, p->name, p->type != PACKAGE_RPM);
	if (version.len) {
		buf_add_char(out, '@');
		add_encoded(out, version, false);
	}
	add_qualifier(out, &separator, "arch", p->arch);
	add_qualifier(out, &separator, "epoch", epoch);
}
