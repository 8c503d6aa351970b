/*
 * The broker's half of listing.h: names and attributes of everything below a folder. The folder may
 * be an unpacked hostile image: no link is ever followed, no recursion, limits on everything. What
 * other processes change meanwhile is seen or not; nothing here relies on it staying.
 */
#include "image/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Bytes of names and records: 2 million entries of 100 bytes are 330 MB. */
enum { NAMES_MAX = 1 << 20, LOOK_UP_EVERY = 256 };
static const uint64_t listing_max = 1ULL << 30;

/* One open folder: its names, sorted, and how far we are. */
struct level {
	int fd;
	dev_t device;
	char *names; /* NUL-terminated, one behind the other */
	const char **sorted;
	size_t count, next;
	size_t path_len; /* of the folder's path */
	uint64_t index;	 /* of the folder's record */
};

struct maker {
	const struct listing_limits *limits;
	VEC(struct level) levels;
	struct buf records, text;
	uint64_t count;
	bool cut;
};

static void add_record(struct maker *m, const struct listing_record *r)
{
	struct buf *b = &m->records;

	buf_add_u32(b, r->depth);
	buf_add_char(b, (char)r->type);
	buf_add_char(b, (char)r->note);
	buf_add_char(b, (char)(r->mode & 0xff));
	buf_add_char(b, (char)(r->mode >> 8));
	buf_add_u32(b, r->uid);
	buf_add_u32(b, r->gid);
	buf_add_u32(b, r->dev_major);
	buf_add_u32(b, r->dev_minor);
	buf_add_u64(b, r->size);
	buf_add_u64(b, (uint64_t)r->mtime);
	buf_add_u64(b, r->name);
	buf_add_u64(b, r->link);
	buf_add_u64(b, r->parent);
	m->count++;
}

static uint64_t add_text(struct maker *m, struct str s)
{
	uint64_t at = m->text.len;

	s = str_to(s, 0xffff);
	buf_add(&m->text, s);
	return at << 16 | s.len;
}

/* --- one folder ---------------------------------------------------------------------------------
 */

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_names(DIR *dir, struct buf *names, size_t *ret_count, struct err *e)
{
	const struct dirent *d;

	*ret_count = 0;
	for (errno = 0; (d = readdir(dir)); errno = 0) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		buf_add(names, str_make(d->d_name, strlen(d->d_name) + 1));
		++*ret_count;
	}
	if (buf_failed(names))
		return err_set(e, ERR_LIMIT, "a folder has too many entries");
	return errno ? err_set_errno(e, errno, "readdir") : 0;
}

static int sort_names(struct level *l, struct err *e)
{
	const char *at = l->names;

	l->sorted = mem_zero(l->count + 1, sizeof(*l->sorted));
	if (!l->sorted)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < l->count; i++) {
		l->sorted[i] = at;
		at += strlen(at) + 1;
	}
	if (l->count)
		qsort(l->sorted, l->count, sizeof(*l->sorted), by_bytes);
	return 0;
}

static void close_level(struct level *l)
{
	if (l->fd >= 0)
		close(l->fd);
	mem_free(l->names);
	mem_free(l->sorted);
}

/* Takes fd, also on failure. */
static int open_level(struct maker *m, int fd, size_t path_len, uint64_t index, struct err *e)
{
	struct level l = {.fd = fd, .path_len = path_len, .index = index};
	struct buf names = {.max = 256 << 20};
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
	struct level *slot;
	struct stat st;
	int r = dir && fstat(fd, &st) == 0 ? 0 : err_set_errno(e, errno, "the folder");

	if (!dir && copy >= 0)
		close(copy);
	if (r == 0)
		l.device = st.st_dev;
	if (r == 0)
		r = read_names(dir, &names, &l.count, e);
	if (dir)
		closedir(dir);
	l.names = names.data;
	if (r == 0)
		r = sort_names(&l, e);
	slot = r == 0 ? vec_push(&m->levels) : NULL;
	if (!slot) {
		close_level(&l);
		return r < 0 ? -1 : ERR_NOMEM(e);
	}
	*slot = l;
	return 0;
}

/* --- one entry ----------------------------------------------------------------------------------
 */

static enum entry_type type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return ENTRY_DIR;
	case S_IFLNK:
		return ENTRY_SYMLINK;
	case S_IFCHR:
		return ENTRY_CHAR;
	case S_IFBLK:
		return ENTRY_BLOCK;
	case S_IFREG:
		return ENTRY_FILE;
	default: /* a socket is as much without content as a pipe */
		return ENTRY_FIFO;
	}
}

