/*
 * The places where findings leave bytes behind, and the form in which an image tells of them.
 */
#include "dockerfile/waste.h"

#include "base/cur.h"
#include "dockerfile/rules/archive.h"
#include "dockerfile/waste_match.h"

const struct waste_row waste_rows[] = {
#define WASTE(code, place) {code, place},
#include "dockerfile/waste.def"
#undef WASTE
};

enum { ROWS = sizeof(waste_rows) / sizeof(waste_rows[0]) };
_Static_assert((int)ROWS <= (int)WASTE_PLACES_MAX, "waste.def has more rows than there are bits");

size_t waste_row_count(void)
{
	return ROWS;
}

/* One component against one of a place. */
static bool is_component(struct str pattern, struct str name)
{
	ptrdiff_t star = str_find_char(pattern, '*');

	if (star < 0)
		return str_eq(pattern, name);
	return name.len + 1 >= pattern.len && str_starts(name, str_to(pattern, (size_t)star)) &&
	       str_ends(name, str_from(pattern, (size_t)star + 1));
}

/* The components of `place` stand at the start of the path, and something behind them. */
static bool is_below(struct str place, struct str path, size_t *ret_len)
{
	size_t whole = path.len;
	struct str want, have;

	while (str_next(&place, '/', &want)) {
		if (!want.len)
			break;
		if (!str_next(&path, '/', &have) || !is_component(want, have) || !path.len)
			return false;
	}
	*ret_len = whole - path.len - 1;
	return true;
}

static bool is_below_anywhere(struct str place, struct str path, size_t *ret_len)
{
	ptrdiff_t slash;
	size_t at = 0, len;

	do {
		struct str rest = str_from(path, at);

		if (rest.len && rest.data[0] == place.data[0] && is_below(place, rest, &len)) {
			*ret_len = at + len;
			return true;
		}
		slash = str_find_char(rest, '/');
		at += (size_t)slash + 1;
	} while (slash >= 0);
	return false;
}

static bool is_signature_name(struct str name)
{
	return str_ends(name, STR(".asc")) || str_ends(name, STR(".sig")) ||
	       str_ends(name, STR(".sign"));
}

/* Compressed pages of manuals and the like, of which there are thousands, are nobody's waste. */
static bool is_manual(struct str path)
{
	static const char *const folders[] = {"usr/share/doc/",		 "usr/share/info/",
					      "usr/share/locale/",	 "usr/share/man/",
					      "usr/share/consolefonts/", "usr/share/keymaps/"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		if (str_starts(path, str_of(folders[i])))
			return true;
	}
	return false;
}

bool waste_row_names(const struct waste_row *row, struct str name)
{
	if (strcmp(row->place, ":archive") == 0)
		return is_archive_name(name) || str_ends(name, STR(".zip"));
	return strcmp(row->place, ":signature") == 0 && is_signature_name(name);
}

static bool is_at(const struct waste_row *row, struct str path, size_t *ret_folder)
{
	const char *place = row->place;

	*ret_folder = SIZE_MAX;
	if (place[0] == ':')
		return waste_row_names(row, path) && !is_manual(path);
	if (place[0] == '/')
		return is_below(str_of(place + 1), path, ret_folder);
	return is_below_anywhere(str_of(place), path, ret_folder);
}

uint64_t waste_places(struct str path, size_t *ret_folder)
{
	uint64_t places = 0;
	size_t folder;

	*ret_folder = SIZE_MAX;
	for (size_t i = 0; i < ROWS; i++) {
		if (!is_at(&waste_rows[i], path, &folder))
			continue;
		places |= UINT64_C(1) << i;
		if (*ret_folder == SIZE_MAX)
			*ret_folder = folder;
	}
	return places;
}

uint64_t waste_named_places(void)
{
	uint64_t places = 0;

	for (size_t i = 0; i < ROWS; i++) {
		if (waste_rows[i].place[0] == ':')
			places |= UINT64_C(1) << i;
	}
	return places;
}

/* --- as bytes --- */

enum { WASTE_MAGIC = 0x33747377, LAYER_BYTES = 29, GROUP_BYTES = 28, PACKAGE_BYTES = 28 };

static void write_str(struct str s, struct buf *out)
{
	buf_add_u32(out, (uint32_t)s.len);
	buf_add(out, s);
}

void waste_image_write(const struct waste_image *image, struct buf *out)
{
	buf_add_u32(out, WASTE_MAGIC);
	buf_add_u32(out, image->layer_count);
	for (uint32_t i = 0; i < image->layer_count; i++) {
		const struct waste_layer *l = &image->layers[i];

		write_str(l->created_by, out);
		buf_add_char(out, (char)(l->missing | l->complete << 1 | l->packages_unknown << 2));
		buf_add_u64(out, l->bytes);
		buf_add_u64(out, l->files);
		buf_add_u32(out, l->group_count);
		for (uint32_t n = 0; n < l->group_count; n++) {
			const struct waste_group *g = &l->groups[n];

			buf_add_u64(out, g->places);
			buf_add_u64(out, g->bytes);
			buf_add_u64(out, g->files);
			write_str(g->path, out);
		}
		buf_add_u32(out, l->package_count);
		for (uint32_t n = 0; n < l->package_count; n++) {
			const struct waste_package *k = &l->packages[n];

			write_str(k->name, out);
			write_str(k->depends, out);
			write_str(k->pre_depends, out);
			write_str(k->recommends, out);
			write_str(k->provides, out);
			buf_add_u64(out, k->bytes);
		}
	}
}

