/*
 * Both files are the output of `rpm -qa`, one package a line:
 *
 *	container-manifest-1	NAME-VERSION-RELEASE.ARCH
 *	container-manifest-2	ten columns between tabs: NAME, VERSION-RELEASE, INSTALLTIME,
 *BUILDTIME, VENDOR, EPOCH, SIZE, ARCH, EPOCHNUM, SOURCERPM; "(none)" where rpm has no value
 *
 * A line with a tab is of the second form, whatever the file is called.
 */
#include "binary/rpmmanifest.h"

enum column {
	COLUMN_NAME,
	COLUMN_EVR,
	COLUMN_INSTALLTIME,
	COLUMN_BUILDTIME,
	COLUMN_VENDOR,
	COLUMN_EPOCH,
	COLUMN_SIZE,
	COLUMN_ARCH,
	COLUMN_EPOCHNUM,
	COLUMN_SOURCERPM,
	COLUMNS
};

/* The part behind the last `separator`, taken off *s. */
static bool take_last(struct str *s, char separator, struct str *ret)
{
	ptrdiff_t at = str_find_last_char(*s, separator);

	if (at < 0)
		return false;
	*ret = str_from(*s, (size_t)at + 1);
	*s = str_to(*s, (size_t)at);
	return true;
}

static bool read_plain(struct str line, struct rpm_package *p)
{
	struct str rest = line;

	/* keys have no architecture, and a dot before the release's dash is the version's */
	if (take_last(&rest, '.', &p->arch) && str_find_char(p->arch, '-') < 0)
		line = rest;
	else
		p->arch = STR_NULL;
	if (str_is(p->arch, "(none)"))
		p->arch = STR_NULL;
	if (!take_last(&line, '-', &p->release) || !take_last(&line, '-', &p->version))
		return false;
	p->name = line;
	return p->name.len && p->version.len && p->release.len;
}

static bool read_number(struct str s, uint64_t *ret)
{
	return s.len == 0 || str_parse_u64(s, ret);
}

static bool read_columns(struct str line, struct rpm_package *p)
{
	struct str columns[COLUMNS] = {0}, column, evr;
	uint64_t epoch = 0;
	size_t count = 0;

	while (str_next(&line, '\t', &column)) {
		if (count == COLUMNS)
			return false;
		columns[count++] = str_is(column, "(none)") ? STR_NULL : column;
	}
	if (count != COLUMNS || !read_number(columns[COLUMN_EPOCHNUM], &epoch) ||
	    epoch > UINT32_MAX || !read_number(columns[COLUMN_INSTALLTIME], &p->install_time) ||
	    !read_number(columns[COLUMN_SIZE], &p->size))
		return false;
	evr = columns[COLUMN_EVR];
	if (!take_last(&evr, '-', &p->release))
		return false;
	p->name = columns[COLUMN_NAME];
	p->version = evr;
	p->vendor = columns[COLUMN_VENDOR];
	p->arch = columns[COLUMN_ARCH];
	p->source_rpm = columns[COLUMN_SOURCERPM];
	p->has_epoch = columns[COLUMN_EPOCHNUM].len > 0;
	p->epoch = (uint32_t)epoch;
	return p->name.len && p->version.len && p->release.len;
}

int rpm_manifest_read(struct str text, const struct rpm_manifest_visitor *visitor,
		      struct diags *diags, struct diag_place place, struct err *e)
{
	const char *start = text.data;
	struct str line;

	for (uint32_t number = 1; str_next_line(&text, &line); number++) {
		struct rpm_package p = {0};

		if (line.len == 0)
			continue;
		if (str_find_char(line, '\t') >= 0 ? read_columns(line, &p)
						   : read_plain(line, &p)) {
			if (visitor->package(visitor->context, &p, number, e) < 0)
				return -1;
			continue;
		}
		place.offset = line.data - start;
		diag_add(diags, DIAG_package_db_malformed, place,
			 "line %u of an rpm manifest is no package", number);
	}
	return 0;
}