/* File systems that the kernel makes up: reading them is endless, or not reading at all. */
static bool made_up(int fd)
{
	static const long magics[] = {
		0x9fa0,		  /* proc */
		0x62656572,	  /* sysfs */
		0x1cd1,		  /* devpts */
		0x64626720,	  /* debugfs */
		0x74726163,	  /* tracefs */
		0x27e0eb,	  /* cgroup */
		0x63677270,	  /* cgroup2 */
		0x73636673,	  /* securityfs */
		0xcafe4a11,	  /* bpf */
		0x6165676c,	  /* pstore */
		0x62656570,	  /* configfs */
		0x19800202,	  /* mqueue */
		0x958458f6,	  /* hugetlbfs */
		0x65735543,	  /* fusectl */
		0x42494e4d,	  /* binfmt_misc */
		(long)0xde5e81e4, /* efivarfs */
		0x6e736673,	  /* nsfs */
	};
	struct statfs s;

	if (fstatfs(fd, &s) < 0)
		return false;
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if ((s.f_type & 0xffffffff) == (magics[i] & 0xffffffff))
			return true;
	return false;
}

/* Opens a folder to go on in it, or says why not. */
static int enter(struct maker *m, const char *name, const struct stat *st, size_t path_len,
		 struct listing_record *r, struct err *e)
{
	const struct level *l = &m->levels.items[m->levels.count - 1];
	int fd;

	if (path_len > m->limits->path_max || m->levels.count > m->limits->depth_max) {
		r->note = LISTING_TOO_DEEP;
		return -1;
	}
	fd = openat(l->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		(void)e;
		r->note = LISTING_UNREADABLE;
		return -1;
	}
	if (st->st_dev != l->device && made_up(fd)) {
		r->note = LISTING_OTHER_KIND;
		close(fd);
		return -1;
	}
	return fd;
}

static int take_entry(struct maker *m, const char *name, struct err *e)
{
	const struct level *l = &m->levels.items[m->levels.count - 1];
	size_t path_len = l->path_len + (l->path_len > 0) + strlen(name);
	struct listing_record r = {.depth = (uint32_t)m->levels.count, .parent = l->index};
	char link[4096];
	struct stat st;
	ssize_t n;
	int fd = -1;

	if (fstatat(l->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT)
			return 0;
		/* a folder that may be listed but not searched: names without anything */
		r.type = ENTRY_DIR;
		r.note = LISTING_UNREADABLE;
		r.name = add_text(m, str_of(name));
		add_record(m, &r);
		return 0;
	}
	r.type = (uint8_t)type_of(st.st_mode);
	r.mode = (uint16_t)(st.st_mode & 07777);
	r.uid = st.st_uid;
	r.gid = st.st_gid;
	r.dev_major = major(st.st_rdev);
	r.dev_minor = minor(st.st_rdev);
	r.size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	r.mtime = st.st_mtime;
	r.name = add_text(m, str_of(name));
	if (S_ISLNK(st.st_mode) && (n = readlinkat(l->fd, name, link, sizeof(link))) >= 0)
		r.link = add_text(m, str_make(link, (size_t)n));
	if (S_ISDIR(st.st_mode))
		fd = enter(m, name, &st, path_len, &r, e);
	else if (path_len > m->limits->path_max)
		r.note = LISTING_TOO_DEEP;
	if (m->limits->entries_max && m->count + 1 >= m->limits->entries_max) {
		r.note = LISTING_CUT;
		m->cut = true;
	}
	add_record(m, &r);
	if (fd < 0)
		return 0;
	if (m->cut) {
		close(fd);
		return 0;
	}
	/* a folder that opens but cannot be read is as bad as one that does not open */
	if (open_level(m, fd, path_len, m->count - 1, e) < 0) {
		m->records.data[m->records.len - LISTING_RECORD + 5] = LISTING_UNREADABLE;
		if (e)
			e->code = ERR_NONE;
	}
	return 0;
}

static bool interrupted(const struct maker *m)
{
	return m->limits->interrupted && *m->limits->interrupted;
}

