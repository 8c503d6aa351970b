/*
 * Which distribution the image is. os-release(5) decides: /etc before /usr/lib. Older releases and
 * trimmed images have only files of their own form; the names of the derived come before those of
 * what they are derived from, for these ship both.
 */
#include "inventory/resolution.h"

#include "inventory/release_text.h"

extern const struct inspector inspector_distro;

/* In the order in which they are asked. */
static const struct {
	const char *path;
	void (*parse)(struct str text, struct arena *a, struct distro *d);
} files[] = {
	{"etc/os-release", parse_os_release},
	{"usr/lib/os-release", parse_os_release},
	{"etc/lsb-release", parse_lsb_release},
	{"etc/alpine-release", parse_alpine_release},
	{"etc/oracle-release", parse_red_hat_release},
	{"etc/rocky-release", parse_red_hat_release},
	{"etc/almalinux-release", parse_red_hat_release},
	{"etc/fedora-release", parse_red_hat_release},
	{"etc/centos-release", parse_red_hat_release},
	{"etc/redhat-release", parse_red_hat_release},
	{"etc/system-release", parse_red_hat_release},
	{"etc/SuSE-release", parse_suse_release},
	{"etc/arch-release", parse_arch_release},
	{"etc/debian_version", parse_debian_version},
};
enum { OS_RELEASES = 2, FILES = sizeof(files) / sizeof(*files) };

/* That file as the image has it; NULL. */
static const struct database_file *find_file(struct resolution *r, const char *path)
{
	size_t count;
	const struct database_file *all = inventory_databases(r->inv, &inspector_distro, &count);

	for (size_t i = 0; i < count; i++)
		if (str_is(all[i].path, path) && all[i].last == r->layers - 1)
			return &all[i];
	return NULL;
}

static struct distro read_file(struct resolution *r, size_t i, const struct database_file *file)
{
	struct distro d = {.path = str_of(files[i].path)};

	if (facts_find_blob(file->facts, &inspector_distro, file->entry))
		files[i].parse(resolution_blob(file, &inspector_distro), r->arena, &d);
	return d;
}

/* Both os-release files, neither a link to the other, and another release in each. */
static void compare_both(struct resolution *r)
{
	const struct database_file *etc = find_file(r, files[0].path);
	const struct database_file *usr = find_file(r, files[1].path);
	struct distro a, b;

	if (!etc || !usr || (etc->facts == usr->facts && etc->entry == usr->entry))
		return;
	a = read_file(r, 0, etc);
	b = read_file(r, 1, usr);
	if (str_eq(a.id, b.id) && str_eq(a.version_id, b.version_id))
		return;
	diag_add(r->diags, DIAG_distro_ambiguous, (struct diag_place){etc->layer, etc->path, -1},
		 "it names %.*s %.*s, usr/lib/os-release %.*s %.*s; the former counts",
		 STR_ARG(a.id), STR_ARG(a.version_id), STR_ARG(b.id), STR_ARG(b.version_id));
}

static int resolve(struct resolution *r, struct err *e)
{
	(void)e;
	compare_both(r);
	for (size_t i = 0; i < FILES; i++) {
		const struct database_file *file = find_file(r, files[i].path);
		struct distro d;

		if (!file)
			continue;
		d = read_file(r, i, file);
		if (d.id.len == 0)
			continue;
		resolution_set_distro(r, &d);
		return 0;
	}
	diag_add(r->diags, DIAG_distro_unknown, DIAG_NOWHERE,
		 "no file of the image names a distribution");
	return 0;
}

const struct resolver resolver_distro = {.name = "distro", .resolve = resolve};
