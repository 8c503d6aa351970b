/*
 * pacman's database: a folder var/lib/pacman/local/NAME-VERSION a package, its `desc` in sections
 * (libalpm 13, be_local.c):
 *
 *	%NAME%
 *	gawk
 *	(empty line)
 *
 * pacman takes name and version from the folder and refuses a desc that says another; scanners read
 * the desc alone. So a difference, or a second %NAME% or %VERSION%, is a gap.
 */
#include "inspect/inspector.h"

enum { DESC_MAX = 4 << 20, LICENSES_MAX = 64 };

enum section {
	SECTION_NAME,
	SECTION_VERSION,
	SECTION_BASE,
	SECTION_ARCH,
	SECTION_LICENSE,
	SECTIONS
};

static const char *const sections[SECTIONS] = {"%NAME%", "%VERSION%", "%BASE%", "%ARCH%",
					       "%LICENSE%"};

struct desc {
	const struct inspection *in;
	struct str values[SECTIONS]; /* the first line of each */
	struct str licenses[LICENSES_MAX];
	size_t license_count;
	uint32_t name_line;
	bool damaged;
};

static void tell(struct desc *d, enum diag_code code, uint32_t line, const char *what)
{
	inspection_note(d->in, code, -1, "line %u: %s", line, what);
	if (code == DIAG_package_db_malformed)
		d->damaged = true;
}

static enum section find_section(struct str line)
{
	enum section i = 0;

	while (i < SECTIONS && !str_is(line, sections[i]))
		i++;
	return i;
}

static void take_value(struct desc *d, enum section section, struct str value, uint32_t line)
{
	if (section == SECTION_LICENSE) {
		if (d->license_count < LICENSES_MAX)
			d->licenses[d->license_count++] = value;
		return;
	}
	if (d->values[section].data && !str_eq(d->values[section], value))
		tell(d, DIAG_package_db_malformed, line, "a section has two values");
	d->values[section] = value;
	if (section == SECTION_NAME)
		d->name_line = line;
}

static void read_sections(struct desc *d, struct str text)
{
	enum section section = SECTIONS;
	bool open = false;
	struct str line;

	for (uint32_t number = 1; str_next_line(&text, &line); number++) {
		if (line.len == 0) {
			open = false;
		} else if (!open) {
			section = find_section(line);
			open = true;
			if (line.data[0] != '%')
				tell(d, DIAG_package_incomplete, number,
				     "not the name of a section");
		} else if (section < SECTIONS) {
			take_value(d, section, line, number);
		}
	}
}

/* The folder of ".../NAME-VERSION/desc". */
static struct str folder_of(struct str path)
{
	struct str folder = str_to(path, (size_t)(str_find_last_char(path, '/') + 1));

	if (folder.len)
		folder = str_to(folder, folder.len - 1);
	return str_from(folder, (size_t)(str_find_last_char(folder, '/') + 1));
}

static bool folder_agrees(struct str folder, const struct package *p)
{
	return str_skip(&folder, p->name) && str_skip(&folder, STR("-")) &&
	       str_eq(folder, p->version);
}

static int add_package(struct desc *d, struct facts *out, struct err *e)
{
	struct str base = d->values[SECTION_BASE];
	struct package_list list = {.arena = d->in->scratch};
	struct package p = {
		.type = PACKAGE_ALPM,
		.name = d->values[SECTION_NAME],
		.version = d->values[SECTION_VERSION],
		.arch = d->values[SECTION_ARCH],
		.source_name = base.len ? base : d->values[SECTION_NAME],
		.source_version = d->values[SECTION_VERSION],
		.licenses = d->licenses,
		.license_count = d->license_count,
		.location.line = d->name_line,
		.layer = -1,
		.origin = ORIGIN_PACKAGE_MANAGER,
	};

	if (p.name.len == 0 || p.version.len == 0)
		tell(d, DIAG_package_db_malformed, 1, "neither name nor version, or one of them");
	else if (!folder_agrees(folder_of(d->in->path), &p))
		tell(d, DIAG_package_db_malformed, d->name_line,
		     "the folder is that of another package");
	if (p.name.len && p.version.len && package_list_add(&list, out, &p) < 0)
		return ERR_NOMEM(e);
	return package_list_end(&list, d->in, out, d->damaged) < 0 ? ERR_NOMEM(e) : 0;
}

static int inspect(struct inspection *in, struct facts *out, struct err *e)
{
	struct desc d = {.in = in};

	read_sections(&d, in->bytes);
	return add_package(&d, out, e);
}

static const char *const globs[] = {"var/lib/pacman/local/*/desc", NULL};

const struct inspector inspector_pacman = {
	.name = "pacman",
	.version = 1,
	.globs = globs,
	.need = NEED_WHOLE,
	.max = DESC_MAX,
	.database = true,
	.inspect = inspect,
};
