/* The worker's half of listing.h. */
#include "base/cur.h"
#include "image/listing.h"

static struct listing_record read_record(struct str bytes)
{
	struct cur c = cur_of(bytes);
	struct listing_record r = {0};

	r.depth = cur_le32(&c);
	r.type = cur_u8(&c);
	r.note = cur_u8(&c);
	r.mode = cur_le16(&c);
	r.uid = cur_le32(&c);
	r.gid = cur_le32(&c);
	r.dev_major = cur_le32(&c);
	r.dev_minor = cur_le32(&c);
	r.size = cur_le64(&c);
	r.mtime = (int64_t)cur_le64(&c);
	r.name = cur_le64(&c);
	r.link = cur_le64(&c);
	return r;
}

static bool take_text(struct str text, uint64_t where, struct str *ret)
{
	uint64_t offset = where >> 16, len = where & 0xffff;

	if (offset > text.len || len > text.len - offset)
		return false;
	*ret = str_make(text.data + offset, (size_t)len);
	return true;
}

int listing_open(struct listing *l, struct str data, struct err *e)
{
	struct cur c = cur_of(data);
	struct str magic = cur_take(&c, 8);
	uint64_t count = cur_le64(&c), text = cur_le64(&c);

	*l = (struct listing){.data = data, .count = count};
	if (c.bad || !str_is(magic, "PLIMLST1") || text > data.len || text < LISTING_HEAD ||
	    count != (text - LISTING_HEAD) / LISTING_RECORD ||
	    (text - LISTING_HEAD) % LISTING_RECORD)
		return err_set(e, ERR_FORMAT, "the listing of the folder is malformed");
	l->text = str_from(data, (size_t)text);
	return 0;
}

void listing_close(struct listing *l)
{
	buf_done(&l->path);
	vec_done(&l->ends);
}

static bool valid_name(struct str name)
{
	return name.len && !memchr(name.data, '/', name.len) &&
	       !memchr(name.data, '\0', name.len) && !str_is(name, ".") && !str_is(name, "..");
}

/* The path of the parent at this depth, then the name. */
static int set_path(struct listing *l, uint32_t depth, struct str name, struct err *e)
{
	size_t *end;

	if (depth == 0 || depth > l->ends.count + 1)
		return err_set(e, ERR_FORMAT,
			       "the listing of the folder has an entry without parent");
	l->ends.count = depth - 1;
	l->path.len = depth > 1 ? l->ends.items[depth - 2] : 0;
	if (depth > 1)
		buf_add_char(&l->path, '/');
	buf_add(&l->path, name);
	end = vec_push(&l->ends);
	if (!end || buf_failed(&l->path))
		return ERR_NOMEM(e);
	*end = l->path.len;
	return 0;
}

int listing_next(struct listing *l, struct entry *ret, enum listing_note *ret_note, struct err *e)
{
	struct listing_record r;
	struct str name, link;

	if (l->next >= l->count)
		return 0;
	r = read_record(str_sub(l->data, LISTING_HEAD + (size_t)l->next * LISTING_RECORD,
				LISTING_HEAD + ((size_t)l->next + 1) * LISTING_RECORD));
	if (r.type >= ENTRY_TYPES || r.note >= LISTING_NOTES || r.mode > 07777 ||
	    !take_text(l->text, r.name, &name) || !take_text(l->text, r.link, &link) ||
	    !valid_name(name))
		return err_set(e, ERR_FORMAT,
			       "the listing of the folder is malformed at entry %llu",
			       (unsigned long long)l->next);
	if (set_path(l, r.depth, name, e) < 0)
		return -1;
	*ret = (struct entry){
		.type = (enum entry_type)r.type,
		.path = buf_str(&l->path),
		.link = link,
		.mode = r.mode,
		.uid = r.uid,
		.gid = r.gid,
		.dev_major = r.dev_major,
		.dev_minor = r.dev_minor,
		.size = r.type == ENTRY_FILE ? r.size : 0,
		.mtime = r.mtime,
		.offset = l->next,
	};
	*ret_note = (enum listing_note)r.note;
	l->next++;
	return 1;
}
