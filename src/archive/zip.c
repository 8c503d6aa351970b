/* The walk over a zip's directory (APPNOTE 4.3.12, 4.4, 4.5.3). */
#include "archive/zip_parts.h"

#include <sys/stat.h>

enum { MADE_ON_UNIX = 3, EXTRA_ZIP64 = 1 };

const struct zip_options zip_options_default = {
	.layer = -1,
	.entries_max = 2000000,
	.name_max = 4096,
	.ratio = 200,
	.grace = 1 << 30,
};

static int64_t memory_read_at(void *context, uint64_t offset, void *buf, size_t len, struct err *e)
{
	const struct str *data = context;
	struct str part =
		offset < data->len ? str_to(str_from(*data, (size_t)offset), len) : STR_NULL;

	(void)e;
	if (part.len)
		memcpy(buf, part.data, part.len);
	return (int64_t)part.len;
}

struct zip_source zip_source_memory(const struct str *data)
{
	return (struct zip_source){memory_read_at, (void *)(uintptr_t)data, data->len};
}

static int64_t stream_read_at(void *context, uint64_t offset, void *buf, size_t len, struct err *e)
{
	struct stream *s = context;

	return s->ops->read_at(s, offset, buf, len, e);
}

struct zip_source zip_source_stream(struct stream *s, uint64_t size)
{
	return (struct zip_source){stream_read_at, s, size};
}

static struct zip *zip_new(const struct zip_source *source, const struct zip_options *options,
			   struct err *e)
{
	struct zip *z;

	if (budget_charge(options->budget, sizeof(*z) + ZIP_WINDOW) < 0) {
		ERR_NOMEM(e);
		return NULL;
	}
	z = mem_zero(1, sizeof(*z));
	if (z)
		z->window = mem_alloc(ZIP_WINDOW);
	if (!z || !z->window) {
		mem_free(z);
		budget_release(options->budget, sizeof(*z) + ZIP_WINDOW);
		ERR_NOMEM(e);
		return NULL;
	}
	z->source = *source;
	z->options = *options;
	buf_init(&z->packed, options->budget, 0);
	return z;
}

struct zip *zip_open(const struct zip_source *source, const struct zip_options *options,
		     struct err *e)
{
	struct zip *z = zip_new(source, options, e);

	if (!z)
		return NULL;
	if (zip_find_directory(z, e) < 0) {
		zip_close(z);
		return NULL;
	}
	if (z->count > options->entries_max) {
		err_set(e, ERR_LIMIT, "zip: more than %llu entries",
			(unsigned long long)options->entries_max);
		zip_close(z);
		return NULL;
	}
	return z;
}

void zip_close(struct zip *z)
{
	if (!z)
		return;
	inflater_free(z->inflater);
	buf_done(&z->packed);
	mem_free(z->window);
	budget_release(z->options.budget, sizeof(*z) + ZIP_WINDOW);
	mem_free(z);
}

uint64_t zip_count(const struct zip *z)
{
	return z->count;
}

uint64_t zip_prefix(const struct zip *z)
{
	return z->base;
}

void zip_rewind(struct zip *z)
{
	z->at = 0;
	z->index = 0;
}

/* At least `need` bytes of the directory from z->at on in the window, or what there is. */
static int fill_window(struct zip *z, size_t need, struct str *ret, struct err *e)
{
	uint64_t left = z->directory_size - z->at, len;

	if (need > left)
		need = (size_t)left;
	if (z->at < z->window_at || z->at + need > z->window_at + z->window_len) {
		len = left < ZIP_WINDOW ? left : ZIP_WINDOW;
		z->window_len = 0;
		if (zip_read_exactly(z, z->directory + z->at, z->window, (size_t)len, e) < 0)
			return err_wrap(e, "directory");
		z->window_at = z->at;
		z->window_len = (size_t)len;
	}
	*ret = str_from(str_make(z->window, z->window_len), (size_t)(z->at - z->window_at));
	return 0;
}

static int bad_directory(const struct zip *z, struct err *e)
{
	return err_set(e, ERR_FORMAT, "zip: entry %llu of the directory is invalid",
		       (unsigned long long)z->index);
}

/* Fields of 0xffffffff stand in the zip64 extra field instead, in this order. */
static bool read_zip64(struct str extra, struct zip_entry *entry)
{
	struct cur c = cur_of(extra);

	while (cur_left(&c) >= 4) {
		unsigned id = cur_le16(&c);
		struct cur body = cur_of(cur_take(&c, cur_le16(&c)));

		if (c.bad)
			break;
		if (id != EXTRA_ZIP64)
			continue;
		if (entry->size == UINT32_MAX)
			entry->size = cur_le64(&body);
		if (entry->packed == UINT32_MAX)
			entry->packed = cur_le64(&body);
		if (entry->offset == UINT32_MAX)
			entry->offset = cur_le64(&body);
		return !body.bad;
	}
	/* without the field the values are meant as they are */
	return true;
}

