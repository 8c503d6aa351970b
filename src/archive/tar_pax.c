/*
 * The records of a pax header: "LENGTH KEY=VALUE\n", the length in decimal and counting itself. One
 * invalid record makes the archive invalid, as for Go. Keys that change nothing here are passed
 * over.
 */
#include "archive/tar_parts.h"

bool tar_decimal(struct str s, int64_t *ret)
{
	bool negative = s.len && s.data[0] == '-';
	uint64_t value;

	if (s.len && (s.data[0] == '-' || s.data[0] == '+'))
		s = str_from(s, 1);
	if (!str_parse_u64(s, &value) || value > (uint64_t)INT64_MAX + negative)
		return false;
	*ret = negative ? (int64_t)(0 - value) : (int64_t)value;
	return true;
}

bool tar_pax_time(struct str s, int64_t *ret)
{
	ptrdiff_t point = str_find_char(s, '.');
	struct str fraction = point < 0 ? STR_NULL : str_from(s, (size_t)point + 1);

	for (size_t i = 0; i < fraction.len; i++)
		if (fraction.data[i] < '0' || fraction.data[i] > '9')
			return false;
	return tar_decimal(point < 0 ? s : str_to(s, (size_t)point), ret);
}

/* Takes one record off the front; false when it is invalid. */
static bool next_record(struct str *rest, struct str *ret_key, struct str *ret_value)
{
	ptrdiff_t space = str_find_char(*rest, ' '), equals;
	struct str record;
	int64_t len;

	if (space < 0 || !tar_decimal(str_to(*rest, (size_t)space), &len) || len < 5 ||
	    (uint64_t)len > rest->len || len <= space + 1)
		return false;
	record = str_sub(*rest, (size_t)space + 1, (size_t)len);
	if (record.data[record.len - 1] != '\n')
		return false;
	record.len--;
	equals = str_find_char(record, '=');
	if (equals <= 0)
		return false;
	*ret_key = str_to(record, (size_t)equals);
	*ret_value = str_from(record, (size_t)equals + 1);
	*rest = str_from(*rest, (size_t)len);
	return true;
}

/* Names may hold no NUL, other values may; keys never. */
static bool nul_rules(struct str key, struct str value)
{
	bool name = str_is(key, "path") || str_is(key, "linkpath") || str_is(key, "uname") ||
		    str_is(key, "gname");

	return str_find_char(name ? value : key, '\0') < 0;
}

/* Records that are kept by key. */
static struct str *place(struct tar_pax *p, struct str key)
{
	const struct {
		struct str key;
		struct str *value;
	} places[] = {
		{STR_INIT("path"), &p->path},
		{STR_INIT("linkpath"), &p->linkpath},
		{STR_INIT("size"), &p->size},
		{STR_INIT("uid"), &p->uid},
		{STR_INIT("gid"), &p->gid},
		{STR_INIT("mtime"), &p->mtime},
		{STR_INIT("atime"), &p->atime},
		{STR_INIT("ctime"), &p->ctime},
		{STR_INIT("GNU.sparse.major"), &p->sparse_major},
		{STR_INIT("GNU.sparse.minor"), &p->sparse_minor},
		{STR_INIT("GNU.sparse.name"), &p->sparse_name},
		{STR_INIT("GNU.sparse.size"), &p->sparse_size},
		{STR_INIT("GNU.sparse.realsize"), &p->sparse_realsize},
		{STR_INIT("GNU.sparse.map"), &p->sparse_map},
		{STR_INIT("GNU.sparse.numblocks"), &p->sparse_numblocks},
		{STR_INIT("SCHILY.xattr.security.capability"), &p->capability},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (str_eq(places[i].key, key))
			return places[i].value;
	return NULL;
}

/* Offset, length, offset, ...: in this order only. */
static bool add_pair(struct buf *pairs, bool offset, struct str value)
{
	bool offset_is_next = pairs->len / sizeof(int64_t) % 2 == 0;
	int64_t number;

	if (offset != offset_is_next || !tar_decimal(value, &number))
		return false;
	buf_add(pairs, str_make(&number, sizeof(number)));
	return !buf_failed(pairs);
}

static bool is_time(struct str key)
{
	return str_is(key, "mtime") || str_is(key, "atime") || str_is(key, "ctime");
}

static bool take_record(struct tar_pax *p, struct str key, struct str value, struct buf *pairs)
{
	struct str *at = place(p, key);
	bool xattr = str_starts(key, STR("SCHILY.xattr."));

	if (str_is(key, "GNU.sparse.offset") || str_is(key, "GNU.sparse.numbytes")) {
		p->matters = true;
		return add_pair(pairs, str_is(key, "GNU.sparse.offset"), value);
	}
	if (at)
		*at = value;
	p->xattrs |= xattr && value.len;
	if (str_is(key, "SCHILY.realsize"))
		p->schily_size = p->matters = true;
	if ((at && !is_time(key)) || xattr) {
		p->matters = true;
		p->empty |= value.len == 0 && !xattr;
	}
	return true;
}

const char *tar_pax_parse(struct str records, struct tar_pax *ret, struct buf *pairs)
{
	struct tar_pax p = {.any = true};

	buf_clear(pairs);
	while (records.len) {
		struct str key, value;

		if (!next_record(&records, &key, &value) || !nul_rules(key, value) ||
		    !take_record(&p, key, value, pairs))
			return "a pax record is invalid";
	}
	*ret = p;
	return NULL;
}
