#include "report/upgrade.h"

#include <stdlib.h>

struct step {
	int layer;
	struct str command, name;
};

static bool is_typable(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		bool alnum =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		/* the first character decides whether it is taken for an option */
		if (!alnum && (!i || !strchr("+-._:", c) || !c))
			return false;
	}
	return name.len > 0;
}

static uint64_t major_version(const struct distro *o)
{
	struct str rest = o->version_id, number;
	uint64_t major;

	if (!str_next(&rest, '.', &number) || !str_parse_u64(number, &major))
		return 0;
	return major;
}

static struct str rpm_command(const struct distro *o)
{
	if (str_starts(o->id, STR("sle")) || str_starts(o->id, STR("opensuse")))
		return STR("zypper update");
	if (str_is(o->id, "photon") || str_is(o->id, "mariner") || str_is(o->id, "azurelinux"))
		return STR("tdnf update");
	if (str_is(o->id, "amzn") && major_version(o) < 2022)
		return STR("yum update");
	if ((str_is(o->id, "rhel") || str_is(o->id, "centos") || str_is(o->id, "ol")) &&
	    major_version(o) < 8)
		return STR("yum update");
	return STR("dnf upgrade");
}

static struct str command_of(const struct document *d, const struct package *p)
{
	switch (p->type) {
	case PACKAGE_DEB:
		return STR("apt-get install --only-upgrade");
	case PACKAGE_APK:
		return STR("apk upgrade");
	case PACKAGE_RPM:
		return rpm_command(&d->target.distro);
	case PACKAGE_ALPM:
		return STR("pacman -Syu");
	case PACKAGE_OPKG:
		return STR("opkg upgrade");
	default:
		return STR_NULL;
	}
}

static int compare_steps(const void *a, const void *b)
{
	const struct step *x = a, *y = b;
	int order = (x->layer > y->layer) - (x->layer < y->layer);

	if (!order)
		order = str_cmp(x->command, y->command);
	return order ? order : str_cmp(x->name, y->name);
}

static size_t collect(const struct document *d, const struct rows *rows, struct step *steps)
{
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++) {
		for (size_t k = 0; k < rows->items[i].count; k++) {
			const struct document_finding *f = row_finding(d, rows, i, k);
			const struct package *p = finding_package(d, f);
			struct step s;

			if (!p || f->fix != FIX_AVAILABLE || !is_typable(p->name))
				continue;
			s = (struct step){f->layer, command_of(d, p), p->name};
			/* a partial upgrade is not supported there */
			if (p->type == PACKAGE_ALPM)
				s.name = STR_NULL;
			if (s.command.len)
				steps[count++] = s;
		}
	}
	return count;
}

int upgrades_build(const struct document *d, const struct rows *rows, struct arena *a,
		   struct upgrades *ret, struct err *e)
{
	struct step *steps = arena_alloc_array(a, d->findings.count + 1, sizeof(*steps));
	struct str *names = arena_alloc_array(a, d->findings.count + 1, sizeof(*names));
	struct upgrades u = {0};

	u.items = arena_alloc_array(a, d->findings.count + 1, sizeof(*u.items));
	if (!steps || !names || !u.items)
		return ERR_NOMEM(e);
	u.findings = collect(d, rows, steps);
	qsort(steps, u.findings, sizeof(*steps), compare_steps);
	for (size_t i = 0; i < u.findings; i++) {
		struct upgrade *last = u.count ? &u.items[u.count - 1] : NULL;

		if (!last || last->layer != steps[i].layer ||
		    !str_eq(last->command, steps[i].command)) {
			last = &u.items[u.count++];
			*last = (struct upgrade){.layer = steps[i].layer,
						 .command = steps[i].command,
						 .names = names};
		}
		last->findings++;
		if (!steps[i].name.len || (last->name_count && str_eq(names[-1], steps[i].name)))
			continue;
		*names++ = steps[i].name;
		last->name_count++;
	}
	*ret = u;
	return 0;
}