static void set_unix_mode(struct zip_entry *entry, unsigned made_by, uint32_t attributes)
{
	unsigned mode = attributes >> 16;

	if (made_by >> 8 != MADE_ON_UNIX)
		return;
	entry->mode = mode & 07777;
	entry->symlink = S_ISLNK(mode);
}

/*
 * MS-DOS: seven bits of years since 1980, month, day; hours, minutes, double seconds. By
 * arithmetic: there are half a million of them.
 */
static int64_t dos_time(unsigned time, unsigned date)
{
	static const unsigned short before[] = {0,   31,  59,  90,  120, 151,
						181, 212, 243, 273, 304, 334};
	unsigned years = date >> 9, month = date >> 5 & 15, day = date & 31;
	int64_t days;

	if (month < 1 || month > 12 || day < 1)
		return 0;
	/* 1980 to 2107: every fourth year is a leap year, but for 2100 */
	days = 3652 + years * 365 + (years + 3) / 4 + before[month - 1] + day - 1;
	days += years % 4 == 0 && month > 2;
	if (years > 120 || (years == 120 && month > 2))
		days--;
	return days * 86400 + (int64_t)(time >> 11) * 3600 + (time >> 5 & 63) * 60 +
	       (time & 31) * 2;
}

/* One entry off the front of `data`; gives its length, 0 when it is invalid. */
static size_t parse_entry(const struct zip *z, struct str data, struct zip_entry *ret)
{
	struct zip_entry entry = {.index = z->index};
	struct cur c = cur_of(data);
	size_t name_len, extra_len, comment_len;
	unsigned made_by, time;
	struct str extra;

	if (!str_eq(cur_take(&c, 4), STR("PK\1\2")))
		return 0;
	made_by = cur_le16(&c);
	cur_skip(&c, 2);
	entry.flags = cur_le16(&c);
	entry.method = cur_le16(&c);
	time = cur_le16(&c);
	entry.time = dos_time(time, cur_le16(&c));
	entry.crc = cur_le32(&c);
	entry.packed = cur_le32(&c);
	entry.size = cur_le32(&c);
	name_len = cur_le16(&c);
	extra_len = cur_le16(&c);
	comment_len = cur_le16(&c);
	cur_skip(&c, 4);
	set_unix_mode(&entry, made_by, cur_le32(&c));
	entry.offset = cur_le32(&c);
	entry.name = cur_take(&c, name_len);
	extra = cur_take(&c, extra_len);
	cur_skip(&c, comment_len);
	if (c.bad || !read_zip64(extra, &entry) ||
	    __builtin_add_overflow(entry.offset, z->base, &entry.offset))
		return 0;
	entry.folder = str_ends(entry.name, STR("/"));
	entry.encrypted = entry.flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED);
	entry.utf8 = entry.flags & FLAG_UTF8;
	*ret = entry;
	return c.at;
}

static int end_of_directory(const struct zip *z, struct err *e)
{
	if (z->index == z->count || (z->count_is_16 && (z->index & 0xffff) == z->count))
		return 0;
	return err_set(e, ERR_FORMAT, "zip: the directory has %llu entries and says %llu",
		       (unsigned long long)z->index, (unsigned long long)z->count);
}

int zip_next(struct zip *z, struct zip_entry *ret, struct err *e)
{
	struct zip_entry entry;
	struct str data;
	size_t len;

	if (z->at == z->directory_size)
		return end_of_directory(z, e);
	if (z->index == z->options.entries_max)
		return err_set(e, ERR_LIMIT, "zip: more than %llu entries",
			       (unsigned long long)z->index);
	if (fill_window(z, ZIP_CENTRAL, &data, e) < 0)
		return -1;
	len = parse_entry(z, data, &entry);
	if (!len && data.len < ZIP_WINDOW) {
		/* it may go on behind the window */
		if (fill_window(z, ZIP_CENTRAL + 3 * 65535, &data, e) < 0)
			return -1;
		len = parse_entry(z, data, &entry);
	}
	if (!len)
		return bad_directory(z, e);
	if (entry.name.len > z->options.name_max)
		return err_set(e, ERR_LIMIT, "zip: a name of %zu bytes", entry.name.len);
	z->at += len;
	z->index++;
	*ret = entry;
	return 1;
}

int zip_find(struct zip *z, struct str name, struct zip_entry *ret, struct err *e)
{
	struct zip_entry entry;
	int r;

	zip_rewind(z);
	while ((r = zip_next(z, &entry, e)) > 0) {
		if (str_eq(entry.name, name)) {
			*ret = entry;
			return 1;
		}
	}
	return r;
}
