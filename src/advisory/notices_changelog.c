#include "advisory/notices_changelog.h"

#include <unistd.h>

#include "archive/ar.h"
#include "archive/tar.h"

/* What one file may unpack to: the linux packaging archive is about 60 MiB. */
enum { UNPACKED_MAX = 1 << 30 };

static const char *const packings[] = {".xz", ".gz", ".bz2", ".zst", ".lzma", ""};

/* name + one of the codec suffixes */
static bool ends_packed(struct str name, const char *ending)
{
	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++) {
		struct str base = name;

		if (!str_ends(base, str_of(packings[i])))
			continue;
		base.len -= strlen(packings[i]);
		if (str_ends(base, str_of(ending)))
			return true;
	}
	return false;
}

const struct index_file *changelog_file(const struct source_entry *s)
{
	const struct index_file *native = NULL;

	for (size_t i = 0; i < s->files.count; i++) {
		struct str name = s->files.items[i].path;

		if (ends_packed(name, ".debian.tar") || ends_packed(name, ".diff"))
			return &s->files.items[i];
		if (ends_packed(name, ".tar") && !ends_packed(name, ".orig.tar") &&
		    str_find(name, STR(".orig-")) < 0)
			native = &s->files.items[i];
	}
	return native;
}

static int open_decoded(int fd, uint64_t offset, uint64_t len, struct budget *budget,
			struct stream **ret, struct err *e)
{
	const struct codec *codec;
	struct stream *s = stream_open_fd(fd, false, offset, len, e);

	if (s)
		s = stream_open_decoded(s, budget, &codec, e);
	if (s)
		s = stream_open_limit(s, UNPACKED_MAX, e);
	if (!s)
		return -1;
	*ret = s;
	return 0;
}

/* --- a tar: source packages, and data.tar of a .deb
 * --------------------------------------------------- */

/* "debian/changelog", or one folder below the top of a native package */
static int source_rank(struct str path)
{
	if (str_is(path, "debian/changelog"))
		return 2;
	if (!str_ends(path, STR("/debian/changelog")))
		return 0;
	path.len -= strlen("/debian/changelog");
	return str_find_char(path, '/') < 0 ? 1 : 0;
}

/* "usr/share/doc/PACKAGE/changelog.Debian.gz", not in a folder below */
static int binary_rank(struct str path)
{
	struct str package;

	if (!str_skip(&path, STR("usr/share/doc/")) || !str_next(&path, '/', &package))
		return 0;
	if (str_is(path, "changelog.Debian.gz") || str_is(path, "changelog.Debian"))
		return 2;
	return str_is(path, "changelog.gz") || str_is(path, "changelog") ? 1 : 0;
}

static int from_tar(struct stream *s, int (*rank)(struct str path), struct arena *a,
		    struct str *ret, struct err *e)
{
	struct tar_options options = tar_options_default;
	struct tar_entry entry;
	int best = 0, r;
	struct tar *t;

	t = tar_open(s, &options, e);
	if (!t)
		return -1;
	while (best < 2 && (r = tar_next(t, &entry, e)) > 0) {
		int n = entry.entry.type == ENTRY_FILE ? rank(entry.entry.path) : 0;

		if (n <= best)
			continue;
		r = tar_read_all(t, a, CHANGELOG_MAX, ret, e);
		if (r < 0)
			break;
		best = n;
	}
	tar_close(t);
	if (best)
		return 0;
	return r < 0 ? r : err_set(e, ERR_NOT_FOUND, "no changelog inside");
}

/* --- a diff: old source packages
 * ------------------------------------------------------------------------ */

static bool starts_changelog(struct str line)
{
	ptrdiff_t tab;

	if (!str_skip(&line, STR("+++ ")))
		return false;
	tab = str_find_char(line, '\t');
	if (tab >= 0)
		line = str_to(line, (size_t)tab);
	return str_ends(line, STR("/debian/changelog"));
}

/* The added lines of the one file; everything before its "+++" and behind the next "--- " is other.
 */
static int from_diff(struct stream *s, struct arena *a, struct str *ret, struct err *e)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct str text, line;
	bool inside = false, seen = false;

	if (stream_read_all(s, a, 4 * CHANGELOG_MAX, &text, e) < 0)
		return -1;
	out.max = CHANGELOG_MAX;
	while (str_next_line(&text, &line)) {
		if (str_starts(line, STR("--- "))) {
			inside = false;
		} else if (!inside && !seen && starts_changelog(line)) {
			inside = seen = true;
		} else if (inside && line.len && line.data[0] == '+') {
			buf_add(&out, str_from(line, 1));
			buf_add_char(&out, '\n');
		}
	}
	if (!seen)
		return err_set(e, ERR_NOT_FOUND, "no changelog inside");
	*ret = arena_str(a, buf_str(&out));
	return buf_failed(&out) || !ret->data ? ERR_NOMEM(e) : 0;
}

/* --- a .deb
 * ------------------------------------------------------------------------------------------------
 */

static bool is_data(const struct ar_member *m)
{
	return strncmp(m->name, "data.tar", 8) == 0;
}

static int gunzip_text(struct arena *a, struct budget *budget, struct str *text, struct err *e)
{
	const struct codec *codec;
	struct stream *s = stream_open_memory(*text, e);
	int r;

	if (s)
		s = stream_open_decoded(s, budget, &codec, e);
	if (!s)
		return -1;
	r = stream_read_all(s, a, CHANGELOG_MAX, text, e);
	stream_close(s);
	return r;
}

static int from_deb(int fd, struct arena *a, struct budget *budget, struct str *ret, struct err *e)
{
	struct ar_member data;
	struct stream *s;
	int r = ar_find(fd, is_data, &data, e);

	if (r == 0)
		r = err_set(e, ERR_FORMAT, "no data.tar inside");
	if (r < 0 || open_decoded(fd, data.offset, data.size, budget, &s, e) < 0)
		return -1;
	r = from_tar(s, binary_rank, a, ret, e);
	stream_close(s);
	return r < 0 ? r : gunzip_text(a, budget, ret, e);
}

int changelog_extract(int fd, struct str name, struct arena *a, struct budget *budget,
		      struct str *ret, struct err *e)
{
	struct stream *s;
	struct str text;
	int r;

	if (str_ends(name, STR(".deb"))) {
		r = from_deb(fd, a, budget, &text, e);
	} else if (open_decoded(fd, 0, UINT64_MAX, budget, &s, e) < 0) {
		r = -1;
	} else {
		r = ends_packed(name, ".diff") ? from_diff(s, a, &text, e)
					       : from_tar(s, source_rank, a, &text, e);
		stream_close(s);
	}
	close(fd);
	if (r == 0)
		*ret = text;
	return r;
}
