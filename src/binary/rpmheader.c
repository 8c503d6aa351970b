/*
 * rpm header blobs, as in package databases: no magic; big-endian numbers throughout.
 *
 *	u32 entries, u32 bytes of data
 *	entries x { u32 tag, u32 type, u32 offset into data, u32 count }
 *	data
 *
 * (rpm, docs/manual/format_header.md.) The first entry of all but very old packages is a region: it
 * points at a trailer of 16 bytes inside the data which says, as a negative number of bytes, how
 *many entries belong to the package as built. Entries behind it (install time, ...) were added when
 *it was installed and replace those of the same tag.
 *
 * Traps: strings have no length, so each must end inside the data; the name may be an array; rpm
 * refuses a header whole if any entry is out of bounds, so do we.
 */
#include "binary/rpmheader.h"

#include "base/cur.h"

enum { ENTRY_SIZE = 16, ENTRIES_MAX = 0xffff };
enum {
	TAG_REGION_FIRST = 61,
	TAG_REGION_LAST = 63,
	TAG_HEADERSIGNATURES = 62,
	TAG_HEADERIMAGE = 61
};
enum type {
	TYPE_NULL,
	TYPE_CHAR,
	TYPE_INT8,
	TYPE_INT16,
	TYPE_INT32,
	TYPE_INT64,
	TYPE_STRING,
	TYPE_BIN,
	TYPE_STRING_ARRAY,
	TYPE_I18NSTRING,
	TYPES
};

/* bytes of one item, also its alignment; 0: strings */
static const uint8_t type_sizes[TYPES] = {
	[TYPE_NULL] = 1,  [TYPE_CHAR] = 1,  [TYPE_INT8] = 1, [TYPE_INT16] = 2,
	[TYPE_INT32] = 4, [TYPE_INT64] = 8, [TYPE_BIN] = 1,
};

struct entry {
	uint32_t tag, type, offset, count;
};

static size_t entry_count(const struct rpm_header *h)
{
	return h->index.len / ENTRY_SIZE;
}

/* i < entry_count(h) */
static struct entry entry_at(const struct rpm_header *h, size_t i)
{
	struct cur c = cur_of(str_sub(h->index, i * ENTRY_SIZE, (i + 1) * ENTRY_SIZE));
	struct entry entry;

	entry.tag = cur_be32(&c);
	entry.type = cur_be32(&c);
	entry.offset = cur_be32(&c);
	entry.count = cur_be32(&c);
	return entry;
}

static bool is_string(uint32_t type)
{
	return type == TYPE_STRING || type == TYPE_STRING_ARRAY || type == TYPE_I18NSTRING;
}

static int check_entry(const struct rpm_header *h, struct entry entry, struct err *e)
{
	size_t size, room;

	if (entry.type >= TYPES)
		return err_set(e, ERR_FORMAT, "rpm header: tag %u has the unknown type %u",
			       entry.tag, entry.type);
	if (entry.count == 0 || (entry.type == TYPE_STRING && entry.count != 1))
		return err_set(e, ERR_FORMAT, "rpm header: tag %u has a count of %u", entry.tag,
			       entry.count);
	if (entry.offset > h->data.len)
		return err_set(e, ERR_FORMAT, "rpm header: tag %u lies outside", entry.tag);
	room = h->data.len - entry.offset;
	size = is_string(entry.type) ? 1 : type_sizes[entry.type];
	if (entry.offset % size)
		return err_set(e, ERR_FORMAT, "rpm header: tag %u is not aligned", entry.tag);
	if (entry.count > room / size)
		return err_set(e, ERR_FORMAT, "rpm header: tag %u has %u items, more than fit",
			       entry.tag, entry.count);
	return 0;
}