static int walk(struct maker *m, struct err *e)
{
	unsigned steps = 0;

	while (m->levels.count && !m->cut) {
		struct level *l = &m->levels.items[m->levels.count - 1];

		if (l->next == l->count) {
			close_level(l);
			m->levels.count--;
			continue;
		}
		if (steps++ % LOOK_UP_EVERY == 0 && interrupted(m))
			return err_set(e, ERR_CANCELLED, "interrupted");
		if (take_entry(m, l->sorted[l->next++], e) < 0)
			return -1;
		if (buf_failed(&m->records) || buf_failed(&m->text))
			return err_set(e, ERR_LIMIT, "the folder has too many entries");
	}
	return 0;
}

/* --- the memory file ----------------------------------------------------------------------------
 */

static int write_all(int fd, struct str s, struct err *e)
{
	while (s.len) {
		ssize_t n = write(fd, s.data, s.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(e, errno, "the listing");
		s = str_from(s, (size_t)n);
	}
	return 0;
}

static int seal(struct maker *m, int *ret_fd, uint64_t *ret_size, struct err *e)
{
	enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL };
	CLEANUP(buf_done) struct buf head = BUF_INIT;
	int fd = memfd_create("listing", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return err_set_errno(e, errno, "the listing");
	buf_add(&head, STR("PLIMLST1"));
	buf_add_u64(&head, m->count);
	buf_add_u64(&head, LISTING_HEAD + m->records.len);
	if (buf_failed(&head) || write_all(fd, buf_str(&head), e) < 0 ||
	    write_all(fd, buf_str(&m->records), e) < 0 || write_all(fd, buf_str(&m->text), e) < 0 ||
	    fcntl(fd, F_ADD_SEALS, SEALS) < 0) {
		close(fd);
		return e && e->code ? -1 : err_set(e, ERR_IO, "the listing cannot be made");
	}
	*ret_fd = fd;
	*ret_size = LISTING_HEAD + m->records.len + m->text.len;
	return 0;
}

int listing_make(int folder, const struct listing_limits *limits, int *ret_fd, uint64_t *ret_size,
		 struct err *e)
{
	struct maker m = {
		.limits = limits, .records = {.max = listing_max}, .text = {.max = listing_max}};
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? err_set_errno(e, errno, "the folder cannot be read")
		       : open_level(&m, fd, 0, UINT64_MAX, e);

	if (r == 0)
		r = walk(&m, e);
	if (r == 0)
		r = seal(&m, ret_fd, ret_size, e);
	while (m.levels.count)
		close_level(&m.levels.items[--m.levels.count]);
	vec_done(&m.levels);
	buf_done(&m.records);
	buf_done(&m.text);
	return r;
}

/* --- paths by number ----------------------------------------------------------------------------
 */

static bool read_at(int fd, void *buf, size_t len, uint64_t offset)
{
	return pread(fd, buf, len, (off_t)offset) == (ssize_t)len;
}

static uint64_t le(const unsigned char *p, int bytes)
{
	uint64_t v = 0;

	for (int i = bytes - 1; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

int listing_path(int listing, uint64_t index, struct buf *ret_path, struct err *e)
{
	unsigned char head[LISTING_HEAD], record[LISTING_RECORD];
	VEC(uint64_t) names = {0};
	uint64_t count, text;
	int r = 0;

	if (!read_at(listing, head, sizeof(head), 0))
		return err_set(e, ERR_IO, "the listing cannot be read");
	count = le(head + 8, 8);
	text = le(head + 16, 8);
	if (index >= count)
		return err_set(e, ERR_NOT_FOUND, "no such entry");
	/* a parent stands before its entries, so this ends */
	for (uint64_t before = UINT64_MAX; r == 0 && index < before && index < count;) {
		uint64_t *slot = vec_push(&names);

		if (!slot)
			r = ERR_NOMEM(e);
		else if (!read_at(listing, record, sizeof(record),
				  LISTING_HEAD + index * LISTING_RECORD))
			r = err_set(e, ERR_IO, "the listing cannot be read");
		if (slot)
			*slot = le(record + 40, 8);
		before = index;
		index = le(record + 56, 8);
	}
	while (r == 0 && names.count) {
		uint64_t name = names.items[--names.count];
		char bytes[0x10000];

		if (!read_at(listing, bytes, name & 0xffff, text + (name >> 16)))
			r = err_set(e, ERR_IO, "the listing cannot be read");
		if (ret_path->len)
			buf_add_char(ret_path, '/');
		buf_add(ret_path, str_make(bytes, name & 0xffff));
	}
	vec_done(&names);
	if (r == 0 && buf_failed(ret_path))
		r = ERR_NOMEM(e);
	return r;
}
