/*
 * The members of an image archive by name, as they would lie in a folder after an extraction: the
 * last of a name wins, a hardlink is the body that its target had at that time, symlinks are
 * followed inside the archive and ".." stops at its root.
 */
#include "image/walk.h"

/* An image of 500 layers has 2,000 members; a root file system may have millions. */
enum { MEMBERS_MAX = 65536, HOPS_MAX = 40 };

void members_init(struct members *m, struct arena *arena)
{
	*m = (struct members){.arena = arena};
	map_init(&m->names, arena->budget);
}

void members_done(struct members *m)
{
	vec_done(&m->list);
	map_done(&m->names);
}

static size_t find(const struct members *m, struct str name)
{
	return name.data ? (size_t)(uintptr_t)map_find(&m->names, name) - 1 : SIZE_MAX;
}

bool members_decides(struct str name)
{
	return str_is(name, "manifest.json") || str_is(name, "oci-layout") ||
	       str_is(name, "index.json") || str_is(name, "repositories");
}

bool members_tell_image(struct str path)
{
	uint8_t bytes[32];

	return str_starts(path, STR("blobs/sha256/")) || str_ends(path, STR("/layer.tar")) ||
	       (path.len >= 64 && str_parse_hex(str_to(path, 64), bytes, sizeof(bytes)));
}

static enum member_type type_of(enum entry_type type)
{
	if (type == ENTRY_FILE || type == ENTRY_HARDLINK)
		return MEMBER_FILE;
	return type == ENTRY_SYMLINK ? MEMBER_SYMLINK : MEMBER_OTHER;
}

static int add(struct members *m, const struct member *member, size_t *ret_index, struct err *e)
{
	struct member *slot = vec_push(&m->list);
	void **value;

	if (!slot)
		return ERR_NOMEM(e);
	*slot = *member;
	slot->name = arena_str(m->arena, member->name);
	slot->link = arena_str(m->arena, member->link);
	value = slot->name.data && slot->link.data ? map_put(&m->names, slot->name) : NULL;
	if (!value)
		return ERR_NOMEM(e);
	*value = (void *)(uintptr_t)m->list.count;
	*ret_index = m->list.count - 1;
	return 0;
}

int members_add(struct members *m, const struct tar_entry *t, size_t *ret_index, struct err *e)
{
	struct member member = {
		.type = type_of(t->entry.type),
		.name = t->entry.path,
		.link = t->entry.type == ENTRY_SYMLINK ? t->entry.link : STR(""),
		.sparse = t->sparse,
		.offset = t->body_offset,
		.size = t->entry.size,
		.same_as = m->list.count,
	};

	*ret_index = SIZE_MAX;
	if (!member.name.len)
		return 0;
	if (m->list.count >= MEMBERS_MAX && !members_decides(member.name)) {
		m->overflow = true;
		return 0;
	}
	if (t->entry.type == ENTRY_HARDLINK) {
		size_t target = find(m, t->entry.link);

		/* to nothing: an extraction would have failed; here it is a name that leads nowhere
		 */
		if (target == SIZE_MAX)
			member.type = MEMBER_OTHER;
		else
			member.same_as = m->list.items[target].same_as;
		if (target != SIZE_MAX && m->list.items[target].type != MEMBER_FILE)
			member.type = MEMBER_OTHER;
	}
	return add(m, &member, ret_index, e);
}

/* --- names --------------------------------------------------------------------------------------
 */

/* The path so far, and what is still to be walked. */
struct resolution {
	struct buf done, rest;
	unsigned hops;
};

static void step_up(struct resolution *r)
{
	ptrdiff_t slash = str_find_last_char(buf_str(&r->done), '/');

	r->done.len = slash < 0 ? 0 : (size_t)slash;
}

/* The target before what was still to be walked. */
static int follow(struct resolution *r, const struct member *link, struct err *e)
{
	struct buf rest = {.max = r->rest.max, .budget = r->rest.budget};

	if (++r->hops > HOPS_MAX)
		return err_set(e, ERR_FORMAT, "is a link that leads round in a circle");
	buf_add(&rest, link->link);
	buf_add_char(&rest, '/');
	buf_add(&rest, buf_str(&r->rest));
	if (buf_failed(&rest)) {
		buf_done(&rest);
		return err_set(e, ERR_LIMIT, "is a link to a path that is too long");
	}
	buf_done(&r->rest);
	r->rest = rest;
	step_up(r);
	if (link->link.len && link->link.data[0] == '/')
		r->done.len = 0;
	return 0;
}

/* One component; *ret_index is the member that the path so far names, or SIZE_MAX. */
static int walk_component(const struct members *m, struct resolution *r, struct str part,
			  size_t *ret_index, struct err *e)
{
	if (!part.len || str_is(part, "."))
		return 0;
	if (str_is(part, "..")) {
		step_up(r);
		*ret_index = find(m, buf_str(&r->done));
		return 0;
	}
	if (r->done.len)
		buf_add_char(&r->done, '/');
	buf_add(&r->done, part);
	if (buf_failed(&r->done))
		return err_set(e, ERR_LIMIT, "leads to a path that is too long");
	*ret_index = find(m, buf_str(&r->done));
	if (*ret_index == SIZE_MAX || m->list.items[*ret_index].type != MEMBER_SYMLINK)
		return 0;
	if (follow(r, &m->list.items[*ret_index], e) < 0)
		return -1;
	*ret_index = SIZE_MAX;
	return 0;
}

static struct str take_component(struct buf *rest)
{
	struct str s = buf_str(rest);
	ptrdiff_t slash = str_find_char(s, '/');

	return slash < 0 ? s : str_to(s, (size_t)slash);
}

static int resolve(const struct members *m, struct resolution *r, size_t *ret_index, struct err *e)
{
	char part[4096];

	*ret_index = SIZE_MAX;
	while (r->rest.len) {
		struct str next = take_component(&r->rest);
		size_t len = next.len, taken = len + (len < r->rest.len);

		if (len >= sizeof(part))
			return err_set(e, ERR_LIMIT, "has a component that is too long");
		memcpy(part, next.data, len);
		memmove(r->rest.data, r->rest.data + taken, r->rest.len - taken);
		r->rest.len -= taken;
		if (walk_component(m, r, str_make(part, len), ret_index, e) < 0)
			return -1;
	}
	if (*ret_index == SIZE_MAX)
		return err_set(e, ERR_NOT_FOUND, "is not in the archive");
	if (m->list.items[*ret_index].type != MEMBER_FILE)
		return err_set(e, ERR_FORMAT, "is no regular file");
	*ret_index = m->list.items[*ret_index].same_as;
	return 0;
}

int members_resolve(const struct members *m, struct str name, size_t *ret_index, struct err *e)
{
	enum { LONGEST = 4096 };
	struct resolution r = {.done = {.max = LONGEST}, .rest = {.max = (size_t)2 * LONGEST}};
	size_t found = SIZE_MAX;
	int result;

	buf_add(&r.rest, name);
	result = buf_failed(&r.rest) ? err_set(e, ERR_LIMIT, "is too long")
				     : resolve(m, &r, &found, e);
	buf_done(&r.done);
	buf_done(&r.rest);
	if (result == 0)
		*ret_index = found;
	return result;
}