/* The region ends behind its trailer and covers the first entries of the index. */
static int open_region(struct rpm_header *h, struct err *e)
{
	struct entry first = entry_at(h, 0);
	struct cur c = cur_of(h->data);
	uint32_t tag, type, back, count;

	h->region_entries = entry_count(h);
	if (first.tag < TAG_REGION_FIRST || first.tag > TAG_REGION_LAST)
		return 0;
	if (first.type != TYPE_BIN || first.count != ENTRY_SIZE)
		return err_set(e, ERR_FORMAT, "rpm header: its region is malformed");
	/* an old way to write a region without trailer: everything belongs to it */
	if (first.offset == 0)
		return 0;
	cur_seek(&c, first.offset);
	tag = cur_be32(&c);
	type = cur_be32(&c);
	back = -cur_be32(&c);
	count = cur_be32(&c);
	/* rpm wrote the trailer of early signature regions with the tag of the image */
	if (tag == TAG_HEADERIMAGE && first.tag == TAG_HEADERSIGNATURES)
		tag = first.tag;
	if (c.bad || tag != first.tag || type != TYPE_BIN || count != ENTRY_SIZE)
		return err_set(e, ERR_FORMAT, "rpm header: the trailer of its region is malformed");
	if (back == 0 || back % ENTRY_SIZE || back / ENTRY_SIZE > entry_count(h))
		return err_set(e, ERR_FORMAT, "rpm header: its region covers %u bytes of %zu", back,
			       h->index.len);
	h->region_entries = back / ENTRY_SIZE;
	return 0;
}

int rpm_header_open(struct str blob, struct rpm_header *ret, struct err *e)
{
	struct cur c = cur_of(blob);
	uint64_t entries = cur_be32(&c), bytes = cur_be32(&c);
	struct rpm_header h = {0};

	if (blob.len > RPM_HEADER_MAX)
		return err_set(e, ERR_LIMIT, "rpm header: %zu bytes, over the limit of %d",
			       blob.len, RPM_HEADER_MAX);
	if (c.bad)
		return err_set(e, ERR_TRUNCATED, "rpm header: cut short");
	if (entries == 0 || entries > ENTRIES_MAX)
		return err_set(e, ERR_FORMAT, "rpm header: %u index entries", (unsigned)entries);
	if (8 + entries * ENTRY_SIZE + bytes != blob.len)
		return err_set(e, ERR_FORMAT, "rpm header: %zu bytes where its counts say %llu",
			       blob.len, (unsigned long long)(8 + entries * ENTRY_SIZE + bytes));
	h.index = cur_take(&c, entries * ENTRY_SIZE);
	h.data = cur_take(&c, bytes);
	for (size_t i = 0; i < entries; i++)
		if (check_entry(&h, entry_at(&h, i), e) < 0)
			return -1;
	if (open_region(&h, e) < 0)
		return -1;
	*ret = h;
	return 0;
}

static bool find_entry(const struct rpm_header *h, uint32_t tag, struct entry *ret)
{
	for (size_t i = entry_count(h); i-- > 0;) {
		struct entry entry = entry_at(h, i);

		if (entry.tag == tag) {
			*ret = entry;
			return true;
		}
	}
	return false;
}

/* Takes one string and its NUL off *rest. */
static int take_string(struct str *rest, uint32_t tag, struct str *ret, struct err *e)
{
	ptrdiff_t end = str_find_char(*rest, '\0');

	if (end < 0)
		return err_set(e, ERR_FORMAT, "rpm header: a string of tag %u does not end", tag);
	*ret = str_to(*rest, (size_t)end);
	*rest = str_from(*rest, (size_t)end + 1);
	return 0;
}

static int entry_string(const struct rpm_header *h, struct entry entry, struct str *ret,
			struct err *e)
{
	struct str rest = str_from(h->data, entry.offset);

	if (!is_string(entry.type))
		return err_set(e, ERR_FORMAT, "rpm header: tag %u is not a string", entry.tag);
	return take_string(&rest, entry.tag, ret, e);
}

static int entry_number(const struct rpm_header *h, struct entry entry, uint64_t *ret,
			struct err *e)
{
	struct cur c = cur_of(str_from(h->data, entry.offset));

	if (entry.type < TYPE_CHAR || entry.type > TYPE_INT64)
		return err_set(e, ERR_FORMAT, "rpm header: tag %u is not a number", entry.tag);
	*ret = cur_uint(&c, type_sizes[entry.type], true);
	return 0;
}