static int read_groups(struct cur *c, struct arena *arena, struct waste_layer *l, struct err *e)
{
	uint32_t count = cur_le32(c);
	struct waste_group *groups;

	if (c->bad || count > cur_left(c) / GROUP_BYTES)
		return err_set(e, ERR_FORMAT, "what the image holds is cut short");
	groups = arena_alloc_array(arena, count, sizeof(*groups));
	if (!groups)
		return ERR_NOMEM(e);
	for (uint32_t n = 0; n < count; n++) {
		struct waste_group *g = &groups[n];

		g->places = cur_le64(c);
		g->bytes = cur_le64(c);
		g->files = cur_le64(c);
		g->path = arena_str(arena, cur_take(c, cur_le32(c)));
		if (!g->path.data)
			return ERR_NOMEM(e);
	}
	l->groups = groups;
	l->group_count = count;
	return 0;
}

static struct str read_str(struct cur *c, struct arena *arena)
{
	return arena_str(arena, cur_take(c, cur_le32(c)));
}

static int read_packages(struct cur *c, struct arena *arena, struct waste_layer *l, struct err *e)
{
	uint32_t count = cur_le32(c);
	struct waste_package *packages;

	if (c->bad || count > cur_left(c) / PACKAGE_BYTES)
		return err_set(e, ERR_FORMAT, "what the image holds is cut short");
	packages = arena_alloc_array(arena, count, sizeof(*packages));
	if (!packages)
		return ERR_NOMEM(e);
	for (uint32_t n = 0; n < count; n++) {
		struct waste_package *k = &packages[n];

		k->name = read_str(c, arena);
		k->depends = read_str(c, arena);
		k->pre_depends = read_str(c, arena);
		k->recommends = read_str(c, arena);
		k->provides = read_str(c, arena);
		k->bytes = cur_le64(c);
		if (!k->name.data || !k->depends.data || !k->pre_depends.data ||
		    !k->recommends.data || !k->provides.data)
			return ERR_NOMEM(e);
	}
	l->packages = packages;
	l->package_count = count;
	return 0;
}

int waste_image_read(struct str bytes, struct arena *arena, struct waste_image *ret, struct err *e)
{
	struct cur c = cur_of(bytes);
	bool known = cur_le32(&c) == WASTE_MAGIC;
	uint32_t count = cur_le32(&c);
	struct waste_layer *layers;

	if (c.bad || !known || count > cur_left(&c) / LAYER_BYTES || count > WASTE_LAYERS_MAX)
		return err_set(e, ERR_FORMAT, "what the image holds cannot be read");
	layers = arena_alloc_array(arena, count, sizeof(*layers));
	if (!layers)
		return ERR_NOMEM(e);
	for (uint32_t i = 0; i < count; i++) {
		struct waste_layer *l = &layers[i];
		uint8_t flags;

		l->created_by = waste_squeeze(arena, cur_take(&c, cur_le32(&c)));
		if (str_ends(l->created_by, STR("# buildkit")))
			l->created_by = str_trim(str_to(l->created_by, l->created_by.len - 10));
		flags = cur_u8(&c);
		l->missing = flags & 1;
		l->complete = flags & 2;
		l->packages_unknown = flags & 4;
		l->bytes = cur_le64(&c);
		l->files = cur_le64(&c);
		if (!l->created_by.data)
			return ERR_NOMEM(e);
		if (read_groups(&c, arena, l, e) < 0 || read_packages(&c, arena, l, e) < 0)
			return -1;
	}
	if (c.bad)
		return err_set(e, ERR_FORMAT, "what the image holds is cut short");
	*ret = (struct waste_image){layers, count};
	return 0;
}

void waste_bytes(uint64_t bytes, struct buf *out)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB", "PB"};
	size_t unit = 0;
	uint64_t tenths = bytes / 100 + (bytes % 100 >= 50);

	if (bytes < 1000) {
		buf_printf(out, "%llu B", (unsigned long long)bytes);
		return;
	}
	while (tenths >= 10000 && unit + 1 < sizeof(units) / sizeof(*units)) {
		tenths = tenths / 1000 + (tenths % 1000 >= 500);
		unit++;
	}
	buf_printf(out, "%llu.%llu %s", (unsigned long long)(tenths / 10),
		   (unsigned long long)(tenths % 10), units[unit]);
}