int rpm_header_string(const struct rpm_header *h, enum rpm_tag tag, struct str *ret, struct err *e)
{
	struct entry entry;

	if (find_entry(h, tag, &entry))
		return entry_string(h, entry, ret, e);
	*ret = STR_NULL;
	return 0;
}

int rpm_header_number(const struct rpm_header *h, enum rpm_tag tag, bool *ret_found, uint64_t *ret,
		      struct err *e)
{
	struct entry entry;

	*ret_found = find_entry(h, tag, &entry);
	return *ret_found ? entry_number(h, entry, ret, e) : 0;
}

/* --- the package ------------------------------------------------------------------------------ */

enum field {
	FIELD_NAME,
	FIELD_VERSION,
	FIELD_RELEASE,
	FIELD_ARCH,
	FIELD_EPOCH,
	FIELD_IDENTITY_END, /* those above must not be ambiguous */
	FIELD_SOURCERPM = FIELD_IDENTITY_END,
	FIELD_VENDOR,
	FIELD_LICENSE,
	FIELD_MODULE,
	FIELD_INSTALLTIME,
	FIELD_SIZE,
	FIELD_LONGSIZE,
	FIELDS
};

static const struct {
	enum rpm_tag tag;
	bool number;
} fields[FIELDS] = {
	[FIELD_NAME] = {RPM_TAG_NAME, false},
	[FIELD_VERSION] = {RPM_TAG_VERSION, false},
	[FIELD_RELEASE] = {RPM_TAG_RELEASE, false},
	[FIELD_ARCH] = {RPM_TAG_ARCH, false},
	[FIELD_EPOCH] = {RPM_TAG_EPOCH, true},
	[FIELD_SOURCERPM] = {RPM_TAG_SOURCERPM, false},
	[FIELD_VENDOR] = {RPM_TAG_VENDOR, false},
	[FIELD_LICENSE] = {RPM_TAG_LICENSE, false},
	[FIELD_MODULE] = {RPM_TAG_MODULARITYLABEL, false},
	[FIELD_INSTALLTIME] = {RPM_TAG_INSTALLTIME, true},
	[FIELD_SIZE] = {RPM_TAG_SIZE, true},
	[FIELD_LONGSIZE] = {RPM_TAG_LONGSIZE, true},
};

struct value {
	bool found;
	struct str text;
	uint64_t number;
	bool of_region;
};

static enum field find_field(uint32_t tag)
{
	enum field field = 0;

	while (field < FIELDS && fields[field].tag != tag)
		field++;
	return field;
}

static int read_value(const struct rpm_header *h, size_t i, struct entry entry, enum field field,
		      struct value *v, struct err *e)
{
	struct value now = {.found = true, .of_region = i < h->region_entries};
	int result = fields[field].number ? entry_number(h, entry, &now.number, e)
					  : entry_string(h, entry, &now.text, e);

	if (result < 0)
		return -1;
	if (v->found && v->of_region == now.of_region && field < FIELD_IDENTITY_END &&
	    (v->number != now.number || !str_eq(v->text, now.text)))
		return err_set(e, ERR_FORMAT, "rpm header: tag %u stands twice", entry.tag);
	*v = now;
	return 0;
}

int rpm_header_package(const struct rpm_header *h, struct rpm_package *ret, struct err *e)
{
	struct value v[FIELDS] = {0};

	for (size_t i = 0; i < entry_count(h); i++) {
		struct entry entry = entry_at(h, i);
		enum field field = find_field(entry.tag);

		if (field < FIELDS && read_value(h, i, entry, field, &v[field], e) < 0)
			return -1;
	}
	if (!v[FIELD_NAME].text.len || !v[FIELD_VERSION].text.len)
		return err_set(e, ERR_FORMAT, "rpm header: no package name or version");
	/* rpm writes these words into the header of a key */
	if (str_is(v[FIELD_SOURCERPM].text, "(none)"))
		v[FIELD_SOURCERPM].text = STR_NULL;
	*ret = (struct rpm_package){
		.name = v[FIELD_NAME].text,
		.version = v[FIELD_VERSION].text,
		.release = v[FIELD_RELEASE].text,
		.arch = v[FIELD_ARCH].text,
		.source_rpm = v[FIELD_SOURCERPM].text,
		.vendor = v[FIELD_VENDOR].text,
		.license = v[FIELD_LICENSE].text,
		.module = v[FIELD_MODULE].text,
		.has_epoch = v[FIELD_EPOCH].found,
		.epoch = (uint32_t)v[FIELD_EPOCH].number,
		.install_time = v[FIELD_INSTALLTIME].number,
		.size = v[FIELD_LONGSIZE].found ? v[FIELD_LONGSIZE].number : v[FIELD_SIZE].number,
	};
	return 0;
}

/* --- files ------------------------------------------------------------------------------------ */

static bool find_typed(const struct rpm_header *h, enum rpm_tag tag, enum type type,
		       struct entry *ret)
{
	return find_entry(h, tag, ret) && ret->type == type;
}

static struct str entry_numbers(const struct rpm_header *h, struct entry entry)
{
	return str_to(str_from(h->data, entry.offset), (size_t)entry.count * 4);
}

static uint32_t take_u32(struct str *s)
{
	struct cur c = cur_of(*s);
	uint32_t value = cur_be32(&c);

	*s = str_from(*s, 4);
	return value;
}

static int open_dirs(const struct rpm_header *h, struct arena *a, struct rpm_files *f,
		     struct err *e)
{
	struct entry names, indexes;
	struct str rest, name;

	if (!find_typed(h, RPM_TAG_DIRNAMES, TYPE_STRING_ARRAY, &names) ||
	    !find_typed(h, RPM_TAG_DIRINDEXES, TYPE_INT32, &indexes) || indexes.count != f->left)
		return err_set(e, ERR_FORMAT, "rpm header: its file list lacks folders");
	f->indexes = entry_numbers(h, indexes);
	f->dirs = rest = str_from(h->data, names.offset);
	f->dir_starts = arena_alloc_array(a, (size_t)names.count + 1, sizeof(*f->dir_starts));
	if (!f->dir_starts)
		return ERR_NOMEM(e);
	for (f->dir_count = 0; f->dir_count < names.count; f->dir_count++) {
		if (take_string(&rest, names.tag, &name, e) < 0)
			return -1;
		f->dir_starts[f->dir_count + 1] = (uint32_t)(f->dirs.len - rest.len);
	}
	return 0;
}

int rpm_files_open(const struct rpm_header *h, struct arena *a, struct rpm_files *ret,
		   struct err *e)
{
	struct rpm_files f = {0};
	struct entry bases, flags;
	bool old = !find_entry(h, RPM_TAG_BASENAMES, &bases);

	if (old && !find_entry(h, RPM_TAG_OLDFILENAMES, &bases)) {
		*ret = f;
		return 0;
	}
	if (bases.type != TYPE_STRING_ARRAY)
		return err_set(e, ERR_FORMAT, "rpm header: its file list is not a list");
	f.bases = str_from(h->data, bases.offset);
	f.left = bases.count;
	if (!old && open_dirs(h, a, &f, e) < 0)
		return -1;
	if (find_typed(h, RPM_TAG_FILEFLAGS, TYPE_INT32, &flags) && flags.count == f.left)
		f.flags = entry_numbers(h, flags);
	*ret = f;
	return 0;
}

int rpm_files_next(struct rpm_files *f, struct rpm_file *ret, struct err *e)
{
	struct rpm_file file = {0};

	if (f->left == 0)
		return 0;
	if (take_string(&f->bases, RPM_TAG_BASENAMES, &file.base, e) < 0)
		return -1;
	if (f->dir_starts) {
		uint32_t index = take_u32(&f->indexes);

		if (index >= f->dir_count)
			return err_set(e, ERR_FORMAT, "rpm header: a file is in folder %u of %u",
				       index, f->dir_count);
		file.dir = str_sub(f->dirs, f->dir_starts[index], f->dir_starts[index + 1] - 1);
	}
	if (f->flags.data)
		file.flags = take_u32(&f->flags);
	f->left--;
	*ret = file;
	return 1;
}
